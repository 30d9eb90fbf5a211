// SPDX-License-Identifier: MIT
// A cache's pages: lists of those with available slots, the quarantine, and the ageing of those
// that are writable.
#include "trampfd-glue/cache.h"

#include <time.h>

#include "base/bits.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/pool.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

void link(Cache *cache, Page *page) {
  page->listed = true;
  page->previous = no_id;
  page->next = cache->available;
  if (page->next != no_id) page_of(page->next).previous = page->id;
  cache->available = page->id;
}

void unlink(Cache *cache, Page *page) {
  page->listed = false;
  if (page->previous != no_id) {
    page_of(page->previous).next = page->next;
  } else {
    cache->available = page->next;
  }
  if (page->next != no_id) page_of(page->next).previous = page->previous;
  page->previous = page->next = no_id;
}

void forget_young(Cache *cache, Page *page) {
  page->tracked = false;
  for (std::uint32_t i = 0; i < cache->young_count && i < most_young; ++i) {
    if (cache->young[i] != page->id) continue;
    cache->young[i] = cache->young[--cache->young_count];
    return;
  }
}

[[nodiscard]] bool is_spare(const Page &page) { return page.available == page.capacity; }

// Time in ticks of the kernel's clock, which is what clock_gettime can tell without asking the
// hardware: 1 to 10 milliseconds.
[[nodiscard]] std::int64_t present_moment() {
  timespec now;
  if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now) != 0) return 0;
  return std::int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

void seal_run(Id first, std::uint32_t pages) {
  unsigned char *const at = records_of(page_of(first));
  if (const int error = state().operations->seal(at, pages * state().page_bytes); error != 0) {
    note(state().mode, "make records read-only", error);
    return;
  }
  for (std::uint32_t i = 0; i < pages; ++i) page_of(first + i).young = false;
  count(diary.seals, pages);
}

// Neighbours in number are neighbours in memory if the addresses say so: a table ends between two
// of them now and then.
[[nodiscard]] bool follows(Id page, Id before) {
  return page == before + 1 &&
         records_of(page_of(page)) == records_of(page_of(before)) + state().page_bytes;
}

void sort(Id *ids, std::uint32_t count) {
  for (std::uint32_t i = 1; i < count; ++i) {
    const Id id = ids[i];
    std::uint32_t at = i;
    for (; at != 0 && ids[at - 1] > id; --at) ids[at] = ids[at - 1];
    ids[at] = id;
  }
}

// Where sealing is refused there may be too many: then a page stays writable, its records checked.
void track(Cache *cache, Page *page) {
  if (cache->young_count >= most_young) return;
  page->tracked = true;
  cache->young[cache->young_count++] = page->id;
}

// How many pages from this one to make writable. A batch is mostly freed in the order in which it
// was made: each time that goes on, twice as many are opened, at the price of their records being
// young a moment before they are gone.
[[nodiscard]] std::uint32_t pages_to_open(const Cache *cache, const Page &first) {
  if (state().policy != Policy::aged || first.id != cache->after_opened) return 1;
  const std::uint32_t most = cache->opened * 2 < most_opened ? cache->opened * 2 : most_opened;
  std::uint32_t pages = 1;
  while (pages < most && page_exists(first.id + pages)) {
    const Page &next = page_of(first.id + pages);
    if (__atomic_load_n(&next.owner, __ATOMIC_RELAXED) != cache || next.young) break;
    if (!follows(next.id, first.id + pages - 1)) break;
    ++pages;
  }
  return pages;
}

[[nodiscard]] int make_writable(Cache *cache, const Page &first) {
  const std::uint32_t pages = pages_to_open(cache, first);
  const std::size_t bytes = pages * state().page_bytes;
  if (const int error = state().operations->open(records_of(first), bytes); error != 0) {
    note(state().mode, "make records writable", error);
    return error;
  }
  cache->after_opened = first.id + pages;
  cache->opened = pages;
  if (cache->young_count + pages > most_young) seal_young(cache);
  for (std::uint32_t i = 0; i < pages; ++i) {
    Page &page = page_of(first.id + i);
    page.young = true;
    if (state().policy == Policy::aged) track(cache, &page);
  }
  count(diary.opens, pages);
  return 0;
}

}  // namespace

void seal_young(Cache *cache) {
  const std::uint32_t all = cache->young_count < most_young ? cache->young_count : most_young;
  sort(cache->young, all);
  std::uint32_t kept = 0;
  std::uint32_t i = 0;
  while (i < all) {
    const Id first = cache->young[i];
    if (is_spare(page_of(first))) {  // nothing there that could be changed to an end
      cache->young[kept++] = cache->young[i++];
      continue;
    }
    std::uint32_t pages = 1;
    while (i + pages < all && follows(cache->young[i + pages], first + pages - 1) &&
           !is_spare(page_of(cache->young[i + pages]))) {
      ++pages;
    }
    seal_run(first, pages);
    for (std::uint32_t k = 0; k < pages; ++k) page_of(first + k).tracked = false;
    i += pages;
  }
  cache->young_count = kept;
}

void seal_every(Cache *cache) {
  seal_young(cache);
  const Holding owners_stay(pool_lock());
  for_each_page([cache](Page &page) {
    if (page.owner == cache && page.young && !is_spare(page)) seal_run(page.id, 1);
  });
}

int open_sealed_page(Cache *cache, Page *page) {
  if (!(state().operations->features & memory_records)) return 0;
  if (!page->young) return make_writable(cache, *page);
  if (!page->tracked && state().policy == Policy::aged) {
    if (cache->young_count >= most_young) seal_young(cache);
    track(cache, page);
  }
  return 0;
}

void settle(Cache *cache, Page *written) {
  if (!(state().operations->features & memory_records)) return;
  switch (state().policy) {
    case Policy::open: return;
    case Policy::strict: seal_run(written->id, 1); return;
    case Policy::aged: break;
  }
  if (const std::int64_t now = present_moment(); now != cache->moment) {
    cache->moment = now;
    seal_young(cache);
  }
}

namespace {

// Whether what is allocated from this page can be bound. One that cannot be made writable again, as
// in a sandbox, keeps its closures and gets no new ones.
[[nodiscard]] bool is_usable(Cache *cache, Page *page) {
  return page->young || state().policy == Policy::strict || open_page(cache, page) == 0;
}

[[nodiscard]] Page *page_to_take_from(Cache *cache) {
  while (cache->available != no_id) {
    Page *const page = &page_of(cache->available);
    if (is_usable(cache, page)) return page;
    unlink(cache, page);
  }
  Page *const page = take_page(cache);
  if (page == nullptr) return nullptr;
  link(cache, page);
  ++cache->spare;
  return page;
}

[[nodiscard]] Page *own_page(const Cache *cache, const Slot &slot) {
  if (slot.page->owner != cache) overwritten_bookkeeping();
  return slot.page;
}

void make_available(Cache *cache, const Slot &slot) {
  Page *const page = own_page(cache, slot);
  page->free[slot.in_page / 64] |= std::uint64_t{1} << slot.in_page % 64;
  if (page->available++ == 0 || !page->listed) link(cache, page);
  if (!is_spare(*page)) return;
  if (++cache->spare <= most_spare) return;
  --cache->spare;
  unlink(cache, page);
  if (page->tracked) forget_young(cache, page);
  give_page(page);
}

}  // namespace

bool take_other_slot(Cache *cache, bool rested, Slot *slot) {
  if (rested && is_usable(cache, own_page(cache, *slot))) return true;
  Page *const page = page_to_take_from(cache);
  if (page == nullptr) return false;
  for (std::uint32_t word = 0; word < layout::page_words; ++word) {
    const std::uint64_t free = page->free[word];
    if (free == 0) continue;
    page->free[word] = free & (free - 1);
    if (is_spare(*page)) --cache->spare;
    if (--page->available == 0) unlink(cache, page);
    *slot = slot_of(place_of(*page, word * 64 + lowest_bit(free)).id);
    if (slot->page != page) overwritten_bookkeeping();
    return true;
  }
  overwritten_bookkeeping();
}

void end_rest(Cache *cache) { make_available(cache, slot_of(longest_resting(cache))); }

// Slots that rested are available at once. No closure's record was being written but one of a
// thread that is gone, and it stays as it is.
void mend_cache(Cache *cache) {
  cache->available = no_id;
  cache->spare = cache->young_count = cache->opened = cache->resting_count = 0;
  cache->after_opened = no_id;
  const bool in_memory = (state().operations->features & memory_records) != 0;
  for_each_page([=](Page &page) {
    if (page.owner != cache) return;
    count_slots(&page);
    page.tracked = page.listed = false;
    page.young = in_memory && state().policy == Policy::open;
    if (in_memory && !page.young) seal_run(page.id, 1);
    if (page.available == 0) return;
    link(cache, &page);
    if (is_spare(page)) ++cache->spare;
  });
}

}  // namespace ffi::glue
