// SPDX-License-Identifier: MIT
// Caches: each thread's pages of records, its quarantine of freed slots, and the pages of it that
// are still writable.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "trampfd-glue/directory.h"
#include "trampfd-glue/forks.h"

namespace ffi::glue {

// How many slots must be freed after a slot before it is used again, and how many a cache keeps by
// itself to use again.
inline constexpr std::uint32_t quarantine = 64;
inline constexpr std::uint32_t most_resting = 2 * quarantine;
// Writable pages that a cache keeps; one more, and they are all sealed. And how many sealed ones
// are made writable at once when they are freed one after the other.
inline constexpr std::uint32_t most_young = 256;
inline constexpr std::uint32_t most_opened = 16;
// Pages without a closure that a cache keeps for itself: a batch of a thousand closures on the
// smallest pages.
inline constexpr std::uint32_t most_spare = 20;

// Owned by one thread at a time, and adopted with its pages by another when that thread is gone. Any
// thread may lock it to free what another one allocated. Never freed.
struct alignas(64) Cache {
  Lock lock;
  pid_t thread;         // that owns it, or did while it lived
  Cache *next;          // of all caches
  Id available;         // a list of pages with available slots
  std::uint32_t spare;  // pages of it that no closure uses
  std::uint32_t young_count;
  Id after_opened;              // the page after those that were opened last
  std::uint32_t opened;         // and how many they were
  std::int64_t moment;          // of the clock, when its pages were last sealed
  std::uint32_t resting_first;  // in a ring
  std::uint32_t resting_count;
  std::uintptr_t allocated;
  std::uintptr_t released;
  Id young[most_young];
  Id resting[most_resting];
};

namespace detail {
extern constinit thread_local Cache *cache_of_thread;
}

// The calling thread's; one that it shares with others when memory is short.
[[nodiscard]] Cache *find_cache();
[[nodiscard]] inline Cache *own_cache() {
  Cache *const own = detail::cache_of_thread;
  return own != nullptr ? own : find_cache();
}

// All caches, linked by `next'. Only ever grows.
[[nodiscard]] Cache *all_caches();

// Held to add a cache and to adopt one. Taken before a cache's lock, and that before the pool's.
[[nodiscard]] Lock &registry_lock();

// Under the lock of the page's owner: make the page's records writable; 0 or errno.
[[nodiscard]] int open_sealed_page(Cache *cache, Page *page);
[[nodiscard]] inline int open_page(Cache *cache, Page *page) {
  return page->young && page->tracked ? 0 : open_sealed_page(cache, page);
}

// Likewise: seal what policy wants sealed after a write, and what it wants sealed sooner or later.
void settle(Cache *cache, Page *written);
void seal_young(Cache *cache);

// Likewise: seal those too that seal_young() does not know of, because sealing them was refused once or
// because there were too many.
void seal_every(Cache *cache);

// After a fork, when the lock's holder is gone: lists, counts and protections made anew from what
// the pages say of themselves.
void mend_cache(Cache *cache);

[[nodiscard]] inline Id longest_resting(Cache *cache) {
  --cache->resting_count;
  return cache->resting[cache->resting_first++ % most_resting];
}

// A slot for a closure: one that has rested, or a new one; false if there is none.
[[nodiscard]] bool take_other_slot(Cache *cache, bool rested, Slot *slot);
[[nodiscard]] inline bool take_slot(Cache *cache, Slot *slot) {
  if (cache->resting_count <= quarantine) return take_other_slot(cache, false, slot);
  *slot = slot_of(longest_resting(cache));
  if (slot->page->owner != cache || !slot->page->young) [[unlikely]]
    return take_other_slot(cache, true, slot);
  return true;
}

// A slot whose closure is gone, put to rest.
void end_rest(Cache *cache);
inline void rest_slot(Cache *cache, Id slot) {
  if (cache->resting_count >= most_resting) end_rest(cache);
  cache->resting[(cache->resting_first + cache->resting_count++) % most_resting] = slot;
}

}  // namespace ffi::glue
