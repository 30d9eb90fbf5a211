// SPDX-License-Identifier: MIT
// Type codes: the predicates over them, and what counts as a sound scalar.
#include "types/type.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <set>

namespace ffi {
namespace {

TEST(TypeCode, AggregatesAreThoseWithMembers) {
  for (unsigned code = 0; code < static_cast<unsigned>(TypeCode::count); ++code) {
    EXPECT_EQ(is_aggregate(static_cast<TypeCode>(code)),
              code == FFI_TYPE_STRUCT || code == FFI_TYPE_COMPLEX || code == FFI_TYPE_VECTOR)
        << code;
  }
}

TEST(TypeCode, FloatingAndIntegralAreDisjointAndCoverTheScalars) {
  for (unsigned code = 1; code < static_cast<unsigned>(TypeCode::count); ++code) {
    const auto type = static_cast<TypeCode>(code);
    EXPECT_EQ(is_floating(type) + is_integral(type) + is_aggregate(type), 1) << code;
  }
  EXPECT_FALSE(is_floating(TypeCode::void_) || is_integral(TypeCode::void_));
}

TEST(TypeCode, SignedTypesAreTheSignedIntegers) {
  for (const auto code : {FFI_TYPE_INT, FFI_TYPE_SINT8, FFI_TYPE_SINT16, FFI_TYPE_SINT32,
                          FFI_TYPE_SINT64, FFI_TYPE_SINT128}) {
    EXPECT_TRUE(is_signed(static_cast<TypeCode>(code))) << code;
    EXPECT_TRUE(is_integral(static_cast<TypeCode>(code))) << code;
  }
  for (const auto code :
       {FFI_TYPE_UINT8, FFI_TYPE_UINT16, FFI_TYPE_UINT32, FFI_TYPE_UINT64, FFI_TYPE_UINT128,
        FFI_TYPE_POINTER, FFI_TYPE_DOUBLE, FFI_TYPE_STRUCT, FFI_TYPE_VOID}) {
    EXPECT_FALSE(is_signed(static_cast<TypeCode>(code))) << code;
  }
}

TEST(SoundScalar, PublicScalarsAre) {
  for (const ffi_type *type :
       {&ffi_type_uint8, &ffi_type_sint8, &ffi_type_uint16, &ffi_type_sint16, &ffi_type_uint32,
        &ffi_type_sint32, &ffi_type_uint64, &ffi_type_sint64, &ffi_type_float, &ffi_type_double,
        &ffi_type_longdouble, &ffi_type_pointer}) {
    EXPECT_TRUE(is_sound_scalar(*type)) << type->type;
  }
}

TEST(SoundScalar, NothingElseIs) {
  EXPECT_FALSE(is_sound_scalar(ffi_type_void));
  EXPECT_FALSE(is_sound_scalar({8, 8, FFI_TYPE_STRUCT, nullptr}));
  EXPECT_FALSE(is_sound_scalar({8, 8, FFI_TYPE_COMPLEX, nullptr}));
  EXPECT_FALSE(is_sound_scalar({8, 8, FFI_TYPE_VECTOR, nullptr}));
  for (const unsigned code :
       {19u, 31u, 32u, 32u + FFI_TYPE_SINT32, 256u + FFI_TYPE_SINT32, 65535u}) {
    EXPECT_FALSE(is_sound_scalar({4, 4, static_cast<unsigned short>(code), nullptr})) << code;
  }
}

// The tables of scalars have places for these codes, in which nothing may be found.
TEST(SoundScalar, NoSizeMakesAScalarOfAnotherCode) {
  for (const unsigned short code : {0, 13, 15, 18, 19, 21, 22, 23, 31}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{4}, SIZE_MAX - 1, SIZE_MAX}) {
      for (const unsigned short alignment : {0, 1, 32768, 65535}) {
        const ffi_type type{size, alignment, code, nullptr};
        EXPECT_FALSE(is_sound_scalar(type)) << code << ' ' << size << ' ' << alignment;
        EXPECT_EQ(plain_number(type), 0u) << code << ' ' << size << ' ' << alignment;
      }
    }
  }
}

TEST(SoundScalar, AlignmentIsAPowerOfTwo) {
  for (const unsigned short alignment : {0, 3, 6, 12, 65535}) {
    EXPECT_FALSE(is_sound_scalar({4, alignment, FFI_TYPE_SINT32, nullptr})) << alignment;
  }
  for (const unsigned short alignment : {1, 2, 4}) {
    EXPECT_TRUE(is_sound_scalar({4, alignment, FFI_TYPE_SINT32, nullptr})) << alignment;
  }
}

TEST(SoundScalar, SizeIsThatOfItsCodeOnSomeMachine) {
  const auto is_sound = [](std::size_t size, int code) {
    return is_sound_scalar({size, 1, static_cast<unsigned short>(code), nullptr});
  };
  const auto expect_sizes = [&](std::initializer_list<int> codes, std::set<std::size_t> sizes) {
    for (const int code : codes) {
      for (std::size_t size = 0; size < 100; ++size) {
        EXPECT_EQ(is_sound(size, code), sizes.count(size) == 1) << code << ' ' << size;
      }
      for (const std::size_t size : {SIZE_MAX / 2 + 1, SIZE_MAX - 15, SIZE_MAX}) {
        EXPECT_FALSE(is_sound(size, code)) << code;
      }
    }
  };
  expect_sizes({FFI_TYPE_UINT8, FFI_TYPE_SINT8}, {1});
  expect_sizes({FFI_TYPE_UINT16, FFI_TYPE_SINT16}, {2});
  expect_sizes({FFI_TYPE_UINT32, FFI_TYPE_SINT32, FFI_TYPE_INT, FFI_TYPE_FLOAT}, {4});
  expect_sizes({FFI_TYPE_UINT64, FFI_TYPE_SINT64, FFI_TYPE_DOUBLE}, {8});
  expect_sizes({FFI_TYPE_UINT128, FFI_TYPE_SINT128}, {16});
  expect_sizes({FFI_TYPE_POINTER}, {4, 8});
  expect_sizes({static_cast<int>(TypeCode::longdouble)}, {8, 12, 16});
}

}  // namespace
}  // namespace ffi
