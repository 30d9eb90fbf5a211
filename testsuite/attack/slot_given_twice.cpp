// SPDX-License-Identifier: MIT
// Attack: mark a live closure's slot as available, so that the next closure is made in it.
// Level: W
// Ends: abort: the bookkeeping of closures was overwritten
// Weakened: unprotected
#include "attack.h"
#include "trampfd-glue/directory.h"

int main() {
  using namespace attack;
  const Victim victim;
  // The bookkeeping of the first region: bit 0 of its first page, and the note of who has slot 0.
  const auto &region = static_cast<const ffi::glue::Directory *>(ffi_test_address(1))->regions[0];
  if (reinterpret_cast<std::uintptr_t>(victim.code) != region.code) end(no_victim);
  region.pages[0].free[0] |= 1;
  ++region.pages[0].available;
  region.closures[0] = nullptr;
  const Victim next(attacker_function);
  if (next.code != victim.code) end(unharmed, "the slot was not given away");
  victim.finish();
}
