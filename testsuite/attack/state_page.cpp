// SPDX-License-Identifier: MIT
// Attack: switch the policy in force to `open'.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim;
  auto *const state = static_cast<ffi::glue::State *>(ffi_test_address(0));
  state->policy = ffi::glue::Policy::open;
  state->check_decides = false;
  victim.closure->fun = attacker_function;
  victim.finish();
}
