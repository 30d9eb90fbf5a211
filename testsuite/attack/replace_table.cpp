// SPDX-License-Identifier: MIT
// Attack: map something else over a copied table.
// Level: SYS
// Ends: refused
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  require_mseal();
  const Victim *const victim = victim_in_copy();
  const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void *const got = mmap(page_of(victim->code), size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (got == MAP_FAILED) end(refused, strerror(errno));
  write_jump(static_cast<unsigned char *>(victim->code));
  if (mprotect(got, size, PROT_READ | PROT_EXEC) != 0) end(refused, strerror(errno));
  victim->finish();
}
