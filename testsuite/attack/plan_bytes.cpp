// SPDX-License-Identifier: MIT
// Attack: overwrite the compiled plan of a closure.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

#include "abi/plan.h"

int main() {
  using namespace attack;
  const Victim victim;
  auto *const plan = static_cast<ffi::Plan *>(const_cast<void *>(victim.record()->plan));
  const_cast<ffi::Move *>(plan->moves())->at += 8;  // another register
  victim.finish();
}
