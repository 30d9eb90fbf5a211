// SPDX-License-Identifier: MIT
// Raw calls and raw closures of either layout; the two public families differ in nothing else.
#pragma once

#include "api/closure.h"
#include "marshal/raw.h"

namespace ffi::raw {

inline std::size_t size_by_cif(const ffi_cif *cif, Layout layout) {
  std::size_t bytes = 0;
  with_plan_of(*cif, [&](const Plan &plan) { bytes = size(plan, layout); });
  return bytes;
}

inline void pack_by_cif(const ffi_cif *cif, void **values, void *array, Layout layout) {
  with_plan_of(*cif, [=](const Plan &plan) { pack(plan, values, static_cast<unsigned char *>(array), layout); });
}

inline void unpack_by_cif(const ffi_cif *cif, void *array, void **values, Layout layout) {
  with_plan_of(*cif, [=](const Plan &plan) { unpack(plan, static_cast<unsigned char *>(array), values, layout); });
}

inline void call_by_cif(const ffi_cif *cif, void (*fn)(), void *rvalue, void *array, Layout layout) {
  with_plan_of(*cif, [=](const Plan &plan) {
    auto **const values = static_cast<void **>(
        __builtin_alloca_with_align((plan.nargs + std::size_t{1}) * sizeof(void *), 128));
    unpack(plan, static_cast<unsigned char *>(array), values, layout);
    invoke(plan, fn, rvalue, values, nullptr);
  });
}

// A closure with a field for a translator is, in memory that the caller owns, read as a plain one whose function translates.
template <typename Closure, Layout layout>
void translate(ffi_cif *cif, void *rvalue, void **values, void *self) {
  const auto &closure = *static_cast<const Closure *>(self);
  with_plan_of(*cif, [&](const Plan &plan) {
    call(plan, cif, reinterpret_cast<void (*)()>(closure.fun), rvalue, values, closure.user_data, layout);
  });
}

template <Layout layout, typename Closure, typename Function>
ffi_status prepare_closure(Closure *closure, ffi_cif *cif, Function fun, void *user_data, void *codeloc) {
  if (closure == nullptr || cif == nullptr || codeloc == nullptr) return FFI_BAD_TYPEDEF;
  closure->cif = cif;
  closure->fun = fun;
  closure->user_data = user_data;
  glue::Binding binding{};
  binding.cif = cif;
  binding.fun = reinterpret_cast<void (*)()>(fun);
  binding.user_data = user_data;
  binding.source = layout == Layout::native ? glue::Source::raw : glue::Source::java_raw;
  if constexpr (requires { closure->translate_args; }) {
    closure->translate_args = translate<Closure, layout>;
    closure->this_closure = closure;
    return bind_closure(closure, codeloc, binding,
                        reinterpret_cast<void (*)()>(translate<Closure, layout>));
  } else {
    return bind_closure(closure, codeloc, binding, binding.fun, arch::Door::raw);
  }
}

}  // namespace ffi::raw
