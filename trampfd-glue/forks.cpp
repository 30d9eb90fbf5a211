// SPDX-License-Identifier: MIT
// What becomes of the glue's locks in a fork. What each protects can be made anew from what is whole
// at any moment: who has a slot, who owns a page, and which tables there are.
#include "trampfd-glue/forks.h"

#include "trampfd-glue/cache.h"
#include "trampfd-glue/pool.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {

void ForkCare::locks(LockUse use, unsigned *turns) {
  use(choice_lock(), turns);
  use(registry_lock(), turns);
  for (Cache *cache = all_caches(); cache != nullptr; cache = cache->next) use(cache->lock, turns);
  use(pool_lock(), turns);
}

void ForkCare::mend() {
  if (choice_lock().is_stuck()) mend_choice();
  if (pool_lock().is_stuck()) mend_pool();
  for (Cache *cache = all_caches(); cache != nullptr; cache = cache->next) {
    if (cache->lock.is_stuck()) mend_cache(cache);
  }
  locks([](Lock &lock, unsigned *) { lock.free_stuck(); }, nullptr);
}

}  // namespace ffi::glue
