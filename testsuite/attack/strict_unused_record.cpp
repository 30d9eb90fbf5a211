// SPDX-License-Identifier: MIT
// Attack: under policy strict, read the key and forge a record for a slot that no closure ever had.
// Level: RW
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  setenv("FFI_CLOSURE_POLICY", "strict", 1);
  const Victim victim;
  // The same place on the next page of records.
  const std::size_t slots = page_bytes() / sizeof(Record);
  Record *const record = victim.record() + slots;
  auto *const code = static_cast<unsigned char *>(victim.code) +
                     slots * ffi::glue::layout::Geometry::slot_bytes;
  const auto &key = static_cast<const ffi::glue::State *>(ffi_test_address(0))->key;
  Record forged = *victim.record();
  forged.fun = reinterpret_cast<void (*)()>(attacker_function);
  forged.check = ffi::glue::check_of(forged, record, key);
  *record = forged;
  reinterpret_cast<Function>(reinterpret_cast<std::uintptr_t>(code))(1);
  victim.finish();
}
