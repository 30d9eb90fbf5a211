// SPDX-License-Identifier: MIT
// Sizes and alignments of C's types under a data model.
#include "tools/ffi-explain/types.h"

#include <utility>

namespace ffi::explain {
namespace {

ffi_type describe(TypeCode code, const DataModel &model) {
  const auto made = [code](std::size_t size, std::size_t alignment) {
    return ffi_type{size, static_cast<unsigned short>(alignment), static_cast<unsigned short>(code),
                    nullptr};
  };
  switch (code) {
    case TypeCode::uint8:
    case TypeCode::sint8: return made(1, 1);
    case TypeCode::uint16:
    case TypeCode::sint16: return made(2, 2);
    case TypeCode::int_:
    case TypeCode::uint32:
    case TypeCode::sint32:
    case TypeCode::float_: return made(4, 4);
    case TypeCode::uint64:
    case TypeCode::sint64:
    case TypeCode::double_: return made(8, model.wide_alignment);
    case TypeCode::longdouble: return made(model.long_double, model.long_double_alignment);
    case TypeCode::pointer: return made(model.pointer, model.pointer);
    case TypeCode::uint128:
    case TypeCode::sint128: return made(16, 16);
    default: return made(1, 1);
  }
}

}  // namespace

ffi_type *Types::add(const ffi_type &type, std::vector<ffi_type *> elements) {
  types_.push_back(type);
  if (!elements.empty()) {
    lists_.push_back(std::move(elements));
    types_.back().elements = lists_.back().data();
  }
  return &types_.back();
}

ffi_type *Types::scalar(TypeCode code) {
  if (code == TypeCode::longdouble && model_.long_double == 8) code = TypeCode::double_;
  ffi_type *&known = scalars_[static_cast<unsigned>(code)];
  if (known == nullptr) known = add(describe(code, model_), {});
  return known;
}

ffi_type *Types::sized_integer(std::size_t bytes, bool is_signed) {
  switch (bytes) {
    case 1: return scalar(is_signed ? TypeCode::sint8 : TypeCode::uint8);
    case 2: return scalar(is_signed ? TypeCode::sint16 : TypeCode::uint16);
    case 4: return scalar(is_signed ? TypeCode::sint32 : TypeCode::uint32);
    case 8: return scalar(is_signed ? TypeCode::sint64 : TypeCode::uint64);
    default: return scalar(is_signed ? TypeCode::sint128 : TypeCode::uint128);
  }
}

ffi_type *Types::complex(TypeCode part) {
  ffi_type *&known = complexes_[static_cast<unsigned>(part)];
  if (known == nullptr) {
    ffi_type *const element = scalar(part);
    known =
        add({2 * element->size, element->alignment, FFI_TYPE_COMPLEX, nullptr}, {element, nullptr});
  }
  return known;
}

ffi_type *Types::vector(TypeCode lane, std::size_t lanes, Status *status) {
  std::vector<ffi_type *> elements(lanes, scalar(lane));
  elements.push_back(nullptr);
  ffi_type *const type = add({0, 0, FFI_TYPE_VECTOR, nullptr}, std::move(elements));
  *status = lay_out(*type);
  return type;
}

ffi_type *Types::structure(std::vector<ffi_type *> members, Status *status) {
  members.push_back(nullptr);
  ffi_type *const type = add({0, 0, FFI_TYPE_STRUCT, nullptr}, std::move(members));
  *status = lay_out(*type);
  return type;
}

ffi_type *Types::realigned(const ffi_type &scalar, unsigned short alignment) {
  return add({scalar.size, alignment, scalar.type, nullptr}, {});
}

}  // namespace ffi::explain
