// SPDX-License-Identifier: MIT
// Sizes, alignments and member offsets of aggregates.
#pragma once

#include "base/status.h"
#include "types/type.h"

namespace ffi {

// No real type nests deeper; a cyclic one always does.
inline constexpr unsigned max_type_depth = 64;
// Descriptors visited in one walk. Shared subtrees count each time, so a small graph cannot hide a huge tree.
inline constexpr std::size_t max_type_visits = std::size_t{1} << 24;
// The same when looking for leaves, which classifiers do only in types that may fit in registers.
inline constexpr std::size_t max_leaf_visits = std::size_t{1} << 16;

// Check an aggregate and, where its size is 0, compute size and alignment and store them in it; members that
// are aggregates likewise. A size that is not 0 is the caller's word for that type. Sizes are stored only when they
// change and only when complete, so several threads may lay out one type at once.
Status lay_out(ffi_type &type);

// The size, in a way that whoever sees one that another thread stored also sees the alignment stored before it, and the layouts of
// all members.
[[nodiscard]] inline std::size_t known_size(const ffi_type &type) {
  return __atomic_load_n(&type.size, __ATOMIC_ACQUIRE);
}

// The half of a complex type, or null when the type does not say of what.
[[nodiscard]] inline const ffi_type *complex_part(const ffi_type &type) {
  const ffi_type *const part = type.elements != nullptr ? type.elements[0] : nullptr;
  return part != nullptr && is_floating(code_of(*part)) && is_sound_scalar(*part) ? part : nullptr;
}

// True when there is nothing for lay_out() to do: a struct or a complex type whose size is known.
[[nodiscard]] inline bool is_laid_out(const ffi_type &type) {
  const std::size_t size = known_size(type);
  if (size == 0 || type.elements == nullptr || !is_power_of_two(type.alignment)) return false;
  if (code_of(type) == TypeCode::struct_) return true;
  if (code_of(type) != TypeCode::complex) return false;
  const ffi_type *const part = complex_part(type);
  return part != nullptr && size == 2 * part->size;
}

// Lay out a struct whatever size it has, and write its members' offsets to `offsets' unless that is null.
Status struct_offsets(ffi_type &type, std::size_t *offsets);

}  // namespace ffi
