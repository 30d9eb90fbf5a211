// SPDX-License-Identifier: MIT
// Attack: have the kernel zero the records.
// Level: SYS
// Ends: abort: closure called before it was prepared
// Kernel: unharmed
// Weakened: nothing to take away: a zeroed record has handler 0
#include "attack.h"

int main() {
  using namespace attack;
  const Victim *const victim = victim_in_copy();
  if (madvise(page_of(victim->record()), 4096, MADV_DONTNEED) != 0) end(refused, strerror(errno));
  victim->finish();
}
