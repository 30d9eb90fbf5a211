// SPDX-License-Identifier: MIT
// The scalars and vectors at the leaves of a type, with their offsets: all that a classifier looks at.
#pragma once

#include "types/layout.h"

namespace ffi {

struct Leaf {
  TypeCode code;       // a scalar's, or vector
  std::uint16_t size;  // bytes
  std::size_t offset;  // in the outermost type
};

// Call visit(Leaf) -> bool for every leaf in memory order; false stops. A complex number is two leaves.
// bad_typedef: too deep, too many, or unsound members, as when a size was preset over a malformed tree.
template <typename Visit>
Status for_each_leaf(const ffi_type &type, Visit &&visit) {
  struct Walker {
    Visit &visit;
    std::size_t visits = 0;
    bool stopped = false;

    Status walk(const ffi_type &type, std::size_t offset, unsigned depth) {
      const TypeCode code = code_of(type);
      if (code == TypeCode::vector) {
        emit({code, static_cast<std::uint16_t>(type.size), offset});
        return type.size <= UINT16_MAX ? Status::ok : Status::bad_typedef;
      }
      if (code == TypeCode::complex) {
        const auto part = static_cast<std::uint16_t>(type.size / 2);
        const TypeCode component = code_of(*type.elements[0]);
        emit({component, part, offset});
        if (!stopped) emit({component, part, offset + part});
        return Status::ok;
      }
      if (code != TypeCode::struct_) {
        emit({code, static_cast<std::uint16_t>(type.size), offset});
        return Status::ok;
      }
      if (depth > max_type_depth) return Status::bad_typedef;
      if (type.elements == nullptr) return Status::bad_typedef;
      std::size_t end = offset;
      for (ffi_type **member = type.elements; *member != nullptr && !stopped; ++member) {
        if (++visits > max_leaf_visits) return Status::bad_typedef;
        const ffi_type &element = **member;
        if (is_aggregate(code_of(element)) ? !sound_aggregate(element) : !is_sound_scalar(element)) {
          return Status::bad_typedef;
        }
        std::size_t at;
        if (!checked_align_up(end, element.alignment, &at) || !checked_add(at, element.size, &end)) {
          return Status::bad_typedef;
        }
        if (const Status status = walk(element, at, depth + 1); status != Status::ok) return status;
      }
      return Status::ok;
    }

    void emit(const Leaf &leaf) {
      if (!visit(leaf)) stopped = true;
    }

    static bool sound_aggregate(const ffi_type &type) {
      return is_power_of_two(type.alignment) && type.elements != nullptr &&
             (code_of(type) == TypeCode::struct_ || type.elements[0] != nullptr);
    }
  };

  return Walker{visit}.walk(type, 0, 0);
}

}  // namespace ffi
