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

struct CallContext {
  void (*fn)();
  void *rvalue;
  void **values;
  void *chain;
};

__attribute__((noinline)) inline void call_without_plan(const ffi_cif &cif, CallContext context) {
  with_local_plan(
      cif,
      [](void *opaque, const Plan &plan) {
        const auto &call = *static_cast<CallContext *>(opaque);
        invoke(plan, call.fn, call.rvalue, call.values, call.chain);
      },
      &context);
}

[[gnu::always_inline]] inline void call_by_cif(const ffi_cif &cif, void (*fn)(), void *rvalue, void **values,
                                               void *chain) {
  const Plan *const plan = interned_plan(cif);
  if (plan != nullptr) [[likely]] {
    invoke(*plan, fn, rvalue, values, chain);
  } else {
    call_without_plan(cif, {fn, rvalue, values, chain});
  }
}

}  // namespace ffi
