// SPDX-License-Identifier: MIT
// Calls. One frame holds the image, the stack arguments and copies for by-reference arguments; the assembly moves them.
#include "marshal/invoke.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/fatal.h"

namespace ffi {
namespace {

// A discarded result in memory up to this size is received on the stack.
constexpr std::uint32_t largest_stack_result = 65536;

inline unsigned char *bytes_of(void *pointer) { return static_cast<unsigned char *>(pointer); }

// Where copies for by-reference arguments go. Only calls that have some carry one.
struct Copies {
  unsigned char *next;

  void *add(const unsigned char *value, std::size_t size) {
    unsigned char *const copy = next;
    memcpy(copy, value, size);
    next += align_up<std::size_t>(size, 16);
    return copy;
  }
};

[[gnu::always_inline]] inline void store_anywhere(const Plan &plan, unsigned char *image, unsigned char *stack_area,
                                                  void **values, Copies *copies) {
  const Move *const end = plan.moves() + plan.argument_moves;
  for (const Move *move = plan.moves(); move != end; ++move) {
    unsigned char *const to = (move->flags & stack ? stack_area : image) + move->at;
    const unsigned char *const from = bytes_of(values[move->value]) + move->from;
    if (move->op == Op::reference) {
      write(to, copies->add(from, move->size));
    } else {
      copy_move<Reach::anywhere>(*move, to, from);
    }
  }
}

inline void point_at_result(const Plan &plan, unsigned char *image, unsigned char *stack_area, void *rvalue) {
  if ((plan.flags & hidden_result) == 0) return;
  unsigned char *const base = plan.result_pointer_flags & stack ? stack_area : image;
  write(base + plan.result_pointer_at, reinterpret_cast<Word>(rvalue));
}

__attribute__((noinline)) void run_any(const Plan &plan, void (*fn)(), void *rvalue, void **values,
                                              void *chain) {
  const std::size_t stack_bytes = plan.stack_bytes;
  arch::Image image;
  begin_call(image, plan.flags, plan.vector_count, chain);
  auto *const image_bytes = reinterpret_cast<unsigned char *>(&image);
  auto *const stack_area = static_cast<unsigned char *>(
      __builtin_alloca_with_align(stack_bytes + plan.reference_bytes + 16, 128));
  if (plan.flags & stack_holes) memset(stack_area, 0, stack_bytes);
  point_at_result(plan, image_bytes, stack_area, rvalue);
  Copies copies{stack_area + stack_bytes};
  store_anywhere(plan, image_bytes, stack_area, values, &copies);
  arch::ffi_call_image(&image, fn, stack_area, stack_bytes, plan.flags, plan.stack_align);
  if (rvalue != nullptr) load_result<Reach::registers>(plan, image_bytes, bytes_of(rvalue));
}

// The callee writes a result that nobody wants: give it room.
__attribute__((noinline)) void discard(const Plan &plan, void (*fn)(), void **values, void *chain) {
  if (plan.result_size <= largest_stack_result) {
    run_any(plan, fn, __builtin_alloca_with_align(plan.result_size, 512), values, chain);
    return;
  }
  void *const room = malloc(plan.result_size);
  if (room == nullptr) fatal("no memory for the discarded result of a call");
  run_any(plan, fn, room, values, chain);
  free(room);
}

}  // namespace

void invoke_any(const Plan &plan, void (*fn)(), void *rvalue, void **values, void *chain) {
  if (rvalue == nullptr && plan.flags & hidden_result) {
    discard(plan, fn, values, chain);
  } else {
    run_any(plan, fn, rvalue, values, chain);
  }
}

}  // namespace ffi
