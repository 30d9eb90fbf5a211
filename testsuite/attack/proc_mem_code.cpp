// SPDX-License-Identifier: MIT
// Attack: write into a copied table through /proc/self/mem, which does not ask for write
//   permission.
// Level: SYS
// Ends: refused
// Weakened: moves
#include "attack.h"

int main() {
  using namespace attack;
  const Victim *const victim = victim_in_copy();
  unsigned char jump[32];
  write_jump(jump);
  const int mem = open("/proc/self/mem", O_RDWR);
  if (mem < 0) end(cannot_try, "no /proc/self/mem");
  const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(victim->code));
  if (pwrite(mem, jump, sizeof jump, at) != sizeof jump) end(refused, strerror(errno));
  victim->finish();
}
