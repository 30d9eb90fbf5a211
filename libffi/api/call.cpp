// SPDX-License-Identifier: MIT
// ffi_call.
#include "api/door.h"

FFI_DOOR void ffi_call(ffi_cif *cif, void (*fn)(void), void *rvalue, void **avalue) {
  ffi::call_by_cif(*cif, fn, rvalue, avalue, nullptr);
}
