// SPDX-License-Identifier: MIT
// Raw arrays: sizes, packing and unpacking in both layouts, for every type.
#include "marshal/raw.h"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include "base/target.h"
#include "plans/prepare.h"
#include "testsuite/unit/abi/invented.h"
#include "testsuite/unit/main/helpers/list.h"
#include "types/layout.h"

namespace ffi {
namespace {

using raw::Layout;
using test::Aggregate;
using test::Vector;

constexpr std::size_t word = sizeof(ffi_raw);
constexpr unsigned char untouched = 0xc3;

struct Arguments {
  std::vector<ffi_type *> types;
  std::vector<void *> values;
  ffi_cif cif{};

  void add(ffi_type *type, void *value) {
    types.push_back(type);
    values.push_back(value);
  }
  const Plan &plan() {
    const auto count = static_cast<std::uint32_t>(types.size());
    const Status status =
        prepare({FFI_DEFAULT_ABI, count, count, &ffi_type_void, types.data()}, &cif);
    if (status != Status::ok || interned_plan(cif) == nullptr) throw std::runtime_error("no plan");
    return *interned_plan(cif);
  }
  // The array, with a word of guard behind it.
  std::vector<unsigned char> packed(Layout layout) {
    std::vector<unsigned char> array(raw::size(plan(), layout) + word, untouched);
    raw::pack(plan(), values.data(), array.data(), layout);
    for (std::size_t i = array.size() - word; i < array.size(); ++i)
      EXPECT_EQ(array[i], untouched) << "beyond the end";
    return array;
  }
};

template <typename T>
T at(const std::vector<unsigned char> &array, std::size_t offset) {
  T value;
  std::memcpy(&value, array.data() + offset, sizeof value);
  return value;
}

TEST(Raw, NothingTakesNothing) {
  Arguments none;
  EXPECT_EQ(raw::size(none.plan(), Layout::native), 0u);
  EXPECT_EQ(raw::size(none.plan(), Layout::java), 0u);
}

TEST(Raw, NarrowIntegersFillAWord) {
  std::int8_t s8 = -2;
  std::uint8_t u8 = 0xfe;
  std::int16_t s16 = -3;
  std::uint16_t u16 = 0xfffd;
  std::int32_t s32 = -4;
  std::uint32_t u32 = 0xfffffffc;
  for (const Layout layout : {Layout::native, Layout::java}) {
    Arguments arguments;
    arguments.add(&ffi_type_sint8, &s8);
    arguments.add(&ffi_type_uint8, &u8);
    arguments.add(&ffi_type_sint16, &s16);
    arguments.add(&ffi_type_uint16, &u16);
    arguments.add(&ffi_type_sint32, &s32);
    arguments.add(&ffi_type_uint32, &u32);
    const auto array = arguments.packed(layout);
    ASSERT_EQ(array.size(), 7 * word);
    EXPECT_EQ(at<ffi_sarg>(array, 0), -2);
    EXPECT_EQ(at<ffi_arg>(array, word), 0xfeu);
    EXPECT_EQ(at<ffi_sarg>(array, 2 * word), -3);
    EXPECT_EQ(at<ffi_arg>(array, 3 * word), 0xfffdu);
    EXPECT_EQ(at<ffi_sarg>(array, 4 * word), -4);
    EXPECT_EQ(at<ffi_arg>(array, 5 * word), 0xfffffffcu);
  }
}

TEST(Raw, SizesInBothLayouts) {
  struct Case {
    ffi_type *type;
    std::size_t native, java;  // words
  };
  const std::size_t wide = 8 / word;
  Aggregate record({&ffi_type_sint64, &ffi_type_sint64, &ffi_type_sint64});
  ASSERT_EQ(lay_out(record), Status::ok);
#ifdef FFI_TARGET_HAS_VECTOR_TYPE
  Vector vector(&ffi_type_float, 4);
  ASSERT_EQ(lay_out(vector), Status::ok);
#endif
  const std::size_t long_double = (sizeof(long double) + word - 1) / word;
  for (const Case &one :
       {Case{&ffi_type_sint8, 1, 1}, Case{&ffi_type_float, 1, 1}, Case{&ffi_type_pointer, 1, 1},
        Case{&ffi_type_sint64, wide, 2}, Case{&ffi_type_uint64, wide, 2},
        Case{&ffi_type_double, wide, 2}, Case{&ffi_type_longdouble, long_double, long_double},
        Case{&record, 1, 1}
#ifdef FFI_TARGET_HAS_VECTOR_TYPE
        ,
        Case{&vector, 16 / word, 16 / word}
#endif
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
        ,
        Case{&ffi_type_complex_double, 16 / word, 16 / word}
#endif
       }) {
    SCOPED_TRACE(one.type->type);
    Arguments arguments;
    unsigned char value[64] = {};
    arguments.add(one.type, value);
    EXPECT_EQ(raw::size(arguments.plan(), Layout::native), one.native * word);
    EXPECT_EQ(raw::size(arguments.plan(), Layout::java), one.java * word);
  }
}

TEST(Raw, NoValueReachesIntoTheNext) {
  // Each type between two words that have to survive.
#ifdef FFI_TARGET_HAS_VECTOR_TYPE
  Vector vector(&ffi_type_double, 2);
  ASSERT_EQ(lay_out(vector), Status::ok);
#endif
  Aggregate record({&ffi_type_double, &ffi_type_double, &ffi_type_sint8});
  ASSERT_EQ(lay_out(record), Status::ok);
  for (ffi_type *type : std::initializer_list<ffi_type *>{
           &ffi_type_sint8, &ffi_type_sint64, &ffi_type_float, &ffi_type_double,
#ifdef FFI_TARGET_HAS_VECTOR_TYPE
           &vector,
#endif
           &ffi_type_longdouble, &ffi_type_pointer, &record}) {
    for (const Layout layout : {Layout::native, Layout::java}) {
      SCOPED_TRACE(testing::Message()
                   << type->type << (layout == Layout::java ? " java" : " native"));
      std::intptr_t before = 0x1234, after = 0x5678;
      unsigned char value[64];
      std::memset(value, 0xff, sizeof value);
      Arguments arguments;
      arguments.add(&ffi_type_pointer, &before);
      arguments.add(type, value);
      arguments.add(&ffi_type_pointer, &after);
      auto array = arguments.packed(layout);
      void *unpacked[3];
      raw::unpack(arguments.plan(), array.data(), unpacked, layout);
      EXPECT_EQ(std::memcmp(unpacked[0], &before, sizeof before), 0);
      EXPECT_EQ(std::memcmp(unpacked[1], value, type->size), 0);
      EXPECT_EQ(std::memcmp(unpacked[2], &after, sizeof after), 0);
      EXPECT_EQ(at<std::intptr_t>(array, array.size() - 2 * word), 0x5678);
    }
  }
}

TEST(Raw, StructsAreThereByAddress) {
  Aggregate record({&ffi_type_sint8});
  ASSERT_EQ(lay_out(record), Status::ok);
  unsigned char value = 7;
  for (const Layout layout : {Layout::native, Layout::java}) {
    Arguments arguments;
    arguments.add(&record, &value);
    auto array = arguments.packed(layout);
    EXPECT_EQ(at<void *>(array, 0), &value);
    void *unpacked;
    raw::unpack(arguments.plan(), array.data(), &unpacked, layout);
    EXPECT_EQ(unpacked, &value);
  }
}

TEST(Raw, UnpackPointsIntoTheArray) {
  std::int16_t narrow = -5;
  double real = 2.5;
  Arguments arguments;
  arguments.add(&ffi_type_sint16, &narrow);
  arguments.add(&ffi_type_double, &real);
  auto array = arguments.packed(Layout::native);
  void *unpacked[2];
  raw::unpack(arguments.plan(), array.data(), unpacked, Layout::native);
  EXPECT_EQ(unpacked[0], array.data() + (target::big_endian ? word - 2 : 0));
  EXPECT_EQ(unpacked[1], array.data() + word);
  EXPECT_EQ(*static_cast<std::int16_t *>(unpacked[0]), -5);
}

TEST(Raw, CallHandsOverThePackedArray) {
  struct Seen {
    ffi_sarg narrow;
    double real;
    void *rvalue;
    ffi_cif *cif;
  } seen{};
  const auto function = +[](ffi_cif *cif, void *rvalue, ffi_raw *array, void *user_data) {
    auto &into = *static_cast<Seen *>(user_data);
    into.narrow = array[0].sint;
    std::memcpy(&into.real, &array[1], sizeof into.real);
    into.rvalue = rvalue;
    into.cif = cif;
  };
  std::int8_t narrow = -9;
  double real = 1.25;
  Arguments arguments;
  arguments.add(&ffi_type_sint8, &narrow);
  arguments.add(&ffi_type_double, &real);
  int result = 0;
  raw::call(arguments.plan(), &arguments.cif, reinterpret_cast<void (*)()>(function), &result,
            arguments.values.data(), &seen, Layout::native);
  EXPECT_EQ(seen.narrow, -9);
  EXPECT_EQ(seen.real, 1.25);
  EXPECT_EQ(seen.rvalue, &result);
  EXPECT_EQ(seen.cif, &arguments.cif);
}

// As in the Microsoft convention: what is in a vector register is in an integer register, too.
TEST(Raw, AnArgumentInTwoRegistersIsOneArgument) {
  Convention convention = test::invented();
  convention.positional = convention.duplicate = true;
  const test::Made made(convention, {test::real(), test::word()});
  ASSERT_EQ(made->argument_moves, 3u);
  EXPECT_EQ(raw::size(made.plan(), Layout::native), 16u);
}

}  // namespace
}  // namespace ffi
