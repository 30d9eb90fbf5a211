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
  write_traps(file, 512);
  for (int fd = 3; fd < 64; ++fd) {
    if (fd != file) dup2(file, fd);
  }
  const Victim *last = nullptr;
  for (std::size_t i = 0; i < 2 * ffi::glue::layout::slots; ++i) last = new Victim;
  unlink(path);
  last->finish();
}
