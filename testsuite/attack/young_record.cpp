// SPDX-License-Identifier: MIT
// Attack: overwrite the function in the record of a closure that was just prepared.
// Level: W
// Ends: abort: the record of a closure was overwritten
// Kernel: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  new Victim;  // the first binding of a moment seals; the next one is young
  const Victim victim;
  require_young(victim);
  victim.record()->fun = reinterpret_cast<void (*)()>(attacker_function);
  victim.finish();
}
