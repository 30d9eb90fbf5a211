// SPDX-License-Identifier: MIT
// The state page's one instance.
#include "trampfd-glue/state.h"

#include "base/read_only.h"

namespace ffi::glue::detail {

static_assert(sizeof(State) <= arch::TableGeometry::page_bytes);
[[gnu::section(READ_ONLY_FROM_LOADING)]] constinit StatePage state_page = {};

}  // namespace ffi::glue::detail
