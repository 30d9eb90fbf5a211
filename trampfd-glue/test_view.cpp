// SPDX-License-Identifier: MIT
// A view of all the glue's writable memory, for attack tests: in builds with --enable-test-hooks
// alone.
#include "fficonfig.h"

#ifdef FFI_TEST_HOOKS

#include "plans/table.h"
#include "trampfd-glue/cache.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

struct View {
  unsigned wanted;
  void *start;
  std::size_t bytes;

  void offer(const void *at, std::size_t size) {
    if (wanted-- != 0) return;
    start = const_cast<void *>(at);
    bytes = size;
  }
};

void offer_region(View &view, const Region &region) {
  const std::size_t pages = region.slots() >> slot_bits();
  std::uint32_t used = 0;  // pages that had an owner, all at the region's start
  while (used < pages && region.pages[used].capacity != 0) ++used;
  view.offer(region.pages, used * sizeof(Page));
  view.offer(region.closures, (used << slot_bits()) * sizeof(void *));
  view.offer(region.cells, (used << slot_bits()) * layout::cell_bytes);
  for (std::uint32_t i = 0; i < used; ++i) {
    if (region.pages[i].young) view.offer(records_of(region.pages[i]), state().page_bytes);
  }
}

}  // namespace

// The index-th piece: its start and size; 0 when there is none.
extern "C" __attribute__((visibility("default"))) int ffi_test_view(unsigned index, void **start,
                                                                    std::size_t *bytes) {
  View view = {index, nullptr, 0};
  view.offer(&diary, sizeof diary);
  for (const Cache *cache = all_caches(); cache != nullptr; cache = cache->next)
    view.offer(cache, sizeof *cache);
  for (std::uint32_t i = 0; i < region_count(); ++i) offer_region(view, directory().regions[i]);
  view.offer(&detail::cache_of_thread, sizeof detail::cache_of_thread);
  *start = view.start;
  *bytes = view.bytes;
  return view.start != nullptr;
}

// The record of a trampoline; the state page, the directory, the allowlist and the table of plans: 0 to 3.
extern "C" __attribute__((visibility("default"))) void *ffi_test_record(const void *code) {
  Slot slot;
  return find(code, &slot) ? slot.record : nullptr;
}
extern "C" __attribute__((visibility("default"))) void *ffi_test_address(unsigned what) {
  const void *const addresses[] = {&state(), &directory(), arch::ffi_handlers, &plans::root};
  return const_cast<void *>(addresses[what]);
}

}  // namespace ffi::glue

#endif
