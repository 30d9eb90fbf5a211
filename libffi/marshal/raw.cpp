// SPDX-License-Identifier: MIT
// Raw arrays: a source and a sink of values beside pointer arrays. Placement in registers is not their business.
#include "marshal/raw.h"

#include "base/bits.h"
#include "marshal/moves.h"

namespace ffi::raw {
namespace {

constexpr std::size_t word = sizeof(ffi_raw);

// One argument: its first move, and its size, which for structs is none of ours.
struct Argument {
  const Move &move;
  std::size_t size;

  bool is_record() const { return move.flags & record; }
  // An integer narrower than the word that it fills.
  bool is_extended() const { return extends(move.op) && size == move.size; }

  std::size_t bytes(Layout layout) const {
    if (is_record()) return align_up(sizeof(void *), word);
    const bool two = layout == Layout::java && size == 8 && (move.flags & address) == 0;
    return two ? 2 * word : align_up(size, word);
  }
};

template <typename Visit>
void for_each_argument(const Plan &plan, Visit &&visit) {
  const Move *const end = plan.moves() + plan.argument_moves;
  for (const Move *move = plan.moves(); move != end;) {
    const Move &begin = *move;
    std::size_t size = 0;
    do {
      const std::size_t upto = std::size_t{move->from} + move->size;
      if (upto > size) size = upto;
    } while (++move != end && (move->flags & first) == 0);
    visit(Argument{begin, size});
  }
}

}  // namespace

std::size_t size(const Plan &plan, Layout layout) {
  std::size_t sum = 0;
  for_each_argument(plan, [&](const Argument &argument) { sum += argument.bytes(layout); });
  return sum;
}

void pack(const Plan &plan, void **values, unsigned char *array, Layout layout) {
  for_each_argument(plan, [&](const Argument &argument) {
    void *const value = values[argument.move.value];
    if (argument.is_record()) {
      write(array, value);
    } else if (argument.is_extended()) {
      copy_move<Reach::plain>(argument.move, array, static_cast<const unsigned char *>(value));
    } else {
      memcpy(array, value, argument.size);
    }
    array += argument.bytes(layout);
  });
}

void unpack(const Plan &plan, unsigned char *array, void **values, Layout layout) {
  for_each_argument(plan, [&](const Argument &argument) {
    void *&value = values[argument.move.value];
    if (argument.is_record()) {
      value = read<void *>(array);
    } else {
      value = argument.is_extended() ? array + native_offset(argument.move) : array;
    }
    array += argument.bytes(layout);
  });
}

void call(const Plan &plan, ffi_cif *cif, void (*fun)(), void *rvalue, void **values, void *user_data, Layout layout) {
  using Function = void (*)(ffi_cif *, void *, ffi_raw *, void *);
  auto *const array = static_cast<unsigned char *>(__builtin_alloca_with_align(size(plan, layout) + 1, 128));
  pack(plan, values, array, layout);
  reinterpret_cast<Function>(fun)(cif, rvalue, reinterpret_cast<ffi_raw *>(array), user_data);
}

}  // namespace ffi::raw
