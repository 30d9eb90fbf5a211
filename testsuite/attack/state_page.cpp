// SPDX-License-Identifier: MIT
// Attack: switch the policy in force to `open'.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim;
  static_cast<ffi::glue::State *>(ffi_test_address(0))->policy = ffi::glue::Policy::open;
  victim.closure->fun = attacker_function;
  victim.finish();
}
