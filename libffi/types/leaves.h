// SPDX-License-Identifier: MIT
// The scalars and vectors at the leaves of a type, with their offsets: all that a classifier looks at.
#pragma once

#include "types/layout.h"

namespace ffi {

struct Leaf {
  TypeCode code;       // a scalar's, or vector
  std::uint16_t size;  // bytes
  std::size_t offset;  // in the outermost type
  bool of_complex = false;  // half of a complex number
};

// A place in a struct's list of members.
struct MemberCursor {
  ffi_type **member;
  std::size_t offset = 0;  // where the member begins, but for its alignment

  // Step over a member. Unchecked: no member is larger than max_leaf_extent.
  [[gnu::always_inline]] std::size_t take() {
    const ffi_type &type = **member++;
    const std::size_t at = align_up<std::size_t>(offset, type.alignment);
    offset = at + type.size;
    return at;
  }

  // The next leaf, when the next member is a scalar.
  [[gnu::always_inline]] bool next_scalar(Leaf *leaf) {
    if (*member == nullptr || !is_sound_scalar(**member)) return false;
    const ffi_type &type = **member;
    *leaf = {code_of(type), static_cast<std::uint16_t>(type.size), take()};
    return true;
  }
};

inline constexpr std::size_t max_leaf_extent = UINT16_MAX;

// The walk of for_each_leaf().
template <typename Visit>
class LeafWalk {
 public:
  explicit LeafWalk(Visit &visit) : visit_(visit) {}

  Status one(const ffi_type &type, std::size_t offset, unsigned depth) {
    switch (code_of(type)) {
      case TypeCode::struct_:
        return type.elements != nullptr ? members({type.elements, offset}, depth) : Status::bad_typedef;
      case TypeCode::complex: {
        const auto part = static_cast<std::uint16_t>(type.size / 2);
        const TypeCode component = code_of(*type.elements[0]);
        more_ = visit_(Leaf{component, part, offset, true}) && visit_(Leaf{component, part, offset + part, true});
        return Status::ok;
      }
      default:
        more_ = visit_(Leaf{code_of(type), static_cast<std::uint16_t>(type.size), offset});
        return Status::ok;
    }
  }

  // From a member to the last.
  Status members(MemberCursor cursor, unsigned depth) {
    if (depth > max_type_depth) return Status::bad_typedef;
    for (;;) {
      // A scalar moves the offset on, so a visitor that stops beyond its type's size bounds the walk.
      for (Leaf leaf; cursor.next_scalar(&leaf);) {
        if (!visit_(leaf)) {
          more_ = false;
          return Status::ok;
        }
      }
      if (*cursor.member == nullptr) return Status::ok;
      ffi_type &aggregate = **cursor.member;
      // In a struct whose size the caller set nobody has looked at the members yet.
      if (known_size(aggregate) == 0 && lay_out(aggregate) != Status::ok) return Status::bad_typedef;
      if (!is_sound_aggregate(aggregate) || ++visits_ > max_leaf_visits) return Status::bad_typedef;
      if (const Status status = one(aggregate, cursor.take(), depth + 1); status != Status::ok || !more_) {
        return status;
      }
    }
  }

 private:
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
