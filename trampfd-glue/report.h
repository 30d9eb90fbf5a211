// SPDX-License-Identifier: MIT
// The glue's account of itself: modes, protections, counts, refusals.
#pragma once

#include "trampfd-glue/diary.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {

struct Report {
  Mode mode;
  Policy policy;
  bool state_read_only, sealed, code_fixed;
  std::uint32_t refusals;
  std::uint64_t closures, allocations, caller_memory, unplanned, tables, writable_pages, seals, opens, returns;
};

// Fixes mode and policy if nothing has yet.
[[nodiscard]] Report report();

// False past the last one.
[[nodiscard]] bool get_refusal(std::uint32_t index, Refusal *refusal);

// Make all young pages read-only.
void seal_all();

}  // namespace ffi::glue
