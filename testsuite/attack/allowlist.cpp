// SPDX-License-Identifier: MIT
// Attack: overwrite a handler in the allowlist.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim;
  auto *const allowlist = static_cast<void (**)()>(ffi_test_address(2));
  for (unsigned i = 1; i < ffi::arch::TableGeometry::record_handlers; ++i) allowlist[i] = attacker;
  victim.finish();
}
