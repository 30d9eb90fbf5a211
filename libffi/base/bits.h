// SPDX-License-Identifier: MIT
// Alignment and overflow-checked arithmetic on sizes.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace ffi {

template <std::unsigned_integral T>
[[nodiscard]] constexpr bool is_power_of_two(T value) {
  return value != 0 && (value & (value - 1)) == 0;
}

// alignment is a power of two; the result wraps if it does not fit, which callers exclude by their limits.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T align_up(T value, T alignment) {
  return static_cast<T>((value + alignment - 1) & ~(alignment - 1));
}

// The number of the lowest bit that is set in a word that is not 0. In halves where a machine word has no more: the whole
// would be a call to libgcc, whose objects lack landing pads.
[[nodiscard]] constexpr unsigned lowest_bit(std::uint64_t word) {
  if constexpr (sizeof(void *) >= sizeof word) return static_cast<unsigned>(std::countr_zero(word));
  const auto low = static_cast<std::uint32_t>(word);
  if (low != 0) return static_cast<unsigned>(std::countr_zero(low));
  return 32 + static_cast<unsigned>(std::countr_zero(static_cast<std::uint32_t>(word >> 32)));
}

// A 64-bit number that is read and written whole on machines with 32-bit words too, where structs do not align it.
typedef std::uint64_t Whole64 __attribute__((aligned(8)));

// False, with *sum untouched, when the sum does not fit.
[[nodiscard]] constexpr bool checked_add(std::size_t a, std::size_t b, std::size_t *sum) {
  if (b > SIZE_MAX - a) return false;
  *sum = a + b;
  return true;
}

[[nodiscard]] constexpr bool checked_align_up(std::size_t value, std::size_t alignment,
                                              std::size_t *aligned) {
  if (!checked_add(value, alignment - 1, &value)) return false;
  *aligned = value & ~(alignment - 1);
  return true;
}

}  // namespace ffi
