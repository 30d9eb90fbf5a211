// SPDX-License-Identifier: MIT
// Attack: overwrite the function in the record of a closure that was just prepared.
// Level: W
// Ends: abort: the record of a closure was overwritten
// Kernel: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim *const victim = young_victim();
  victim->record()->fun = reinterpret_cast<void (*)()>(attacker_function);
  victim->finish();
}
