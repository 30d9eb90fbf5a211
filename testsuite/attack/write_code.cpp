// SPDX-License-Identifier: MIT
// Attack: write into a trampoline of a copied table.
// Level: W
// Ends: SIGSEGV
// Weakened: nothing to take away: no call of the library asks for writable code
#include "attack.h"

int main() {
  using namespace attack;
  const Victim *const victim = victim_in_copy();
  write_jump(static_cast<unsigned char *>(victim->code));
  victim->finish();
}
