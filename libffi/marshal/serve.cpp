// SPDX-License-Identifier: MIT
// Closures. Arguments are handed over where they lie, but for those whose parts do not lie as in memory: these are gathered.
#include "marshal/serve.h"

#include "base/bits.h"
#include "base/fatal.h"
#include "base/wide.h"
#include "marshal/moves.h"
#include "marshal/raw.h"

namespace ffi {
namespace {

using PointersFunction = void (*)(ffi_cif *, void *, void **, void *);

// No result in registers is larger: four 16-byte vector registers.
constexpr std::size_t largest_register_result = 64;

[[gnu::always_inline]] inline void load_arguments(const Plan &plan, unsigned char *image, unsigned char *stack_area, void **values,
                           unsigned char *scratch) {
  const Move *const end = plan.moves() + plan.argument_moves;
  unsigned char *assembled = nullptr;
  for (const Move *move = plan.moves(); move != end; ++move) {
    unsigned char *const slot = (move->flags & stack ? stack_area : image) + move->at + native_offset(*move);
    if (move->flags & gather) {
      if (move->flags & first) {
        values[move->value] = assembled = scratch;
        scratch += plan.gather_stride;
      }
      copy_bytes(assembled + move->from, move->op == Op::reference ? read<unsigned char *>(slot) : slot,
                 move->size);
    } else if (move->flags & first) {
      values[move->value] = move->op == Op::reference ? read<void *>(slot) : slot;
    }
  }
}

[[gnu::always_inline]] inline void store_result(const Plan &plan, unsigned char *image, const unsigned char *rvalue) {
  const Move *const results = plan.results();
  for (std::uint32_t i = 0; i < plan.result_moves; ++i) {
    copy_move<Reach::registers>(results[i], image + results[i].at, rvalue + results[i].from + native_offset(results[i]));
  }
}

// The handler's function with the arguments in the form it asked for.
inline void call_function(const glue::Binding &binding, const Plan &plan, void *rvalue, void **values) {
  auto *const cif = static_cast<ffi_cif *>(binding.cif);
  if (binding.source == glue::Source::pointers) [[likely]] {
    reinterpret_cast<PointersFunction>(binding.fun)(cif, rvalue, values, binding.user_data);
    return;
  }
  raw::call(plan, cif, binding.fun, rvalue, values, binding.user_data,
            binding.source == glue::Source::raw ? raw::Layout::native : raw::Layout::java);
}

// Most callbacks: a few arguments, handed over where they lie.
constexpr std::uint32_t few_arguments = 8;

[[gnu::always_inline]] inline void serve_with(const glue::Binding &binding, const Plan &plan, arch::Image *image,
                                              unsigned char *stack_area, void **values, unsigned char *scratch) {
  auto *const image_bytes = reinterpret_cast<unsigned char *>(image);
  alignas(16) unsigned char room[largest_register_result];
  clear_wide<sizeof room>(room);
  load_arguments(plan, image_bytes, stack_area, values, scratch);
  void *rvalue = room;
  if (plan.flags & hidden_result) {
    unsigned char *const base = plan.result_pointer_flags & stack ? stack_area : image_bytes;
    rvalue = read<void *>(base + plan.result_pointer_at);
  }
  call_function(binding, plan, rvalue, values);
  store_result(plan, image_bytes, room);
  if (plan.result_echo_at != UINT32_MAX) write(image_bytes + plan.result_echo_at, rvalue);
  end_closure(*image, plan.flags, plan.callee_pops);
}

__attribute__((noinline)) void serve_any(const glue::Binding &binding, const Plan &plan, arch::Image *image,
                                         unsigned char *stack_area) {
  const std::size_t scratch_bytes = std::size_t{plan.gathered} * plan.gather_stride;
  const std::size_t values_bytes = plan.nargs * sizeof(void *);
  auto *const scratch =
      static_cast<unsigned char *>(__builtin_alloca_with_align(scratch_bytes + values_bytes + 1, 128));
  serve_with(binding, plan, image, stack_area, reinterpret_cast<void **>(scratch + scratch_bytes), scratch);
}

}  // namespace

void serve(const glue::Binding &binding, arch::Image *image, unsigned char *stack_area) {
  const Plan &plan = *static_cast<const Plan *>(binding.plan);
  // The trampoline read which handler to go to before the binding was read: between the two, the closure may have been bound anew.
  if (!holds(*image, plan.flags)) [[unlikely]] {
    fatal("a closure was bound to another kind of signature while it was being called");
  }
  if (plan.nargs > few_arguments || plan.gathered != 0) {
    serve_any(binding, plan, image, stack_area);
    return;
  }
  void *values[few_arguments];
  serve_with(binding, plan, image, stack_area, values, nullptr);
}

}  // namespace ffi
