// SPDX-License-Identifier: MIT
// Attack: overwrite the fields of the public ffi_closure.
// Level: W
// Ends: unharmed
// Weakened: public
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim;
  static ffi_cif other = victim.cif;
  victim.closure->fun = attacker_function;
  victim.closure->cif = &other;
  victim.closure->user_data = nullptr;
  victim.finish();
}
