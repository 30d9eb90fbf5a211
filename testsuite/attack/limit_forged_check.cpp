// SPDX-License-Identifier: MIT
// Attack: read the key and forge the check of a young record. This succeeds: SECURITY.md says so.
// Level: RW
// Ends: reached
// Kernel: SIGSEGV
// Weakened: nothing to take away: a limit of policy `aged', written down as a test
#include "attack.h"

int main() {
  using namespace attack;
  const Victim *const victim = young_victim();
  const auto &key = static_cast<const ffi::glue::State *>(ffi_test_address(0))->key;
  Record *const record = victim->record();
  record->fun = reinterpret_cast<void (*)()>(attacker_function);
  record->check = ffi::glue::check_of(*record, record, key);
  victim->finish();
}
