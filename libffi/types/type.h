// SPDX-License-Identifier: MIT
// The public ffi_type, with its codes as an enumeration that is the same on every target.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>

#include "base/bits.h"
#include "ffi.h"

namespace ffi {

enum class TypeCode : std::uint16_t {
  void_ = 0, int_ = 1, float_ = 2, double_ = 3, longdouble = 4,
  uint8 = 5, sint8 = 6, uint16 = 7, sint16 = 8, uint32 = 9, sint32 = 10, uint64 = 11, sint64 = 12,
  struct_ = 13, pointer = 14, complex = 15, uint128 = 16, sint128 = 17, vector = 18,
  count = 19,
};

// The public numbers are an ABI; a header that disagrees is a build error.
static_assert(FFI_TYPE_STRUCT == static_cast<int>(TypeCode::struct_));
static_assert(FFI_TYPE_COMPLEX == static_cast<int>(TypeCode::complex));
static_assert(FFI_TYPE_LAST == static_cast<int>(TypeCode::vector));

[[nodiscard]] constexpr TypeCode code_of(const ffi_type &type) {
  return static_cast<TypeCode>(type.type);
}

// A type that the library has to look inside.
[[nodiscard]] constexpr bool is_aggregate(TypeCode code) {
  return code == TypeCode::struct_ || code == TypeCode::complex || code == TypeCode::vector;
}

[[nodiscard]] constexpr bool is_floating(TypeCode code) {
  return code == TypeCode::float_ || code == TypeCode::double_ || code == TypeCode::longdouble;
}

[[nodiscard]] constexpr bool is_integral(TypeCode code) {
  return code == TypeCode::int_ || (code >= TypeCode::uint8 && code <= TypeCode::sint64) ||
         code == TypeCode::pointer || code == TypeCode::uint128 || code == TypeCode::sint128;
}

[[nodiscard]] constexpr bool is_signed(TypeCode code) {
  return code == TypeCode::int_ || code == TypeCode::sint8 || code == TypeCode::sint16 ||
         code == TypeCode::sint32 || code == TypeCode::sint64 || code == TypeCode::sint128;
}

// The sizes that a scalar of each code may have on any machine, one bit each; none for codes of
// other types. A plan reads and writes what the code says, so no other size can be a caller's wish.
struct ScalarSizes {
  std::uint32_t of[32] = {};

  consteval ScalarSizes() {
    const auto set = [this](TypeCode code, auto... sizes) {
      of[static_cast<unsigned>(code)] = ((1u << sizes) | ...);
    };
    set(TypeCode::int_, 4);
    set(TypeCode::float_, 4);
    set(TypeCode::double_, 8);
    set(TypeCode::longdouble, 8, 12, 16);
    set(TypeCode::pointer, 4, 8);
    for (unsigned i = 0; i < 4; ++i) {  // from 8 bits to 64, each unsigned and signed
      of[static_cast<unsigned>(TypeCode::uint8) + 2 * i] = 1u << (1u << i);
      of[static_cast<unsigned>(TypeCode::sint8) + 2 * i] = 1u << (1u << i);
    }
    set(TypeCode::uint128, 16);
    set(TypeCode::sint128, 16);
  }
};
inline constexpr ScalarSizes scalar_sizes;

// The alignment of a struct before its own was adjusted, of which only its members tell: some conventions pass it by that.
// Only alignments of 16 and more make a difference to any of them, so for others this is the struct's own.
[[nodiscard]] inline unsigned natural_alignment(const ffi_type &type) {
  if (type.alignment < 16 || code_of(type) != TypeCode::struct_ || type.elements == nullptr) return type.alignment;
  unsigned alignment = 1;
  for (ffi_type **member = type.elements; *member != nullptr; ++member) {
    if ((*member)->alignment > alignment) alignment = (*member)->alignment;
  }
  return alignment < type.alignment ? alignment : type.alignment;
}

// The alignment that counts is the one inside a struct, which on some machines is less than alignof (i386: long long).
template <typename T>
struct InStruct {
  char before;
  T value;
};
template <typename T>
inline constexpr unsigned short alignment_in_struct = __builtin_offsetof(InStruct<T>, value);

// Size and alignment of this machine's scalars, by code. Codes of no scalar have an alignment that no type can have.
struct PlainScalars {
  struct {
    std::size_t size = 0;
    unsigned alignment = USHRT_MAX + 1u;
  } of[32];

  consteval PlainScalars() {
    const auto set = [this]<typename T>(TypeCode code, T) {
      auto &entry = of[static_cast<unsigned>(code)];
      entry.size = sizeof(T);
      entry.alignment = alignment_in_struct<T>;
    };
    set(TypeCode::int_, int{});
    set(TypeCode::float_, float{});
    set(TypeCode::double_, double{});
    set(static_cast<TypeCode>(FFI_TYPE_LONGDOUBLE), static_cast<long double>(0));
    set(TypeCode::uint8, std::uint8_t{});
    set(TypeCode::sint8, std::int8_t{});
    set(TypeCode::uint16, std::uint16_t{});
    set(TypeCode::sint16, std::int16_t{});
    set(TypeCode::uint32, std::uint32_t{});
    set(TypeCode::sint32, std::int32_t{});
    set(TypeCode::uint64, std::uint64_t{});
    set(TypeCode::sint64, std::int64_t{});
    set(TypeCode::pointer, static_cast<void *>(nullptr));
#ifdef FFI_TARGET_HAS_INT128
    set(TypeCode::uint128, static_cast<unsigned __int128>(0));
    set(TypeCode::sint128, static_cast<__int128>(0));
#endif
  }
};
inline constexpr PlainScalars plain_scalars;
static_assert([] {
  for (unsigned code = 0; code < 32; ++code) {
    const std::size_t size = plain_scalars.of[code].size;
    if (size != 0 && (scalar_sizes.of[code] >> size & 1) == 0) return false;
  }
  return true;
}());

// A scalar of which its code says all, as of every scalar but those that a caller describes for a purpose of its own.
[[nodiscard]] constexpr bool is_plain_scalar(const ffi_type &type) {
  return type.type < 32 && type.size == plain_scalars.of[type.type].size &&
         type.alignment == plain_scalars.of[type.type].alignment;
}

// A scalar whose fields make sense.
[[nodiscard]] constexpr bool is_sound_scalar(const ffi_type &type) {
  if (is_plain_scalar(type)) [[likely]] return true;
  return type.type < 32 && type.size < 32 && (scalar_sizes.of[type.type] >> type.size & 1) != 0 &&
         is_power_of_two(type.alignment);
}

// A complex number of a plain scalar, as the library's own descriptors are.
[[nodiscard]] constexpr bool is_plain_complex(const ffi_type &type) {
  if (code_of(type) != TypeCode::complex || type.elements == nullptr || type.elements[0] == nullptr) return false;
  const ffi_type &part = *type.elements[0];
  return is_floating(code_of(part)) && is_plain_scalar(part) && type.size == 2 * part.size &&
         type.alignment == part.alignment;
}

// A number below 256 for every type that its code, or the code of its halves, says all about; 0 for others.
[[nodiscard]] constexpr unsigned plain_number(const ffi_type &type) {
  if (is_plain_scalar(type)) [[likely]] return type.type + 1u;
  return is_plain_complex(type) ? static_cast<unsigned>(TypeCode::count) + type.elements[0]->type + 1u : 0;
}

}  // namespace ffi
