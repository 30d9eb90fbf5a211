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

// A member that is an aggregate. In a struct whose size the caller set nobody has looked at the members yet.
inline bool is_sound_aggregate(ffi_type &type) {
  if (!is_laid_out(type) && (!is_aggregate(code_of(type)) || lay_out(type) != Status::ok)) return false;
  return type.size <= max_leaf_extent;
}

// Whether a struct whose size the caller set has room for the largest of its members, and not for all of them in a row: this is
// how libraries above this one, ctypes among them, describe a union, for which there is no code.
inline bool is_union(const ffi_type &type) {
  std::size_t largest = 0;
  MemberCursor cursor{type.elements};
  while (*cursor.member != nullptr) {
    ffi_type &member = **cursor.member;
    if (!is_sound_scalar(member) && !is_sound_aggregate(member)) return false;
    if (member.size > largest) largest = member.size;
    cursor.take();
  }
  return cursor.offset > type.size && align_up<std::size_t>(largest, type.alignment) == type.size;
}

// Whether a walk asks of each struct if it is a union, or takes none for one and says afterwards if any was crowded: nearly none is.
enum class Unions : bool { asked_for, noticed };

// The walk of for_each_leaf(), over leaves that begin before `end'.
template <Unions unions, typename Visit>
class LeafWalk {
 public:
  LeafWalk(Visit &visit, std::size_t end) : visit_(visit), end_(end) {}

  // A struct had no room for its members in a row.
  bool was_crowded() const { return crowded_; }

  Status one(const ffi_type &type, std::size_t offset, unsigned depth) {
    switch (code_of(type)) {
      case TypeCode::struct_:
        if (type.elements == nullptr) return Status::bad_typedef;
        if (unions == Unions::asked_for && is_union(type)) return overlaid(type.elements, offset, depth);
        return members({type.elements, offset}, depth, offset + type.size);
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

  // From a member to the last, of a struct that ends at `room'.
  Status members(MemberCursor cursor, unsigned depth, std::size_t room) {
    if (depth > max_type_depth) return Status::bad_typedef;
    for (;;) {
      // Structs of bit-fields are described by more members than they have room for. Those that lie beyond the end, like all after
      // them, share the bytes of others.
      for (Leaf leaf; cursor.next_scalar(&leaf);) {
        if (leaf.offset >= end_) {
          crowded_ = true;
          return Status::ok;
        }
        if (!visit_(leaf)) {
          more_ = false;
          return Status::ok;
        }
      }
      if (*cursor.member == nullptr) {
        if (cursor.offset > room) crowded_ = true;
        return Status::ok;
      }
      ffi_type &aggregate = **cursor.member;
      if (!is_sound_aggregate(aggregate) || ++visits_ > max_leaf_visits) return Status::bad_typedef;
      const std::size_t at = cursor.take();
      if (at >= end_) {
        if (cursor.offset > room) crowded_ = true;
        return Status::ok;
      }
      if (const Status status = one(aggregate, at, depth + 1); status != Status::ok || !more_) return status;
    }
  }

 private:
  // Each member where the first is.
  Status overlaid(ffi_type **member, std::size_t offset, unsigned depth) {
    for (; *member != nullptr && more_; ++member) {
      ffi_type *alone[] = {*member, nullptr};
      if (const Status status = members({alone, offset}, depth, SIZE_MAX); status != Status::ok) return status;
    }
    return Status::ok;
  }

  Visit &visit_;
  std::size_t end_;
  std::size_t visits_ = 0;
  bool more_ = true;
  bool crowded_ = false;
};

// Call visit(Leaf) -> bool for every leaf that begins inside the type, in memory order but in unions; false stops. A complex number
// is two leaves. bad_typedef: too deep, too many, or unsound members, as when a size was preset over a malformed tree.
template <typename Visit>
Status for_each_leaf(const ffi_type &type, Visit &&visit) {
  return LeafWalk<Unions::asked_for, Visit>(visit, type.size).one(type, 0, 0);
}

}  // namespace ffi
