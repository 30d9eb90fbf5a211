// SPDX-License-Identifier: MIT
// Closures: allocation, binding, and the C++ side of the handlers that serve them.
#include "api/closure.h"

namespace ffi {

void serve_binding(const glue::Binding &binding, arch::Image *image, unsigned char *stack) {
  if (binding.plan != nullptr) [[likely]] {
    serve(binding, image, stack);
  } else {
    without_interned_plan(*static_cast<ffi_cif *>(binding.cif), [&](const Plan &plan) {
      glue::Binding planned = binding;
      planned.plan = &plan;
      serve(planned, image, stack);
    });
  }
}

std::uint32_t handler_for(const ffi_cif &cif, const Plan *plan, arch::Door door) {
  // Without a plan to ask, the handler that saves every register and preserves what any caller expects.
  Plan everything{};
  everything.abi = number_of(cif.abi);
  everything.flags = uses_vectors | preserves_vectors;
  return arch::handler_for(plan != nullptr ? *plan : everything, door);
}

ffi_status bind_closure(void *closure, void *codeloc, glue::Binding &binding, void (*in_memory)(), arch::Door memory_door) {
  const auto &cif = *static_cast<ffi_cif *>(binding.cif);
  const Plan *const plan = plans::has_begun() ? interned_plan(cif) : nullptr;
  if (plan == nullptr) [[unlikely]] {
    if (const Status status = validate(cif); status != Status::ok) return to_public(status);
    glue::note_unplanned();
  }
  binding.plan = plan;
  binding.handler = handler_for(cif, plan, arch::Door::record);
  const Status status = glue::bind(closure, codeloc, binding);
  if (status != Status::not_ours) return to_public(status);
  auto *const memory = static_cast<ffi_closure *>(closure);
  memory->fun = reinterpret_cast<void (*)(ffi_cif *, void *, void **, void *)>(in_memory);
  arch::write_trampoline(closure, codeloc, arch::ffi_handlers[handler_for(cif, plan, memory_door)]);
  arch::publish_code(codeloc, FFI_TRAMPOLINE_SIZE);
  glue::note_caller_memory();
  return FFI_OK;
}

}  // namespace ffi

namespace ffi::arch {

void ffi_enter_record(const glue::Record *record, Image *image, unsigned char *stack) {
  serve_binding(glue::enter(record), image, stack);
}

void ffi_enter_memory(const ffi_closure *closure, Image *image, unsigned char *stack) {
  glue::Binding binding{};
  binding.plan = interned_plan(*closure->cif);
  binding.cif = closure->cif;
  binding.fun = reinterpret_cast<void (*)()>(closure->fun);
  binding.user_data = closure->user_data;
  serve_binding(binding, image, stack);
}

}  // namespace ffi::arch

FFI_DOOR void *ffi_closure_alloc(std::size_t size, void **code) {
  if (code == nullptr || size < sizeof(ffi_closure)) return nullptr;
  return ffi::glue::allocate(size, code);
}

FFI_DOOR void ffi_closure_free(void *closure) { ffi::glue::release(closure); }

FFI_DOOR ffi_status ffi_prep_closure_loc(ffi_closure *closure, ffi_cif *cif,
                                         void (*fun)(ffi_cif *, void *, void **, void *), void *user_data,
                                         void *codeloc) {
  if (closure == nullptr || cif == nullptr || codeloc == nullptr) return FFI_BAD_TYPEDEF;
  closure->cif = cif;
  closure->fun = fun;
  closure->user_data = user_data;
  const auto function = reinterpret_cast<void (*)()>(fun);
  ffi::glue::Binding binding{};
  binding.cif = cif;
  binding.fun = function;
  binding.user_data = user_data;
  return ffi::bind_closure(closure, codeloc, binding, function);
}

FFI_DOOR ffi_status ffi_prep_closure(ffi_closure *closure, ffi_cif *cif,
                                     void (*fun)(ffi_cif *, void *, void **, void *), void *user_data) {
  return ffi_prep_closure_loc(closure, cif, fun, user_data, closure);
}
