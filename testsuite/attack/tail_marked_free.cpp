// SPDX-License-Identifier: MIT
// Attack: mark the place of a table's common tail as available, so that the next closure is made there.
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
  const std::size_t slots = page_bytes() / sizeof(Record);
  ffi::glue::Page &page = region.pages[region.usable / slots];
  while (page.capacity == 0) new Victim;  // until somebody owns that page
  for (std::uint64_t &word : page.free) word = 0;
  page.free[region.usable % slots / 64] = std::uint64_t{1} << region.usable % 64;
  void *code;
  if (ffi_closure_alloc(sizeof(ffi_closure), &code) == nullptr) end(no_victim, "no closure");
  const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(code) - region.code;
  if (at / layout::Geometry::slot_bytes == region.usable) end(reached, "a closure stands in the tail");
  victim.finish();
}
