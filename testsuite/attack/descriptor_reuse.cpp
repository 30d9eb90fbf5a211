// SPDX-License-Identifier: MIT
// Attack: close every descriptor, put a file of the attacker's behind every number, then have
//   tables made.
// Level: SYS
// Ends: unharmed
// Weakened: descriptor
#include "attack.h"

int main(int, char **arguments) {
  using namespace attack;
  victim_in_copy();  // whatever the library opens has been opened
  char path[4096];
  snprintf(path, sizeof path, "%s.file", arguments[0]);
  const int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0700);
  if (file < 0) end(cannot_try, "no file of the attacker's");
  unsigned char page[4096];
  memset(page, 0xcc, sizeof page);  // int3: SIGTRAP tells
  for (int i = 0; i < 64; ++i) {
    if (write(file, page, sizeof page) != sizeof page) end(cannot_try, "no room for the file");
  }
  for (int fd = 3; fd < 64; ++fd) {
    if (fd != file) dup2(file, fd);
  }
  const Victim *last = nullptr;
  for (int i = 0; i < 4000; ++i) last = new Victim;
  unlink(path);
  last->finish();
}
