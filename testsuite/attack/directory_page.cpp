// SPDX-License-Identifier: MIT
// Attack: have the directory say that the records of the first region are somewhere else.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"
#include "trampfd-glue/directory.h"

int main() {
  using namespace attack;
  const Victim victim;
  static Record elsewhere[256];
  auto *const directory = static_cast<ffi::glue::Directory *>(ffi_test_address(1));
  directory->regions[0].records = reinterpret_cast<std::uintptr_t>(elsewhere);
  if (victim.record() == elsewhere) end(reached, "the directory is writable");
  victim.finish();
}
