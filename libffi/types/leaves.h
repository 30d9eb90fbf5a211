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

// The walk of for_each_leaf(). Offsets are computed without overflow checks: no member is larger than max_leaf_extent.
template <typename Visit>
class LeafWalk {
 public:
  explicit LeafWalk(Visit &visit) : visit_(visit) {}

  Status one(const ffi_type &type, std::size_t offset, unsigned depth) {
    switch (code_of(type)) {
      case TypeCode::struct_: return members(type, offset, depth);
      case TypeCode::complex: {
        const auto part = static_cast<std::uint16_t>(type.size / 2);
        const TypeCode component = code_of(*type.elements[0]);
        more_ = visit_(Leaf{component, part, offset}) && visit_(Leaf{component, part, offset + part});
        return Status::ok;
      }
      default:
        more_ = visit_(Leaf{code_of(type), static_cast<std::uint16_t>(type.size), offset});
        return Status::ok;
    }
  }

 private:
  Status members(const ffi_type &type, std::size_t offset, unsigned depth) {
    if (depth > max_type_depth || type.elements == nullptr) return Status::bad_typedef;
    for (ffi_type **member = type.elements; *member != nullptr; ++member) {
      const ffi_type &element = **member;
      if (is_sound_scalar(element)) [[likely]] {
        offset = align_up<std::size_t>(offset, element.alignment);
        // A scalar moves the offset on, so a visitor that stops beyond its type's size bounds the walk.
        if (!visit_(Leaf{code_of(element), static_cast<std::uint16_t>(element.size), offset})) {
          more_ = false;
          return Status::ok;
        }
      } else {
        if (!is_sound_aggregate(element) || ++visits_ > max_leaf_visits) return Status::bad_typedef;
        offset = align_up<std::size_t>(offset, element.alignment);
        if (const Status status = one(element, offset, depth + 1); status != Status::ok || !more_) {
          return status;
        }
      }
      offset += element.size;
    }
    return Status::ok;
  }

  static bool is_sound_aggregate(const ffi_type &type) {
    if (!is_power_of_two(type.alignment) || type.elements == nullptr || type.size > max_leaf_extent) return false;
    const ffi_type *const first = type.elements[0];
    switch (code_of(type)) {
      case TypeCode::struct_: return true;
      case TypeCode::vector: return first != nullptr;
      // A part's code becomes its leaves' code, which classifiers look up in tables.
      case TypeCode::complex: return first != nullptr && is_floating(code_of(*first));
      default: return false;
    }
  }

  static constexpr std::size_t max_leaf_extent = UINT16_MAX;

  Visit &visit_;
  std::size_t visits_ = 0;
  bool more_ = true;
};

// Call visit(Leaf) -> bool for every leaf in memory order; false stops. A complex number is two leaves.
// bad_typedef: too deep, too many, or unsound members, as when a size was preset over a malformed tree. Visitors
// stop at a leaf that begins beyond the end of the type.
template <typename Visit>
Status for_each_leaf(const ffi_type &type, Visit &&visit) {
  return LeafWalk<Visit>(visit).one(type, 0, 0);
}

}  // namespace ffi
