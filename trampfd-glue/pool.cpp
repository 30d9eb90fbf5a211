// SPDX-License-Identifier: MIT
// The pool of pages, and the growth behind it: the built-in table, then regions of copied tables,
// each twice the one before.
#include "trampfd-glue/pool.h"

#include <sys/mman.h>

#include "base/fatal.h"
#include "trampfd-glue/cache.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/map.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

// Pages whose memory stays when nobody owns them: a megabyte on the smallest pages.
constexpr std::uint32_t warm_pages = 256;

// Tables of the first region, and of the largest. On 32-bit machines address space is what is
// short.
constexpr std::uint32_t first_tables = sizeof(void *) == 8 ? 16 : 4;
constexpr std::uint32_t most_tables = sizeof(void *) == 8 ? 2048 : 64;
static_assert(std::uint64_t{most_tables} * layout::slots <= 1u << id_bits);

struct Pool {
  Lock lock;
  Id head = no_id;  // pages that were given back
  std::uint32_t warm = 0;
  // What comes next when there are none: a page of a table of a region.
  std::uint32_t regions = 0;  // how many there are; the last one is being used up
  std::uint32_t tables = 0;   // of it that exist
  std::uint32_t page = 0;     // of the last table
};
constinit Pool pool;

[[nodiscard]] bool add_builtin_region() {
  const auto records = reinterpret_cast<std::uintptr_t>(arch::ffi_builtin_records);
  const auto code = reinterpret_cast<std::uintptr_t>(arch::ffi_tramp_builtin);
  constexpr std::size_t extent = layout::Geometry::builtin_bytes;
  return add_region({code, records, extent, 1, layout::builtin_usable_slots, nullptr, nullptr, nullptr}) ==
         Status::ok;
}

// Address space for so many tables, and their bookkeeping.
[[nodiscard]] bool add_tables(std::uint32_t tables) {
  const std::size_t bytes = tables * layout::stride;
  void *const base = sys::map(nullptr, bytes, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == nullptr) return false;
  const auto at = reinterpret_cast<std::uintptr_t>(base);
  const Region region = {at + layout::code_at,
                         at + layout::records_at,
                         bytes - layout::code_at,
                         tables,
                         layout::usable_slots,
                         nullptr,
                         nullptr,
                         nullptr};
  if (add_region(region) == Status::ok) return true;
  sys::unmap(base, bytes);
  return false;
}

[[nodiscard]] bool add_copied_region() {
  std::uint32_t tables = first_tables;
  if (pool.regions != 0) {
    const Region &last = directory().regions[pool.regions - 1];
    if (last.tables * 2 > tables) tables = last.tables * 2;
    if (tables > most_tables) tables = most_tables;
  }
  // Or as many as there is room for.
  for (; tables != 0; tables /= 2) {
    if (add_tables(tables)) return true;
  }
  return false;
}

[[nodiscard]] bool add_region_to_pool() {
  const bool first = region_count() == 0;
  const bool builtin = first && (state().operations->features & builtin_table);
  // Without memory for the bookkeeping there may still be room for a table that needs none.
  const bool have_builtin = builtin && add_builtin_region();
  if (!have_builtin && !add_copied_region()) return false;
  pool.regions = region_count();
  pool.tables = have_builtin ? 1 : 0;
  pool.page = 0;
  return true;
}

[[nodiscard]] const Region &last_region() { return directory().regions[pool.regions - 1]; }

[[nodiscard]] bool add_table() {
  const Region &region = last_region();
  const auto base = region.code - layout::code_at + pool.tables * layout::stride;
  if (state().operations->map_table(reinterpret_cast<unsigned char *>(base)) != Status::ok)
    return false;
  ++pool.tables;
  pool.page = 0;
  count(diary.tables);
  return true;
}

[[nodiscard]] bool table_is_used_up() {
  return pool.tables == 0 || pool.page == pages_of_table(pool.regions - 1);
}

[[nodiscard]] Page *fresh_page() {
  if (table_is_used_up()) {
    const bool region_is_used_up = pool.regions == 0 || pool.tables == last_region().tables;
    if (region_is_used_up && !add_region_to_pool()) return nullptr;
    if (table_is_used_up() && !add_table()) return nullptr;
  }
  const std::uint32_t first = (pool.tables - 1) << layout::place_bits >> slot_bits();
  Page &page = begin_page(pool.regions - 1, first + pool.page);
  page.young = (state().operations->features & memory_records) && state().policy != Policy::strict;
  // Records that are not memory of the process may not be had, for somebody's limit, which is learnt
  // by writing one: reading one would end the program.
  if ((state().operations->features & own_records) &&
      state().operations->store(reinterpret_cast<Record *>(records_of(page)), {}) != 0)
    return nullptr;
  ++pool.page;
  return &page;
}

void discard(Page *page) {
  // The built-in records lie in the library's own data, where a page more or less matters to
  // nobody.
  if (directory().regions[page->id >> id_bits].usable != layout::usable_slots) return;
  if (state().operations->discard(records_of(*page), state().page_bytes) == 0 &&
      sys::discard(place_of(*page, 0).cell, state().page_bytes) == 0) {
    count(diary.returns);
  }
}

void put(Page *page) {
  page->next = pool.head;
  pool.head = page->id;
  if (pool.warm < warm_pages) {
    ++pool.warm;
  } else {
    discard(page);
  }
}

}  // namespace

Lock &pool_lock() { return pool.lock; }

Page *take_page(Cache *owner) {
  const Holding held(pool.lock);
  Page *page;
  if (pool.head != no_id) {
    page = &page_of(pool.head);
    if (page->owner != nullptr || page->available != page->capacity)
      fatal("the bookkeeping of closures was overwritten");
    pool.head = page->next;
    if (pool.warm != 0) --pool.warm;
  } else {
    page = fresh_page();
    if (page == nullptr) return nullptr;
  }
  page->previous = page->next = no_id;
  __atomic_store_n(&page->owner, owner, __ATOMIC_RELAXED);
  return page;
}

void give_page(Page *page) {
  const Holding held(pool.lock);
  __atomic_store_n(&page->owner, nullptr, __ATOMIC_RELAXED);
  put(page);
}

void mend_pool() {
  { const DirectoryChange closes_it; }
  pool.head = no_id;
  pool.warm = 0;
  pool.regions = region_count();
  if (pool.regions != 0) {
    pool.tables = last_region().tables;
    pool.page = pages_of_table(pool.regions - 1);
  }
  for_each_page([](Page &page) {
    if (page.owner != nullptr) return;
    count_slots(&page);
    if (page.available == page.capacity) put(&page);
  });
}

}  // namespace ffi::glue
