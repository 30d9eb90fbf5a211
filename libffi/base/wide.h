// SPDX-License-Identifier: MIT
// Sixteen bytes at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ffi {

// A vector type, so that it is stored with one instruction where the machine has one.
typedef std::uint64_t Wide __attribute__((vector_size(16)));

// Clear whole, aligned sixteens. A call of memset, or the string instruction that compilers put for it, costs more than the
// few stores it would take here.
template <std::size_t bytes>
[[gnu::always_inline]] inline void clear_wide(void *to) {
  static_assert(bytes % sizeof(Wide) == 0);
  auto *const wide = static_cast<Wide *>(__builtin_assume_aligned(to, sizeof(Wide)));
#pragma GCC unroll 16
  for (std::size_t i = 0; i < bytes / sizeof(Wide); ++i) wide[i] = Wide{};
}

}  // namespace ffi
