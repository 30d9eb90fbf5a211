// SPDX-License-Identifier: MIT
// Attack: make a copied table writable, rewrite it, make it executable again.
// Level: SYS
// Ends: refused
// Weakened: moves
#include "attack.h"

int main() {
  using namespace attack;
  const Victim *const victim = victim_in_copy();
  void *const page = page_of(victim->code);
  const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  if (mprotect(page, size, PROT_READ | PROT_WRITE) != 0) end(refused, strerror(errno));
  write_jump(static_cast<unsigned char *>(victim->code));
  if (mprotect(page, size, PROT_READ | PROT_EXEC) != 0) end(refused, strerror(errno));
  victim->finish();
}
