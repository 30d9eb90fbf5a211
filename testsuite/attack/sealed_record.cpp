// SPDX-License-Identifier: MIT
// Attack: overwrite the function in a record that has aged.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim;
  new Victim;
  usleep(25000);
  new Victim;  // the first binding of another moment seals what was made before
  victim.record()->fun = reinterpret_cast<void (*)()>(attacker_function);
  victim.finish();
}
