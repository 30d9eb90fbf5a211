// SPDX-License-Identifier: MIT
// Call plans: the public handle on a compiled signature.
#include <stdlib.h>

#include "api/door.h"

// The plan itself is interned; the handle saves the lookup. Without an interned plan every invocation goes by the cif.
struct ffi_call_plan {
  const ffi::Plan *plan;
  ffi_cif *cif;
};

FFI_DOOR ffi_call_plan *ffi_call_plan_alloc(ffi_cif *cif) {
  if (cif == nullptr || ffi::validate(*cif) != ffi::Status::ok) return nullptr;
  auto *const handle = static_cast<ffi_call_plan *>(malloc(sizeof(ffi_call_plan)));
  if (handle != nullptr) *handle = {ffi::interned_plan(*cif), cif};
  return handle;
}

FFI_DOOR void ffi_call_plan_invoke(ffi_call_plan *plan, void (*fn)(void), void *rvalue, void **avalue) {
  if (plan->plan != nullptr) [[likely]] {
    ffi::invoke(*plan->plan, fn, rvalue, avalue, nullptr);
  } else {
    ffi::call_by_cif(*plan->cif, fn, rvalue, avalue, nullptr);
  }
}

FFI_DOOR void ffi_call_plan_free(ffi_call_plan *plan) { free(plan); }

FFI_DOOR std::size_t ffi_call_plan_size(ffi_call_plan *plan) {
  return plan == nullptr ? 0 : sizeof(ffi_call_plan);
}
