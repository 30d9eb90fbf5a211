// SPDX-License-Identifier: MIT
// Attack: have caches and pages forget that they are writable, so that not even ffi_hardened_seal() makes
//   them read-only, read the key and forge a check. This succeeds: SECURITY.md says so.
// Level: RW
// Ends: reached
// Kernel: SIGSEGV
// Weakened: nothing to take away: a limit of policy `aged', written down as a test
#include "attack.h"
#include "trampfd-glue/cache.h"

int main() {
  using namespace attack;
  const Victim *const victim = young_victim();
  void *start;
  std::size_t bytes;
  for (unsigned i = 1; ffi_test_view(i, &start, &bytes) && bytes == sizeof(ffi::glue::Cache); ++i)
    static_cast<ffi::glue::Cache *>(start)->young_count = 0;
  const auto &directory = *static_cast<const ffi::glue::Directory *>(ffi_test_address(1));
  for (std::uint32_t i = 0; i < directory.count; ++i) {
    const ffi::glue::Region &region = directory.regions[i];
    for (std::size_t k = 0; k < region.slots() * sizeof(Record) / page_bytes(); ++k)
      region.pages[k].young = false;
  }
  ffi_hardened_seal();
  const auto &key = static_cast<const ffi::glue::State *>(ffi_test_address(0))->key;
  Record *const record = victim->record();
  record->fun = reinterpret_cast<void (*)()>(attacker_function);
  record->check = ffi::glue::check_of(*record, record, key);
  victim->finish();
}
