// SPDX-License-Identifier: MIT
// Attack: have a kept pointer to a freed closure lead to the next closure that is made.
// Level: none, a bug of the program
// Ends: abort: freed closure called
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim stale;
  ffi_closure_free(stale.closure);
  const Victim next(attacker_function);
  stale.finish();
}
