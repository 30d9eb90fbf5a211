// SPDX-License-Identifier: MIT
// Attack: have the next closure made in the place where a table's common tail stands, which takes
//   whatever its caller has in a register for the record.
// Level: W
// Ends: abort: the bookkeeping of closures was overwritten
// Kernel: unharmed or abort: the bookkeeping of closures was overwritten
// Weakened: unprotected
#include "attack.h"
#include "trampfd-glue/cache.h"

int main() {
  using namespace attack;
  namespace layout = ffi::glue::layout;
  const auto &region = static_cast<const ffi::glue::Directory *>(ffi_test_address(1))->regions[0];
  const Victim victim;
  ffi::glue::Cache &cache = *region.pages[0].owner;
  cache.resting_count = ffi::glue::most_resting;
  for (ffi::glue::Id &id : cache.resting) id = region.usable;
  region.pages[region.usable * sizeof(Record) / page_bytes()].owner = &cache;
  void *code;
  if (ffi_closure_alloc(sizeof(ffi_closure), &code) == nullptr) end(no_victim, "no closure");
  const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(code) - region.code;
  if (at / layout::Geometry::slot_bytes == region.usable) end(reached, "a closure stands in the tail");
  victim.finish();
}
