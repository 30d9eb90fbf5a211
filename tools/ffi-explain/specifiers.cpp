// SPDX-License-Identifier: MIT
// From type keywords to descriptors (C17, 6.7.2).
#include "tools/ffi-explain/specifiers.h"

#include <charconv>

namespace ffi::explain {

bool Specifiers::take(std::string_view word) {
  struct Keyword {
    std::string_view word;
    unsigned Specifiers::*count;
  };
  static constexpr Keyword keywords[] = {
      {"void", &Specifiers::void_},         {"char", &Specifiers::char_},
      {"short", &Specifiers::short_},       {"int", &Specifiers::int_},
      {"long", &Specifiers::long_},         {"float", &Specifiers::float_},
      {"double", &Specifiers::double_},     {"signed", &Specifiers::signed_},
      {"unsigned", &Specifiers::unsigned_}, {"bool", &Specifiers::bool_},
      {"_Bool", &Specifiers::bool_},        {"_Complex", &Specifiers::complex_},
      {"complex", &Specifiers::complex_},   {"__int128", &Specifiers::int128_},
  };
  for (const Keyword &keyword : keywords) {
    if (keyword.word == word) {
      ++(this->*keyword.count);
      return true;
    }
  }
  return false;
}

bool Specifiers::any() const {
  return (void_ | char_ | short_ | int_ | long_ | float_ | double_ | signed_ | unsigned_ | bool_ |
          complex_ | int128_) != 0;
}

ffi_type *Specifiers::resolve(Types &types, bool char_is_signed) const {
  const unsigned integral = char_ + short_ + int_ + signed_ + unsigned_ + int128_;
  if (void_ + bool_ + float_ + double_ != 0) {
    const bool alone = integral == 0 && void_ + bool_ + float_ + double_ == 1;
    if (!alone || long_ > double_ || complex_ > float_ + double_) return nullptr;
    if (void_) return types.scalar(TypeCode::void_);
    if (bool_) return types.scalar(TypeCode::uint8);
    const TypeCode part = float_  ? TypeCode::float_
                          : long_ ? TypeCode::longdouble
                                  : TypeCode::double_;
    return complex_ ? types.complex(part) : types.scalar(part);
  }
  if (complex_ == 1 && integral + long_ == 0)
    return types.complex(TypeCode::double_);  // as compilers read it
  return complex_ ? nullptr : integer(types, char_is_signed);
}

ffi_type *Specifiers::integer(Types &types, bool char_is_signed) const {
  const bool repeated =
      char_ > 1 || short_ > 1 || int_ > 1 || signed_ + unsigned_ > 1 || int128_ > 1 || long_ > 2;
  const unsigned widths = char_ + short_ + int128_ + (long_ ? 1 : 0);
  if (repeated || widths > 1 || (int_ && (char_ || int128_))) return nullptr;
  const bool plain_char = char_ && !signed_ && !unsigned_;
  const bool is_signed = plain_char ? char_is_signed : unsigned_ == 0;
  if (char_) return types.sized_integer(1, is_signed);
  if (short_) return types.sized_integer(2, is_signed);
  if (int128_) return types.sized_integer(16, is_signed);
  if (long_ == 2) return types.sized_integer(8, is_signed);
  // Every Linux target is ILP32 or LP64, and its compilers use that `long' for foreign conventions
  // as well.
  if (long_ == 1) return types.sized_integer(types.model().pointer, is_signed);
  return types.sized_integer(4, is_signed);
}

ffi_type *typedef_named(std::string_view word, Types &types) {
  struct Named {
    std::string_view word;
    unsigned bytes;  // 0: a pointer's
    bool is_signed;
  };
  static constexpr Named typedefs[] = {
      {"int8_t", 1, true},    {"int16_t", 2, true},     {"int32_t", 4, true},
      {"int64_t", 8, true},   {"uint8_t", 1, false},    {"uint16_t", 2, false},
      {"uint32_t", 4, false}, {"uint64_t", 8, false},   {"size_t", 0, false},
      {"ssize_t", 0, true},   {"intptr_t", 0, true},    {"uintptr_t", 0, false},
      {"ptrdiff_t", 0, true}, {"__int128_t", 16, true}, {"__uint128_t", 16, false},
  };
  for (const Named &named : typedefs) {
    if (named.word == word) {
      return types.sized_integer(named.bytes ? named.bytes : types.model().pointer,
                                 named.is_signed);
    }
  }
  return nullptr;
}

bool vector_named(std::string_view word, TypeCode *lane, std::size_t *lanes) {
  if (word.size() < 4 || word[0] != 'v') return false;
  unsigned bits = 0;
  const char *const end = word.data() + word.size();
  const auto [kind, bad_lanes] = std::from_chars(word.data() + 1, end, *lanes);
  if (bad_lanes != std::errc() || kind == end) return false;
  const auto [rest, bad_bits] = std::from_chars(kind + 1, end, bits);
  if (bad_bits != std::errc() || rest != end || *lanes == 0 || *lanes > 64) return false;
  struct Lane {
    char kind;
    unsigned bits;
    TypeCode code;
  };
  static constexpr Lane known[] = {
      {'f', 32, TypeCode::float_}, {'f', 64, TypeCode::double_}, {'i', 8, TypeCode::sint8},
      {'u', 8, TypeCode::uint8},   {'i', 16, TypeCode::sint16},  {'u', 16, TypeCode::uint16},
      {'i', 32, TypeCode::sint32}, {'u', 32, TypeCode::uint32},  {'i', 64, TypeCode::sint64},
      {'u', 64, TypeCode::uint64},
  };
  for (const Lane &one : known) {
    if (one.kind == *kind && one.bits == bits) {
      *lane = one.code;
      return true;
    }
  }
  return false;
}

}  // namespace ffi::explain
