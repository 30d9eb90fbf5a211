// SPDX-License-Identifier: MIT
// What the C doors share: statuses for the caller, and calls with or without an interned plan.
#pragma once

#include "marshal/invoke.h"
#include "plans/prepare.h"

// A public function.
#define FFI_DOOR extern "C" __attribute__((visibility("default")))

namespace ffi {

inline ffi_status to_public(Status status) {
  switch (status) {
    case Status::ok: return FFI_OK;
    case Status::bad_abi: return FFI_BAD_ABI;
    case Status::bad_argtype: return FFI_BAD_ARGTYPE;
    case Status::bad_typedef:
    case Status::no_memory:  // the interface has no word for it; nothing was prepared
    case Status::not_ours: break;
  }
  return FFI_BAD_TYPEDEF;
}

// use(plan) with a plan for this call alone. Out of line: calls without an interned plan are rare.
template <typename Use>
__attribute__((noinline)) void without_interned_plan(const ffi_cif &cif, Use use) {
  with_local_plan(cif, [](void *context, const Plan &plan) { (*static_cast<Use *>(context))(plan); }, &use);
}

template <typename Use>
[[gnu::always_inline]] inline void with_plan_of(const ffi_cif &cif, Use &&use) {
  const Plan *const plan = interned_plan(cif);
  if (plan != nullptr) [[likely]] {
    use(*plan);
  } else {
    without_interned_plan(cif, use);
  }
}

[[gnu::always_inline]] inline void call_by_cif(const ffi_cif &cif, void (*fn)(), void *rvalue, void **values,
                                               void *chain) {
  with_plan_of(cif, [=](const Plan &plan) __attribute__((always_inline)) { invoke(plan, fn, rvalue, values, chain); });
}

}  // namespace ffi
