// SPDX-License-Identifier: MIT
// Drawing types and signatures.
#include "testsuite/unit/property/random_signature.h"

#include "base/bits.h"

namespace ffi::test {
namespace {

void add_extents(const ffi_type &type, std::size_t at, std::vector<Extent> *extents) {
  switch (code_of(type)) {
    case TypeCode::void_: return;
    case TypeCode::struct_:
      for (ffi_type **member = type.elements; *member != nullptr; ++member) {
        at = align_up<std::size_t>(at, (*member)->alignment);
        add_extents(**member, at, extents);
        at += (*member)->size;
      }
      return;
    case TypeCode::vector: {
      std::size_t lanes = 0;
      while (type.elements[lanes] != nullptr) ++lanes;
      extents->push_back({at, lanes * type.elements[0]->size});
      return;
    }
    case TypeCode::complex:
      add_extents(*type.elements[0], at, extents);
      add_extents(*type.elements[0], at + type.size / 2, extents);
      return;
    // The x87 format has ten bytes, whatever room it is given.
    case TypeCode::longdouble:
      extents->push_back({at, __LDBL_MANT_DIG__ == 64 ? std::size_t{10} : type.size});
      return;
    default: extents->push_back({at, type.size}); return;
  }
}

}  // namespace

std::vector<Extent> extents_of(const ffi_type &type) {
  std::vector<Extent> extents;
  add_extents(type, 0, &extents);
  return extents;
}

std::string spelled(const ffi_type &type) {
  const TypeCode code = code_of(type);
  if (code == TypeCode::void_) return "void";
  if (!is_aggregate(code)) {
    std::string text = code == TypeCode::pointer ? "p"
                       : is_floating(code)       ? "f"
                       : is_signed(code)         ? "s"
                                                 : "u";
    text += std::to_string(8 * type.size);
    if (type.alignment == 1 && type.size != 1) text += " packed";
    return text;
  }
  std::string text = code == TypeCode::struct_ ? "{" : code == TypeCode::vector ? "<" : "(";
  for (ffi_type **member = type.elements; *member != nullptr; ++member) {
    if (member != type.elements) text += ", ";
    text += spelled(**member);
  }
  return text + (code == TypeCode::struct_ ? "}" : code == TypeCode::vector ? ">" : ")");
}

std::string RandomSignature::spelled() const {
  std::string text = test::spelled(*result) + "(";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i != 0) text += i == named ? "; " : ", ";
    text += test::spelled(*arguments[i]);
  }
  return text + ")";
}

ffi_type *Generator::scalar(explain::Types *types) {
  static constexpr TypeCode codes[] = {
      TypeCode::uint8,   TypeCode::sint8,      TypeCode::uint16,  TypeCode::sint16,
      TypeCode::uint32,  TypeCode::sint32,     TypeCode::uint64,  TypeCode::sint64,
      TypeCode::pointer, TypeCode::float_,     TypeCode::float_,  TypeCode::double_,
      TypeCode::double_, TypeCode::longdouble, TypeCode::uint128, TypeCode::sint128};
  return types->scalar(codes[below(std::size(codes))]);
}

ffi_type *Generator::structure(explain::Types *types, unsigned depth) {
  static constexpr unsigned most[] = {0, 1, 2, 3, 4, 4, 9};
  const auto count = static_cast<unsigned>(below(most[below(std::size(most))] + 1));
  const bool packed = below(8) == 0;
  const bool alike = below(3) == 0;  // homogeneous
  std::vector<ffi_type *> members;
  for (unsigned i = 0; i < count; ++i) {
    ffi_type *member = alike && i != 0 ? members[0] : draw(types, depth + 1);
    if (packed && !is_aggregate(code_of(*member))) member = types->realigned(*member, 1);
    members.push_back(member);
  }
  Status status;
  return types->structure(std::move(members), &status);
}

ffi_type *Generator::draw(explain::Types *types, unsigned depth) {
  static constexpr TypeCode parts[] = {TypeCode::float_, TypeCode::double_, TypeCode::longdouble};
  static constexpr TypeCode lanes[] = {TypeCode::float_, TypeCode::double_, TypeCode::uint8,
                                       TypeCode::sint16, TypeCode::sint32,  TypeCode::uint64};
  switch (below(depth < 3 ? 12 : 9)) {
    case 9:
    case 10:
    case 11: return structure(types, depth);
    case 8:
      if (below(2) == 0) return types->complex(parts[below(3)]);
      [[fallthrough]];
    case 7: {
      const TypeCode lane = lanes[below(std::size(lanes))];
      const std::size_t bytes = below(2) == 0 ? 8 : 16;
      Status status;
      return types->vector(lane, bytes / types->scalar(lane)->size, &status);
    }
    default: return scalar(types);
  }
}

ffi_type *Generator::value(explain::Types *types, Role role) {
  for (;;) {
    ffi_type *const type = draw(types, 0);
    if (role == Role::variadic_argument && is_integral(code_of(*type)) && type->size < 4) continue;
    if (role == Role::variadic_argument && code_of(*type) == TypeCode::float_) continue;
    Passing passing;
    if (convention_.classify(convention_, *type, role, &passing) == Status::ok) return type;
  }
}

RandomSignature Generator::next(explain::Types *types) {
  static constexpr unsigned most[] = {1, 4, 8, 14, 24};
  RandomSignature signature;
  signature.result = below(6) == 0 ? types->scalar(TypeCode::void_) : value(types, Role::result);
  const std::size_t count = below(most[below(std::size(most))] + 1);
  signature.named = below(4) == 0 ? below(count + 1) : count;
  for (std::size_t i = 0; i < count; ++i) {
    signature.arguments.push_back(
        value(types, i < signature.named ? Role::named_argument : Role::variadic_argument));
  }
  return signature;
}

}  // namespace ffi::test
