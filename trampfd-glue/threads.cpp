// SPDX-License-Identifier: MIT
// Which thread has which cache.
#include <stdlib.h>
#include <string.h>

#include "trampfd-glue/cache.h"
#include "trampfd-glue/forks.h"
#include "trampfd-glue/map.h"

namespace ffi::glue {

constinit thread_local Cache *detail::cache_of_thread = nullptr;

namespace {

// For threads that cannot have one of their own, for want of memory.
constinit Cache shared_cache = {{}, 0, nullptr, no_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, {}, {}};

// Held to add a cache or to adopt one.
constinit Lock registry;
constinit Cache *caches = &shared_cache;  // newest first, this one last
constinit std::uint32_t count_of_caches = 0;
constinit Cache *next_look = nullptr;

void add_to_list(Cache *cache) {
  cache->next = caches;
  __atomic_store_n(&caches, cache, __ATOMIC_RELEASE);
  ++count_of_caches;
}

// How many caches a new thread looks at for one whose thread is gone. Where more live, the next
// thread goes on from there, so that there are never many more than a tenth too many.
constexpr std::uint32_t most_looks = 16;

// Nothing is done when a thread ends, so closures may be freed to the very last. A thread that
// has yet to find its cache is not the one of the same number that had a cache before.
[[nodiscard]] Cache *adopt(pid_t thread) {
  const std::uint32_t looks = count_of_caches < most_looks ? count_of_caches : most_looks;
  for (std::uint32_t i = 0; i < looks; ++i) {
    if (next_look == nullptr || next_look == &shared_cache) next_look = caches;
    Cache *const cache = next_look;
    next_look = cache->next;
    if (cache->thread != thread && sys::is_alive(cache->thread)) continue;
    cache->thread = thread;
    return cache;
  }
  return nullptr;
}

}  // namespace

Cache *find_cache() {
  const pid_t thread = sys::thread_number();
  Cache *cache;
  {
    const Holding held(registry);
    cache = adopt(thread);
  }
  if (cache == nullptr) {
    cache = static_cast<Cache *>(aligned_alloc(alignof(Cache), sizeof(Cache)));
    if (cache == nullptr) return &shared_cache;
    memset(static_cast<void *>(cache), 0, sizeof *cache);
    cache->available = no_id;
    cache->thread = thread;
    const Holding held(registry);
    add_to_list(cache);
  }
  detail::cache_of_thread = cache;
  return cache;
}

Lock &registry_lock() { return registry; }

Cache *all_caches() { return __atomic_load_n(&caches, __ATOMIC_ACQUIRE); }

}  // namespace ffi::glue
