// SPDX-License-Identifier: MIT
// Attack: replace the library's file by another one before the library copies its table.
// Level: W to the file system
// Ends: unharmed
// Weakened: descriptor
// Library: private copy
#include "attack.h"

// The program is given a copy of the library of its own, and its path.
int main(int, char **arguments) {
  using namespace attack;
  const Victim first;
  const char *const library = getenv("ATTACK_LIBRARY");
  if (library == nullptr) end(cannot_try, "no library of its own");
  (void)arguments;
  // Another file of the same name and size, all of it the attacker's code.
  if (unlink(library) != 0) end(cannot_try, strerror(errno));
  const int file = open(library, O_RDWR | O_CREAT | O_TRUNC, 0700);
  write_traps(file, 512);
  close(file);
  const Victim *const last = victim_in_copy();
  last->finish();
}
