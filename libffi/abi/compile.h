// SPDX-License-Identifier: MIT
// The one walk over a signature: passings in, a plan out.
#pragma once

#include "abi/convention.h"
#include "abi/plan.h"

namespace ffi {

// An upper bound for the plan of this signature, in bytes.
[[nodiscard]] std::size_t plan_bound(const Convention &convention, const Signature &signature);

// The largest value and the largest argument area of a signature.
inline constexpr std::uint64_t max_stack_bytes = std::uint64_t{1} << 30;

// Compile into `plan', which has plan_bound() bytes, aligned for Plan. bad_typedef: the arguments need more stack
// than max_stack_bytes. Pure: reads nothing but its arguments.
Status compile(const Convention &convention, const Signature &signature, Plan *plan);

}  // namespace ffi
