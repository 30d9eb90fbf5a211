// SPDX-License-Identifier: MIT
// The raw family.
#include "api/raw_closure.h"

using ffi::raw::Layout;

namespace ffi::arch {

void ffi_enter_raw(const ffi_raw_closure *closure, Image *image, unsigned char *stack) {
  glue::Binding binding{};
  binding.plan = interned_plan(*closure->cif);
  binding.cif = closure->cif;
  binding.fun = reinterpret_cast<void (*)()>(closure->fun);
  binding.user_data = closure->user_data;
  binding.source = glue::Source::raw;
  serve_binding(binding, image, stack);
}

}  // namespace ffi::arch

FFI_DOOR std::size_t ffi_raw_size(ffi_cif *cif) { return ffi::raw::size_by_cif(cif, Layout::native); }

FFI_DOOR void ffi_ptrarray_to_raw(ffi_cif *cif, void **args, ffi_raw *raw) {
  ffi::raw::pack_by_cif(cif, args, raw, Layout::native);
}

FFI_DOOR void ffi_raw_to_ptrarray(ffi_cif *cif, ffi_raw *raw, void **args) {
  ffi::raw::unpack_by_cif(cif, raw, args, Layout::native);
}

FFI_DOOR void ffi_raw_call(ffi_cif *cif, void (*fn)(void), void *rvalue, ffi_raw *avalue) {
  ffi::raw::call_by_cif(cif, fn, rvalue, avalue, Layout::native);
}

FFI_DOOR ffi_status ffi_prep_raw_closure_loc(ffi_raw_closure *closure, ffi_cif *cif,
                                             void (*fun)(ffi_cif *, void *, ffi_raw *, void *),
                                             void *user_data, void *codeloc) {
  return ffi::raw::prepare_closure<Layout::native>(closure, cif, fun, user_data, codeloc);
}

FFI_DOOR ffi_status ffi_prep_raw_closure(ffi_raw_closure *closure, ffi_cif *cif,
                                         void (*fun)(ffi_cif *, void *, ffi_raw *, void *), void *user_data) {
  return ffi::raw::prepare_closure<Layout::native>(closure, cif, fun, user_data, closure);
}
