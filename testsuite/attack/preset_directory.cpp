// SPDX-License-Identifier: MIT
// Attack: before the first closure is made, enter a region into the directory whose bookkeeping is the
//   attacker's.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"
#include "trampfd-glue/directory.h"

int main() {
  using namespace attack;
  static ffi::glue::Page pages[4];
  auto *const directory = const_cast<ffi::glue::Directory *>(
      static_cast<const ffi::glue::Directory *>(ffi_test_address(1)));
  directory->regions[0].pages = pages;
  directory->regions[0].usable = ffi::glue::layout::builtin_usable_slots;
  directory->count = 1;
  end(reached, "the directory is writable");
}
