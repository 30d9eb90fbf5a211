// SPDX-License-Identifier: MIT
// Which thread has which cache, and what a fork does with all of them.
#include <stdlib.h>
#include <string.h>

#include "base/at_fork.h"
#include "trampfd-glue/cache.h"
#include "trampfd-glue/pool.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

constinit Lock registry;  // held to add or to adopt a cache; before any cache's lock, which is
                          // before the pool's
constinit Cache *caches = nullptr;  // newest first

// For threads that cannot have one of their own: no key, or no memory for it.
constinit Cache shared_cache = {{}, 1, nullptr, no_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, {}, {}};
constinit bool shared_is_listed = false;

void add_to_list(Cache *cache) {
  cache->next = caches;
  __atomic_store_n(&caches, cache, __ATOMIC_RELEASE);
}

[[nodiscard]] Cache *adopt() {
  for (Cache *cache = caches; cache != nullptr; cache = cache->next) {
    if (cache->taken == 0) {
      cache->taken = 1;
      return cache;
    }
  }
  return nullptr;
}

[[nodiscard]] Cache *shared() {
  const Holding held(registry);
  if (!shared_is_listed) {
    add_to_list(&shared_cache);
    shared_is_listed = true;
  }
  return &shared_cache;
}

}  // namespace

Cache *find_cache() {
  if (!state().has_cache_key) return shared();
  Cache *cache;
  {
    const Holding held(registry);
    cache = adopt();
  }
  if (cache == nullptr) {
    cache = static_cast<Cache *>(aligned_alloc(alignof(Cache), sizeof(Cache)));
    if (cache == nullptr) return shared();
    memset(static_cast<void *>(cache), 0, sizeof *cache);
    cache->available = no_id;
    cache->taken = 1;
    const Holding held(registry);
    add_to_list(cache);
  }
  if (pthread_setspecific(state().cache_key, cache) != 0) {
    const Holding held(registry);
    cache->taken = 0;
    return shared();
  }
  return cache;
}

namespace {

void leave_cache(void *of_thread) {
  const Holding held(registry);
  static_cast<Cache *>(of_thread)->taken = 0;
}

// Fork: every lock is held across it, so that the child gets bookkeeping and records between two
// operations. The handlers may have been registered twice, when a child had to begin the choice of
// a mode again.
constinit unsigned fork_depth = 0;
constinit pthread_t forker = 0;

void before_fork() {
  if (__atomic_load_n(&forker, __ATOMIC_RELAXED) == pthread_self() && fork_depth != 0) {
    ++fork_depth;
    return;
  }
  registry.acquire();
  for (Cache *cache = caches; cache != nullptr; cache = cache->next) cache->lock.acquire();
  pool_lock().acquire();
  __atomic_store_n(&forker, pthread_self(), __ATOMIC_RELAXED);
  fork_depth = 1;
}

void release_all() {
  pool_lock().release();
  for (Cache *cache = caches; cache != nullptr; cache = cache->next) cache->lock.release();
  registry.release();
}

void after_fork_in_parent() {
  if (--fork_depth != 0) return;
  __atomic_store_n(&forker, 0, __ATOMIC_RELAXED);
  release_all();
}

void after_fork_in_child() {
  if (--fork_depth != 0) return;
  __atomic_store_n(&forker, 0, __ATOMIC_RELAXED);
  const void *const own = state().has_cache_key ? pthread_getspecific(state().cache_key) : nullptr;
  for (Cache *cache = caches; cache != nullptr; cache = cache->next) {
    if (cache != own && cache != &shared_cache) cache->taken = 0;
  }
  release_all();
}

}  // namespace

Cache *all_caches() { return __atomic_load_n(&caches, __ATOMIC_ACQUIRE); }

bool prepare_threads(pthread_key_t *key) {
  // Without handlers a child of a program with threads may find a lock held for ever: as with any
  // lock that ignores fork.
  [[maybe_unused]] const bool handled =
      at_fork(before_fork, after_fork_in_parent, after_fork_in_child);
  return pthread_key_create(key, leave_cache) == 0;
}

}  // namespace ffi::glue
