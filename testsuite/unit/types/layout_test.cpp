// SPDX-License-Identifier: MIT
// Layout: C's rule for every kind of aggregate, against the compiler's own, and every malformed
// tree there is.
#include "types/layout.h"

#include <gtest/gtest.h>

#include <complex.h>
#include <memory>
#include <thread>

#include "testsuite/unit/main/helpers/list.h"

namespace ffi {
namespace {

using test::Aggregate;
using test::Vector;

void expect_layout(ffi_type &type, std::size_t size, std::size_t alignment) {
  ASSERT_EQ(lay_out(type), Status::ok);
  EXPECT_EQ(type.size, size);
  EXPECT_EQ(type.alignment, alignment);
}

// ---- Structs the compiler can confirm --------------------

template <typename T>
class EveryScalar : public testing::Test {};

template <typename C, int code>
struct Of {
  using type = C;
  static ffi_type *descriptor() {
    switch (code) {
      case FFI_TYPE_UINT8: return &ffi_type_uint8;
      case FFI_TYPE_SINT8: return &ffi_type_sint8;
      case FFI_TYPE_UINT16: return &ffi_type_uint16;
      case FFI_TYPE_SINT16: return &ffi_type_sint16;
      case FFI_TYPE_UINT32: return &ffi_type_uint32;
      case FFI_TYPE_SINT32: return &ffi_type_sint32;
      case FFI_TYPE_UINT64: return &ffi_type_uint64;
      case FFI_TYPE_SINT64: return &ffi_type_sint64;
      case FFI_TYPE_FLOAT: return &ffi_type_float;
      case FFI_TYPE_DOUBLE: return &ffi_type_double;
      case 100: return &ffi_type_longdouble;
#ifdef FFI_TARGET_HAS_INT128
      case FFI_TYPE_SINT128: return &ffi_type_sint128;
      case FFI_TYPE_UINT128: return &ffi_type_uint128;
#endif
      default: return &ffi_type_pointer;
    }
  }
};
using Scalars =
    testing::Types<Of<unsigned char, FFI_TYPE_UINT8>, Of<signed char, FFI_TYPE_SINT8>,
                   Of<unsigned short, FFI_TYPE_UINT16>, Of<short, FFI_TYPE_SINT16>,
                   Of<unsigned, FFI_TYPE_UINT32>, Of<int, FFI_TYPE_SINT32>,
                   Of<unsigned long long, FFI_TYPE_UINT64>, Of<long long, FFI_TYPE_SINT64>,
                   Of<float, FFI_TYPE_FLOAT>, Of<double, FFI_TYPE_DOUBLE>, Of<long double, 100>,
                   Of<void *, FFI_TYPE_POINTER>
#ifdef FFI_TARGET_HAS_INT128
                   ,
                   Of<__int128, FFI_TYPE_SINT128>, Of<unsigned __int128, FFI_TYPE_UINT128>
#endif
                   >;
TYPED_TEST_SUITE(EveryScalar, Scalars);

TYPED_TEST(EveryScalar, AloneInAStruct) {
  struct Alone {
    typename TypeParam::type value;
  };
  Aggregate type({TypeParam::descriptor()});
  expect_layout(type, sizeof(Alone), alignof(Alone));
}

TYPED_TEST(EveryScalar, AfterAndBeforeAByte) {
  struct Surrounded {
    char before;
    typename TypeParam::type value;
    char after;
  };
  Aggregate type({&ffi_type_sint8, TypeParam::descriptor(), &ffi_type_sint8});
  expect_layout(type, sizeof(Surrounded), alignof(Surrounded));
  std::size_t offsets[3];
  ASSERT_EQ(struct_offsets(type, offsets), Status::ok);
  EXPECT_EQ(offsets[0], 0u);
  EXPECT_EQ(offsets[1], offsetof(Surrounded, value));
  EXPECT_EQ(offsets[2], offsetof(Surrounded, after));
}

TYPED_TEST(EveryScalar, InAnArray) {
  struct Array {
    short before;
    typename TypeParam::type values[3];
  };
  ffi_type *const one = TypeParam::descriptor();
  Aggregate type({&ffi_type_sint16, one, one, one});
  expect_layout(type, sizeof(Array), alignof(Array));
}

TEST(Layout, NestedStructs) {
  struct Inner {
    char a;
    short b;
  };
  struct Middle {
    Inner inner;
    double d;
    char c;
  };
  struct Outer {
    char first;
    Middle middle;
    Inner last;
  };
  Aggregate inner({&ffi_type_sint8, &ffi_type_sint16});
  Aggregate middle({&inner, &ffi_type_double, &ffi_type_sint8});
  Aggregate outer({&ffi_type_sint8, &middle, &inner});
  expect_layout(outer, sizeof(Outer), alignof(Outer));
  EXPECT_EQ(inner.size, sizeof(Inner));
  EXPECT_EQ(inner.alignment, alignof(Inner));
  EXPECT_EQ(middle.size, sizeof(Middle));
  EXPECT_EQ(middle.alignment, alignof(Middle));
  std::size_t offsets[3];
  ASSERT_EQ(struct_offsets(outer, offsets), Status::ok);
  EXPECT_EQ(offsets[1], offsetof(Outer, middle));
  EXPECT_EQ(offsets[2], offsetof(Outer, last));
}

TEST(Layout, EmptyStructsTakeNoRoom) {
  Aggregate empty({});
  expect_layout(empty, 0, 1);
  Aggregate around({&ffi_type_sint8, &empty, &ffi_type_sint32, &empty});
  expect_layout(around, 8, 4);
  std::size_t offsets[4];
  ASSERT_EQ(struct_offsets(around, offsets), Status::ok);
  EXPECT_EQ(offsets[1], 1u);
  EXPECT_EQ(offsets[2], 4u);
  EXPECT_EQ(offsets[3], 8u);
}

TEST(Layout, MembersOfAlignmentOneArePacked) {
  struct __attribute__((packed)) Packed {
    char a;
    double b;
    short c;
    int d;
  };
  ffi_type d8 = test::realigned(ffi_type_double, 1), s16 = test::realigned(ffi_type_sint16, 1),
           s32 = test::realigned(ffi_type_sint32, 1);
  Aggregate type({&ffi_type_sint8, &d8, &s16, &s32});
  expect_layout(type, sizeof(Packed), 1);
  std::size_t offsets[4];
  ASSERT_EQ(struct_offsets(type, offsets), Status::ok);
  EXPECT_EQ(offsets[1], offsetof(Packed, b));
  EXPECT_EQ(offsets[2], offsetof(Packed, c));
  EXPECT_EQ(offsets[3], offsetof(Packed, d));
}

TEST(Layout, OverAlignedMembersRoundUpTheWhole) {
  ffi_type wide = test::realigned(ffi_type_sint32, 32768);
  Aggregate type({&ffi_type_sint8, &wide});
  expect_layout(type, 65536, 32768);
}

// ---- Vectors and complex numbers --------------------

TEST(Layout, VectorsOfEveryLane) {
  struct Case {
    ffi_type *lane;
    unsigned lanes;
    std::size_t size, alignment;
  };
  const Case cases[] = {
      {&ffi_type_float, 1, 4, 4},    {&ffi_type_float, 2, 8, 8},    {&ffi_type_float, 4, 16, 16},
      {&ffi_type_double, 1, 8, 8},   {&ffi_type_double, 2, 16, 16}, {&ffi_type_uint8, 8, 8, 8},
      {&ffi_type_sint8, 16, 16, 16}, {&ffi_type_uint16, 4, 8, 8},   {&ffi_type_sint16, 8, 16, 16},
      {&ffi_type_uint32, 2, 8, 8},   {&ffi_type_sint32, 4, 16, 16}, {&ffi_type_uint64, 1, 8, 8},
      {&ffi_type_sint64, 2, 16, 16}, {&ffi_type_uint8, 2, 2, 2},    {&ffi_type_float, 3, 16, 16},
      {&ffi_type_uint8, 5, 8, 8},
  };
  for (const Case &one : cases) {
    SCOPED_TRACE(testing::Message() << one.lanes << " lanes of code " << one.lane->type);
    Vector type(one.lane, one.lanes);
    expect_layout(type, one.size, one.alignment);
  }
}

TEST(Layout, PresetVectorsHaveToFitTheirLanes) {
  Vector right(&ffi_type_float, 4);
  right.size = 16;
  right.alignment = 16;
  EXPECT_EQ(lay_out(right), Status::ok);
  Vector wrong(&ffi_type_float, 4);
  wrong.size = 8;
  wrong.alignment = 8;
  EXPECT_EQ(lay_out(wrong), Status::bad_typedef);
  EXPECT_EQ(wrong.size, 8u);
  Vector skewed(&ffi_type_float, 4);
  skewed.size = 16;
  skewed.alignment = 3;
  EXPECT_EQ(lay_out(skewed), Status::bad_typedef);
}

TEST(Layout, VectorsTheyAreNot) {
  Vector none(&ffi_type_float, 0);
  EXPECT_EQ(lay_out(none), Status::bad_typedef);
  Aggregate mixed({&ffi_type_float, &ffi_type_sint32}, FFI_TYPE_VECTOR);
  EXPECT_EQ(lay_out(mixed), Status::bad_typedef);
  Aggregate sizes({&ffi_type_sint32, &ffi_type_sint64}, FFI_TYPE_VECTOR);
  EXPECT_EQ(lay_out(sizes), Status::bad_typedef);
  ffi_type wide = ffi_type_sint32;
  wide.size = 8;
  Aggregate widths({&ffi_type_sint32, &wide}, FFI_TYPE_VECTOR);
  EXPECT_EQ(lay_out(widths), Status::bad_typedef);
  Vector pointers(&ffi_type_pointer, 2);
  EXPECT_EQ(lay_out(pointers), Status::bad_typedef);
  Vector long_doubles(&ffi_type_longdouble, 1);
  EXPECT_EQ(lay_out(long_doubles), Status::bad_typedef);
  Vector voids(&ffi_type_void, 2);
  EXPECT_EQ(lay_out(voids), Status::bad_typedef);
  Aggregate inner({&ffi_type_float});
  Vector structs(&inner, 2);
  EXPECT_EQ(lay_out(structs), Status::bad_typedef);
  Vector endless(&ffi_type_uint8, 100000);
  EXPECT_EQ(lay_out(endless), Status::bad_typedef);
}

TEST(Layout, ComplexIsTwoParts) {
  Aggregate single({&ffi_type_float}, FFI_TYPE_COMPLEX);
  expect_layout(single, sizeof(float _Complex), alignof(float));
  Aggregate twice({&ffi_type_double}, FFI_TYPE_COMPLEX);
  expect_layout(twice, 2 * sizeof(double), ffi_type_double.alignment);
  Aggregate wide({&ffi_type_longdouble}, FFI_TYPE_COMPLEX);
  expect_layout(wide, 2 * sizeof(long double), ffi_type_longdouble.alignment);
}

TEST(Layout, ComplexTheyAreNot) {
  Aggregate integers({&ffi_type_sint32}, FFI_TYPE_COMPLEX);
  EXPECT_EQ(lay_out(integers), Status::bad_typedef);
  Aggregate none({}, FFI_TYPE_COMPLEX);
  EXPECT_EQ(lay_out(none), Status::bad_typedef);
  Aggregate sized({&ffi_type_double}, FFI_TYPE_COMPLEX, 8, 8);
  EXPECT_EQ(lay_out(sized), Status::bad_typedef);
  Aggregate inner({&ffi_type_double});
  Aggregate nested({&inner}, FFI_TYPE_COMPLEX);
  EXPECT_EQ(lay_out(nested), Status::bad_typedef);
}

TEST(Layout, PublicComplexTypesAreLaidOutAlready) {
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
  // They lie in read-only memory, so a store would end the test.
  for (ffi_type *type :
       {&ffi_type_complex_float, &ffi_type_complex_double, &ffi_type_complex_longdouble}) {
    EXPECT_EQ(lay_out(*type), Status::ok);
    EXPECT_EQ(type->size, 2 * type->elements[0]->size);
  }
#endif
}

// ---- Sizes the caller gave --------------------

TEST(Layout, APresetSizeIsTheCallersWord) {
  Aggregate type({&ffi_type_sint8, &ffi_type_sint32}, FFI_TYPE_STRUCT, 40, 8);
  expect_layout(type, 40, 8);
  Aggregate outer({&ffi_type_sint8, &type});
  expect_layout(outer, 48, 8);
}

TEST(Layout, APresetSizeNeedsASoundAlignment) {
  for (const unsigned short alignment : {0, 3, 24}) {
    Aggregate type({&ffi_type_sint32}, FFI_TYPE_STRUCT, 4, alignment);
    EXPECT_EQ(lay_out(type), Status::bad_typedef) << alignment;
    EXPECT_FALSE(is_laid_out(type));
  }
}

TEST(Layout, OffsetsReplaceAPresetLayout) {
  Aggregate type({&ffi_type_sint8, &ffi_type_sint32}, FFI_TYPE_STRUCT, 40, 16);
  std::size_t offsets[2] = {99, 99};
  ASSERT_EQ(struct_offsets(type, offsets), Status::ok);
  EXPECT_EQ(offsets[1], 4u);
  EXPECT_EQ(type.size, 8u);
  EXPECT_EQ(type.alignment, 4u);
}

TEST(Layout, OffsetsOfStructsAlone) {
  std::size_t offset;
  EXPECT_EQ(struct_offsets(ffi_type_sint32, &offset), Status::bad_typedef);
  Vector vector(&ffi_type_float, 2);
  EXPECT_EQ(struct_offsets(vector, &offset), Status::bad_typedef);
  ffi_type hollow{0, 0, FFI_TYPE_STRUCT, nullptr};
  EXPECT_EQ(struct_offsets(hollow, &offset), Status::bad_typedef);
  Aggregate fine({&ffi_type_sint32});
  EXPECT_EQ(struct_offsets(fine, nullptr), Status::ok);
  EXPECT_EQ(fine.size, 4u);
}

TEST(Layout, IsLaidOutMeansThereIsNothingToDo) {
  Aggregate type({&ffi_type_sint32});
  EXPECT_FALSE(is_laid_out(type));
  ASSERT_EQ(lay_out(type), Status::ok);
  EXPECT_TRUE(is_laid_out(type));
  EXPECT_FALSE(is_laid_out({4, 4, FFI_TYPE_STRUCT, nullptr}));
  EXPECT_FALSE(is_laid_out(ffi_type_sint32));
}

// ---- Malformed trees: a status, the type untouched --------------------

void expect_refused(ffi_type &type) {
  const ffi_type before = type;
  EXPECT_EQ(lay_out(type), Status::bad_typedef);
  EXPECT_EQ(type.size, before.size);
  EXPECT_EQ(type.alignment, before.alignment);
}

TEST(Malformed, NullLists) {
  for (const unsigned short code : {FFI_TYPE_STRUCT, FFI_TYPE_VECTOR, FFI_TYPE_COMPLEX}) {
    ffi_type hollow{0, 0, code, nullptr};
    expect_refused(hollow);
    Aggregate outer({&ffi_type_sint32, &hollow});
    expect_refused(outer);
  }
}

TEST(Malformed, ScalarsAndVoidHaveNoLayout) {
  ffi_type scalar = ffi_type_sint32;
  expect_refused(scalar);
  Aggregate of_void({&ffi_type_void});
  expect_refused(of_void);
}

TEST(Malformed, CodesThatDoNotExist) {
  ffi_type strange{4, 4, 19, nullptr};
  Aggregate outer({&strange});
  expect_refused(outer);
  strange.type = 65535;
  expect_refused(outer);
  Aggregate itself({&ffi_type_sint32}, 77);
  expect_refused(itself);
}

TEST(Malformed, ScalarsWithBadAlignment) {
  for (const unsigned short alignment : {0, 3, 5, 48}) {
    ffi_type bad = test::realigned(ffi_type_sint32, alignment);
    Aggregate outer({&ffi_type_sint8, &bad});
    expect_refused(outer);
  }
}

TEST(Malformed, ScalarsWithBadSize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{17}, SIZE_MAX}) {
    ffi_type bad = ffi_type_sint32;
    bad.size = size;
    Aggregate outer({&ffi_type_sint8, &bad});
    expect_refused(outer);
  }
}

TEST(Malformed, SumsThatOverflow) {
  Aggregate half({&ffi_type_sint8}, FFI_TYPE_STRUCT, SIZE_MAX / 2 + 1, 1);
  Aggregate two({&half, &half});
  expect_refused(two);
  Aggregate most({&ffi_type_sint8}, FFI_TYPE_STRUCT, SIZE_MAX - 2, 1);
  Aggregate aligned({&most, &ffi_type_sint64});
  expect_refused(aligned);
  Aggregate rounded({&most, &ffi_type_sint8, &ffi_type_sint8});
  EXPECT_EQ(lay_out(rounded), Status::ok);  // exactly SIZE_MAX bytes of alignment 1
  Aggregate round_up({&ffi_type_sint64, &most});
  expect_refused(round_up);
}

TEST(Malformed, Cycles) {
  Aggregate self({&ffi_type_sint32, nullptr});
  self.members[1] = &self;
  self.close();
  expect_refused(self);
  Aggregate left({nullptr}), right({&left});
  left.members[0] = &right;
  left.close();
  expect_refused(left);
  expect_refused(right);
}

struct Tower {
  explicit Tower(unsigned levels, unsigned width = 1) {
    ffi_type *below = &ffi_type_uint8;
    for (unsigned i = 0; i < levels; ++i) {
      floors.push_back(std::make_unique<Aggregate>(std::initializer_list<ffi_type *>{}));
      floors.back()->members.assign(width, below);
      floors.back()->close();
      below = floors.back().get();
    }
  }
  ffi_type &top() { return *floors.back(); }
  std::vector<std::unique_ptr<Aggregate>> floors;
};

TEST(Malformed, DepthIsLimited) {
  Tower deep_enough(max_type_depth + 1);
  expect_layout(deep_enough.top(), 1, 1);
  Tower too_deep(max_type_depth + 2);
  expect_refused(too_deep.top());
}

TEST(Layout, ADoublingGraphIsLaidOutOnce) {
  // A floor is known after its first visit, so a billion leaves cost sixty visits.
  Tower doubling(30, 2);
  expect_layout(doubling.top(), std::size_t{1} << 30, 1);
}

TEST(Malformed, ADoublingGraphThatNeverGetsASizeIsGivenUp) {
  // Empty structs keep size 0, so every visit walks them again: the limit on visits is what ends
  // this.
  Aggregate empty({});
  Tower doubling(40, 2);
  doubling.floors[0]->members.assign({&empty, nullptr});
  doubling.floors[0]->elements = doubling.floors[0]->members.data();
  expect_refused(doubling.top());
}

TEST(Malformed, FailureLeavesGoodMembersLaidOutAndTheOuterTypeAlone) {
  Aggregate good({&ffi_type_sint8, &ffi_type_sint32});
  Aggregate outer({&good, &ffi_type_void});
  expect_refused(outer);
  EXPECT_EQ(good.size, 8u);
}

// ---- Threads --------------------

TEST(Layout, SeveralThreadsMayLayOutOneType) {
  for (int round = 0; round < 200; ++round) {
    Aggregate inner({&ffi_type_sint8, &ffi_type_sint32});
    Aggregate outer({&inner, &ffi_type_sint16});
    std::vector<std::thread> threads;
    int wrong[4] = {};
    for (int &mine : wrong) {
      threads.emplace_back([&] {
        mine = lay_out(outer) != Status::ok || outer.size != 12 || outer.alignment != 4 ||
               inner.size != 8;
      });
    }
    for (auto &thread : threads) thread.join();
    for (const int one : wrong) ASSERT_EQ(one, 0);
  }
}

}  // namespace
}  // namespace ffi
