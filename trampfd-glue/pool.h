// SPDX-License-Identifier: MIT
// The pool: pages of records that no thread owns, and the making of tables when there are none
// left.
#pragma once

#include <cstdint>

#include "trampfd-glue/directory.h"
#include "trampfd-glue/forks.h"

namespace ffi::glue {

// A page whose slots are all available, owned by `owner' from now on; nullptr when there is no
// memory or no way to a trampoline.
[[nodiscard]] Page *take_page(Cache *owner);

// The page back; its slots are all available. Beyond a stock that stays warm its records' memory
// goes back to the system.
void give_page(Page *page);

[[nodiscard]] Lock &pool_lock();

// After a fork, when the lock's holder is gone: the list made anew. What had been begun of the last
// region is left alone, because a table of it may be half made.
void mend_pool();

}  // namespace ffi::glue
