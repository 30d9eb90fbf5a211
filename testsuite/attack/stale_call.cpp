// SPDX-License-Identifier: MIT
// Attack: call a closure that was freed, through a pointer that somebody kept.
// Level: none, a bug of the program
// Ends: abort: freed closure called
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim(attacker_function);
  ffi_closure_free(victim.closure);
  victim.finish();
}
