// SPDX-License-Identifier: MIT
// The java-raw family.
#include "api/raw_closure.h"

using ffi::raw::Layout;

FFI_DOOR std::size_t ffi_java_raw_size(ffi_cif *cif) { return ffi::raw::size_by_cif(cif, Layout::java); }

FFI_DOOR void ffi_java_ptrarray_to_raw(ffi_cif *cif, void **args, ffi_java_raw *raw) {
  ffi::raw::pack_by_cif(cif, args, raw, Layout::java);
}

FFI_DOOR void ffi_java_raw_to_ptrarray(ffi_cif *cif, ffi_java_raw *raw, void **args) {
  ffi::raw::unpack_by_cif(cif, raw, args, Layout::java);
}

#if !FFI_NATIVE_RAW_API
FFI_DOOR void ffi_java_raw_call(ffi_cif *cif, void (*fn)(void), void *rvalue, ffi_java_raw *avalue) {
  ffi::raw::call_by_cif(cif, fn, rvalue, avalue, Layout::java);
}

FFI_DOOR ffi_status ffi_prep_java_raw_closure_loc(ffi_java_raw_closure *closure, ffi_cif *cif,
                                             void (*fun)(ffi_cif *, void *, ffi_java_raw *, void *),
                                             void *user_data, void *codeloc) {
  return ffi::raw::prepare_closure<Layout::java>(closure, cif, fun, user_data, codeloc);
}

FFI_DOOR ffi_status ffi_prep_java_raw_closure(ffi_java_raw_closure *closure, ffi_cif *cif,
                                         void (*fun)(ffi_cif *, void *, ffi_java_raw *, void *), void *user_data) {
  return ffi::raw::prepare_closure<Layout::java>(closure, cif, fun, user_data, closure);
}
#endif
