// SPDX-License-Identifier: MIT
// Attack: map memory of the attacker's over a table's records, with what they held and another
//   function in one of them.
// Level: RW and SYS, without reading the key
// Ends: abort: the record of a closure was overwritten
// Kernel: refused or SIGBUS
// Weakened: unprotected
#include "attack.h"
#include "trampfd-glue/layout.h"

int main() {
  using namespace attack;
  const Victim *const victim = victim_in_copy();
  namespace layout = ffi::glue::layout;
  // The last victim of many: its record is not in the built-in table, and the table's start is
  // where its slot's number says.
  const auto slot = reinterpret_cast<std::uintptr_t>(victim->code);
  const auto record = reinterpret_cast<std::uintptr_t>(victim->record());
  constexpr std::uintptr_t apart = sizeof(Record) - layout::Geometry::slot_bytes;
  const std::uintptr_t number = (record - slot - layout::Geometry::code_bytes) / apart;
  void *const records = reinterpret_cast<void *>(record - number * sizeof(Record));
  static unsigned char kept[layout::records_bytes];
  memcpy(kept, records, sizeof kept);
  if (mmap(records, sizeof kept, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
           0) == MAP_FAILED)
    end(refused, strerror(errno));
  memcpy(records, kept, sizeof kept);
  victim->record()->fun = reinterpret_cast<void (*)()>(attacker_function);
  victim->finish();
}
