// SPDX-License-Identifier: MIT
// Go closures: no trampoline, the caller brings the closure in the static chain register.
#include "api/closure.h"

namespace ffi::arch {

void ffi_enter_go(const ffi_go_closure *closure, Image *image, unsigned char *stack) {
  glue::Binding binding{};
  binding.plan = interned_plan(*closure->cif);
  binding.cif = closure->cif;
  binding.fun = reinterpret_cast<void (*)()>(closure->fun);
  binding.user_data = const_cast<ffi_go_closure *>(closure);
  serve_binding(binding, image, stack);
}

}  // namespace ffi::arch

FFI_DOOR ffi_status ffi_prep_go_closure(ffi_go_closure *closure, ffi_cif *cif,
                                        void (*fun)(ffi_cif *, void *, void **, void *)) {
  if (closure == nullptr || cif == nullptr) return FFI_BAD_TYPEDEF;
  if (const ffi::Status status = ffi::validate(*cif); status != ffi::Status::ok) return ffi::to_public(status);
  const std::uint32_t handler = ffi::handler_for(*cif, ffi::interned_plan(*cif), ffi::arch::Door::go);
  if (handler == ffi::arch::trap_handler) return FFI_BAD_ABI;
  closure->tramp = reinterpret_cast<void *>(ffi::arch::ffi_handlers[handler]);
  closure->cif = cif;
  closure->fun = fun;
  return FFI_OK;
}

FFI_DOOR void ffi_call_go(ffi_cif *cif, void (*fn)(void), void *rvalue, void **avalue, void *closure) {
  ffi::call_by_cif(*cif, fn, rvalue, avalue, closure);
}
