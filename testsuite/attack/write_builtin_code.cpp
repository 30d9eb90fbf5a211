// SPDX-License-Identifier: MIT
// Attack: write into a trampoline of the built-in table.
// Level: W
// Ends: SIGSEGV
// Weakened: nothing to take away: it is the library's text
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim;
  write_jump(static_cast<unsigned char *>(victim.code));
  victim.finish();
}
