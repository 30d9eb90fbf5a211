// SPDX-License-Identifier: MIT
// Attack: copy the whole valid record of one closure over that of another.
// Level: RW
// Ends: abort: the record of a closure was overwritten
// Kernel: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim wanted(attacker_function);
  const Victim *const victim = young_victim();
  memcpy(static_cast<void *>(victim->record()), wanted.record(), sizeof(Record));
  victim->finish();
}
