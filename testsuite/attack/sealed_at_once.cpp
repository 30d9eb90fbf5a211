// SPDX-License-Identifier: MIT
// Attack: overwrite a record after the program asked for all of them to be sealed.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  new Victim;
  const Victim victim;
  ffi_hardened_seal();
  victim.record()->fun = reinterpret_cast<void (*)()>(attacker_function);
  victim.finish();
}
