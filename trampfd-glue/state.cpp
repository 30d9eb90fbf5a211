// SPDX-License-Identifier: MIT
// The state page's one instance.
#include "trampfd-glue/state.h"

namespace ffi::glue::detail {

static_assert(sizeof(State) <= arch::TableGeometry::page_bytes);
constinit StatePage state_page = {};

}  // namespace ffi::glue::detail
