// SPDX-License-Identifier: MIT
// Attack: read the key and forge the check of a record that has been sealed.
// Level: RW
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim;
  ffi_hardened_seal();
  const auto &key = static_cast<const ffi::glue::State *>(ffi_test_address(0))->key;
  Record *const record = victim.record();
  record->fun = reinterpret_cast<void (*)()>(attacker_function);
  record->check = ffi::glue::check_of(*record, record, key);
  victim.finish();
}
