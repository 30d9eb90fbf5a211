// SPDX-License-Identifier: MIT
// A plan replayed forwards: values to an image, the call, the image to a result.
#pragma once

#include "marshal/moves.h"

namespace ffi {

// The result from a register image to `rvalue'.
template <Reach reach>
[[gnu::always_inline]] inline void load_result(const Plan &plan, const unsigned char *image, unsigned char *rvalue) {
  const Move *move = plan.results();
  for (std::uint32_t left = plan.result_moves; left != 0; --left, ++move) {
    copy_move<reach>(*move, rvalue + move->from, image + move->at + native_offset(*move));
  }
}

// invoke() for every plan.
void invoke_any(const Plan &plan, void (*fn)(), void *rvalue, void **values, void *chain);

// Call fn. values[i] points to argument i, whose bytes are only read. rvalue receives the result, an integral one widened to a
// word, and may be null. chain goes to the static chain register. Whatever fn throws passes through.
//
// A plain plan's call is replayed here, inside the door that was called: it needs no frame of variable size, and most calls are such.
[[gnu::always_inline]] inline void invoke(const Plan &plan, void (*fn)(), void *rvalue, void **values, void *chain) {
  if ((plan.flags & plain) == 0) [[unlikely]] return invoke_any(plan, fn, rvalue, values, chain);
  arch::Image image;
  auto *const image_bytes = reinterpret_cast<unsigned char *>(&image);
  begin_call(image, plan.flags, plan.vector_count, chain);
  const Move *const end = plan.moves() + plan.argument_moves;
  for (const Move *move = plan.moves(); move != end; ++move) {
    copy_move<Reach::plain>(*move, image_bytes + move->at, static_cast<unsigned char *>(values[move->value]) + move->from);
  }
  arch::ffi_call_image(&image, fn, nullptr, 0, plan.flags, plan.stack_align);
  if (rvalue != nullptr) load_result<Reach::plain>(plan, image_bytes, static_cast<unsigned char *>(rvalue));
}

}  // namespace ffi
