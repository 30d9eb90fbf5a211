// SPDX-License-Identifier: MIT
// Raw arrays: a source and a sink of values beside pointer arrays. Placement in registers is not their business.
#include "marshal/raw.h"

#include "base/bits.h"
#include "base/target.h"
#include "marshal/moves.h"

namespace ffi::raw {
namespace {

constexpr std::size_t word = sizeof(ffi_raw);

bool by_address(const ffi_type &type) { return code_of(type) == TypeCode::struct_; }

std::size_t bytes(const ffi_type &type, Layout layout) {
  if (by_address(type)) return align_up(sizeof(void *), word);
  if (layout == Layout::java) {
    const bool two = type.size == 8 && code_of(type) != TypeCode::pointer;
    if (two) return 2 * word;
  }
  return align_up(type.size, word);
}

// A narrow integer fills its word, so on a big-endian machine it ends where the word ends.
std::size_t justify(const ffi_type &type) {
  const bool narrow = is_integral(code_of(type)) && type.size < word;
  return target::big_endian && narrow ? word - type.size : 0;
}

void extend(const ffi_type &type, unsigned char *to, const unsigned char *from) {
  const bool negative = is_signed(code_of(type));
  ffi_arg value = 0;
  switch (type.size) {
    case 1: value = negative ? static_cast<ffi_arg>(read<std::int8_t>(from)) : read<std::uint8_t>(from); break;
    case 2: value = negative ? static_cast<ffi_arg>(read<std::int16_t>(from)) : read<std::uint16_t>(from); break;
    default: value = negative ? static_cast<ffi_arg>(read<std::int32_t>(from)) : read<std::uint32_t>(from); break;
  }
  write(to, value);
}

}  // namespace

std::size_t size(const ffi_cif &cif, Layout layout) {
  std::size_t sum = 0;
  for (unsigned i = 0; i < cif.nargs; ++i) sum += bytes(*cif.arg_types[i], layout);
  return sum;
}

void pack(const ffi_cif &cif, void **values, unsigned char *array, Layout layout) {
  for (unsigned i = 0; i < cif.nargs; ++i) {
    const ffi_type &type = *cif.arg_types[i];
    const auto *const value = static_cast<const unsigned char *>(values[i]);
    if (by_address(type)) {
      write(array, values[i]);
    } else if (is_integral(code_of(type)) && type.size < word) {
      extend(type, array, value);
    } else {
      memcpy(array, value, type.size);
    }
    array += bytes(type, layout);
  }
}

void unpack(const ffi_cif &cif, unsigned char *array, void **values, Layout layout) {
  for (unsigned i = 0; i < cif.nargs; ++i) {
    const ffi_type &type = *cif.arg_types[i];
    values[i] = by_address(type) ? read<void *>(array) : array + justify(type);
    array += bytes(type, layout);
  }
}

void call(ffi_cif *cif, void (*fun)(), void *rvalue, void **values, void *user_data, Layout layout) {
  using Function = void (*)(ffi_cif *, void *, ffi_raw *, void *);
  auto *const array = static_cast<unsigned char *>(__builtin_alloca_with_align(size(*cif, layout) + 1, 128));
  pack(*cif, values, array, layout);
  reinterpret_cast<Function>(fun)(cif, rvalue, reinterpret_cast<ffi_raw *>(array), user_data);
}

}  // namespace ffi::raw
