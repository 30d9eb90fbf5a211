// SPDX-License-Identifier: MIT
// Layout of structs, vectors and complex types: C's rule, with every sum checked.
#include "types/layout.h"

namespace ffi {
namespace {

struct Layout {
  std::size_t size = 0;
  std::size_t alignment = 1;
};

class Walk {
 public:
  Status aggregate(ffi_type &type, unsigned depth) {
    if (type.elements == nullptr) return Status::bad_typedef;
    switch (code_of(type)) {
      case TypeCode::struct_: return record(type, depth);
      case TypeCode::vector: return vector(type);
      case TypeCode::complex: return complex(type);
      default: return Status::bad_typedef;
    }
  }

  Status record(ffi_type &type, unsigned depth) {
    if (known_size(type) != 0) {
      return is_power_of_two(type.alignment) ? Status::ok : Status::bad_typedef;
    }
    Layout layout;
    if (const Status status = members(type, depth, nullptr, &layout); status != Status::ok) return status;
    return store(type, layout);
  }

  Status members(ffi_type &type, unsigned depth, std::size_t *offsets, Layout *layout) {
    if (depth > max_type_depth) return Status::bad_typedef;
    for (ffi_type **member = type.elements; *member != nullptr; ++member) {
      if (++visits_ > max_type_visits) return Status::bad_typedef;
      ffi_type &element = **member;
      if (is_aggregate(code_of(element))) {
        if (const Status status = aggregate(element, depth + 1); status != Status::ok) return status;
      } else if (!is_sound_scalar(element)) {
        return Status::bad_typedef;
      }
      std::size_t offset;
      if (!checked_align_up(layout->size, element.alignment, &offset) ||
          !checked_add(offset, element.size, &layout->size)) {
        return Status::bad_typedef;
      }
      if (offsets != nullptr) *offsets++ = offset;
      if (element.alignment > layout->alignment) layout->alignment = element.alignment;
    }
    return checked_align_up(layout->size, layout->alignment, &layout->size) ? Status::ok
                                                                             : Status::bad_typedef;
  }

  static Status store(ffi_type &type, const Layout &layout) {
    // Atomic, because threads that lay out one type at once all store the same values; the size last, which says that the
    // rest is there.
    if (type.alignment != layout.alignment) {
      __atomic_store_n(&type.alignment, static_cast<unsigned short>(layout.alignment), __ATOMIC_RELAXED);
    }
    if (type.size != layout.size) __atomic_store_n(&type.size, layout.size, __ATOMIC_RELEASE);
    return Status::ok;
  }

 private:
  // Lanes of one scalar type; the size is the next power of two, the alignment at most 16, as in GNU C.
  static Status vector(ffi_type &type) {
    const ffi_type *lane = type.elements[0];
    if (lane == nullptr) return Status::bad_typedef;
    const TypeCode code = code_of(*lane);
    const bool lane_ok = is_sound_scalar(*lane) && lane->size <= 8 &&
                         (code == TypeCode::float_ || code == TypeCode::double_ ||
                          (is_integral(code) && code != TypeCode::pointer));
    if (!lane_ok) return Status::bad_typedef;
    std::size_t lanes = 0;
    for (ffi_type **member = type.elements; *member != nullptr; ++member) {
      if ((*member)->type != lane->type || (*member)->size != lane->size) return Status::bad_typedef;
      if (++lanes > max_vector_bytes) return Status::bad_typedef;
    }
    Layout layout{lane->size, lane->size};
    while (layout.size < lanes * lane->size) layout.size *= 2;
    layout.alignment = layout.size < 16 ? layout.size : 16;
    const std::size_t size = known_size(type);
    if (size == 0) return store(type, layout);
    return size == layout.size && is_power_of_two(type.alignment) ? Status::ok : Status::bad_typedef;
  }

  static Status complex(ffi_type &type) {
    if (is_laid_out(type)) return Status::ok;
    const ffi_type *const part = complex_part(type);
    if (part == nullptr || known_size(type) != 0) return Status::bad_typedef;
    return store(type, {2 * part->size, part->alignment});
  }

  static constexpr std::size_t max_vector_bytes = 64;
  std::size_t visits_ = 0;
};

}  // namespace

Status lay_out(ffi_type &type) { return Walk().aggregate(type, 0); }

Status struct_offsets(ffi_type &type, std::size_t *offsets) {
  if (code_of(type) != TypeCode::struct_ || type.elements == nullptr) return Status::bad_typedef;
  Walk walk;
  Layout layout;
  if (const Status status = walk.members(type, 0, offsets, &layout); status != Status::ok) return status;
  return Walk::store(type, layout);
}

}  // namespace ffi
