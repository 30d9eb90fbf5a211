// SPDX-License-Identifier: MIT
// Leaves: which scalars a classifier sees, where, and what it never sees.
#include "types/leaves.h"

#include <gtest/gtest.h>

#include <tuple>

#include "testsuite/unit/main/helpers/list.h"

namespace ffi {
namespace {

using test::Aggregate;
using test::Vector;
using Seen = std::vector<std::tuple<unsigned, unsigned, std::size_t>>;  // code, size, offset

Status leaves_of(const ffi_type &type, Seen *seen, std::size_t most = SIZE_MAX) {
  return for_each_leaf(type, [&](const Leaf &leaf) {
    seen->emplace_back(static_cast<unsigned>(leaf.code), leaf.size, leaf.offset);
    return seen->size() < most && leaf.offset < 4096;
  });
}

TEST(Leaves, AScalarIsItsOwnLeaf) {
  Seen seen;
  ASSERT_EQ(leaves_of(ffi_type_sint16, &seen), Status::ok);
  EXPECT_EQ(seen, (Seen{{FFI_TYPE_SINT16, 2, 0}}));
}

TEST(Leaves, NestedStructsInMemoryOrder) {
  Aggregate inner({&ffi_type_sint8, &ffi_type_float});
  Aggregate empty({});
  ffi_type wide = test::realigned(ffi_type_double, 8);
  Aggregate outer({&ffi_type_sint8, &inner, &empty, &wide, &inner});
  ASSERT_EQ(lay_out(outer), Status::ok);
  Seen seen;
  ASSERT_EQ(leaves_of(outer, &seen), Status::ok);
  EXPECT_EQ(seen, (Seen{{FFI_TYPE_SINT8, 1, 0},
                        {FFI_TYPE_SINT8, 1, 4},
                        {FFI_TYPE_FLOAT, 4, 8},
                        {FFI_TYPE_DOUBLE, 8, 16},
                        {FFI_TYPE_SINT8, 1, 24},
                        {FFI_TYPE_FLOAT, 4, 28}}));
}

TEST(Leaves, PackedMembersLieWhereTheyLie) {
  ffi_type wide = test::realigned(ffi_type_double, 1);
  Aggregate packed({&ffi_type_sint8, &wide, &ffi_type_sint8});
  ASSERT_EQ(lay_out(packed), Status::ok);
  Seen seen;
  ASSERT_EQ(leaves_of(packed, &seen), Status::ok);
  EXPECT_EQ(seen, (Seen{{FFI_TYPE_SINT8, 1, 0}, {FFI_TYPE_DOUBLE, 8, 1}, {FFI_TYPE_SINT8, 1, 9}}));
}

TEST(Leaves, AComplexNumberIsTwo) {
  Aggregate number({&ffi_type_float}, FFI_TYPE_COMPLEX);
  Aggregate around({&ffi_type_sint8, &number});
  ASSERT_EQ(lay_out(around), Status::ok);
  Seen seen;
  ASSERT_EQ(leaves_of(around, &seen), Status::ok);
  EXPECT_EQ(seen, (Seen{{FFI_TYPE_SINT8, 1, 0}, {FFI_TYPE_FLOAT, 4, 4}, {FFI_TYPE_FLOAT, 4, 8}}));
}

TEST(Leaves, AVectorIsOne) {
  Vector vector(&ffi_type_sint16, 4);
  Aggregate around({&ffi_type_sint32, &vector});
  ASSERT_EQ(lay_out(around), Status::ok);
  Seen seen;
  ASSERT_EQ(leaves_of(around, &seen), Status::ok);
  EXPECT_EQ(seen, (Seen{{FFI_TYPE_SINT32, 4, 0}, {FFI_TYPE_VECTOR, 8, 8}}));
}

TEST(Leaves, AnEmptyStructHasNone) {
  Aggregate empty({});
  Aggregate around({&empty, &empty});
  ASSERT_EQ(lay_out(around), Status::ok);
  Seen seen;
  EXPECT_EQ(leaves_of(around, &seen), Status::ok);
  EXPECT_TRUE(seen.empty());
}

TEST(Leaves, MembersOfAUnionLieInOnePlace) {
  Aggregate pair({&ffi_type_float, &ffi_type_float}, FFI_TYPE_STRUCT, 8, 4);
  Aggregate either({&ffi_type_sint32, &pair, &ffi_type_sint8}, FFI_TYPE_STRUCT, 8, 4);
  Aggregate outer({&ffi_type_sint8, &either, &ffi_type_sint16});
  ASSERT_EQ(lay_out(outer), Status::ok);
  Seen seen;
  ASSERT_EQ(leaves_of(outer, &seen), Status::ok);
  EXPECT_EQ(seen, (Seen{{FFI_TYPE_SINT8, 1, 0},
                        {FFI_TYPE_SINT32, 4, 4},
                        {FFI_TYPE_FLOAT, 4, 4},
                        {FFI_TYPE_FLOAT, 4, 8},
                        {FFI_TYPE_SINT8, 1, 4},
                        {FFI_TYPE_SINT16, 2, 12}}));
}

// As a struct of bit-fields is described: more members than it has room for, and none that fills it alone.
TEST(Leaves, WhatBeginsBeyondTheEndIsNoLeaf) {
  Aggregate pair({&ffi_type_float, &ffi_type_float});
  Aggregate fields({&ffi_type_sint32, &ffi_type_sint32, &ffi_type_sint32, &pair}, FFI_TYPE_STRUCT, 12, 4);
  ASSERT_EQ(lay_out(fields), Status::ok);
  Seen seen;
  ASSERT_EQ(leaves_of(fields, &seen), Status::ok);
  EXPECT_EQ(seen, (Seen{{FFI_TYPE_SINT32, 4, 0}, {FFI_TYPE_SINT32, 4, 4}, {FFI_TYPE_SINT32, 4, 8}}));
}

TEST(Leaves, FalseStopsEverywhere) {
  Aggregate number({&ffi_type_float}, FFI_TYPE_COMPLEX);
  Aggregate inner({&ffi_type_sint8, &ffi_type_sint8});
  Aggregate outer({&inner, &number, &inner, &ffi_type_sint8});
  ASSERT_EQ(lay_out(outer), Status::ok);
  for (std::size_t most = 1; most <= 7; ++most) {
    Seen seen;
    EXPECT_EQ(leaves_of(outer, &seen, most), Status::ok);
    EXPECT_EQ(seen.size(), most);
  }
}

// A size preset over a malformed tree gets past lay_out(), so the walk has to see for itself.
struct Preset : testing::Test {
  void expect_refused(std::initializer_list<ffi_type *> members) {
    Aggregate outer(members, FFI_TYPE_STRUCT, 16, 8);
    ASSERT_EQ(lay_out(outer), Status::ok);
    Seen seen;
    EXPECT_EQ(leaves_of(outer, &seen), Status::bad_typedef);
  }
};

// Members that nobody laid out yet are laid out on the way; the empty struct of GNU C is one of them.
TEST_F(Preset, MembersOfUnknownSize) {
  ffi_type wide = test::realigned(ffi_type_double, 8);
  Aggregate empty({}), pair({&ffi_type_sint8, &wide}), hollow({&empty, &empty});
  Aggregate outer({&empty, &ffi_type_sint32, &hollow, &pair}, FFI_TYPE_STRUCT, 24, 8);
  ASSERT_EQ(lay_out(outer), Status::ok);
  Seen seen;
  ASSERT_EQ(leaves_of(outer, &seen), Status::ok);
  EXPECT_EQ(seen, (Seen{{FFI_TYPE_SINT32, 4, 0}, {FFI_TYPE_SINT8, 1, 8}, {FFI_TYPE_DOUBLE, 8, 16}}));
  EXPECT_EQ(empty.alignment, 1u);
  EXPECT_EQ(hollow.alignment, 1u);
  EXPECT_EQ(pair.size, 16u);
  Aggregate no_list({&ffi_type_void});
  expect_refused({&no_list});
}

TEST_F(Preset, Void) { expect_refused({&ffi_type_void}); }

TEST_F(Preset, BadAlignment) {
  ffi_type bad = test::realigned(ffi_type_sint32, 0);
  expect_refused({&bad});
  Aggregate inner({&ffi_type_sint32}, FFI_TYPE_STRUCT, 4, 3);
  expect_refused({&inner});
}

TEST_F(Preset, NullLists) {
  for (const unsigned short code : {FFI_TYPE_STRUCT, FFI_TYPE_VECTOR, FFI_TYPE_COMPLEX}) {
    ffi_type hollow{8, 8, code, nullptr};
    expect_refused({&hollow});
  }
  Aggregate no_lane({}, FFI_TYPE_VECTOR, 8, 8), no_part({}, FFI_TYPE_COMPLEX, 8, 4);
  expect_refused({&no_lane});
  expect_refused({&no_part});
}

TEST_F(Preset, CodesThatDoNotExist) {
  ffi_type strange{8, 8, 19, nullptr};
  expect_refused({&strange});
  strange.type = 60000;
  expect_refused({&strange});
}

TEST_F(Preset, ComplexPartsThatAreNotFloating) {
  // A part's code becomes a leaf's code, which classifiers use as an index.
  ffi_type strange{8, 8, 60000, nullptr};
  Aggregate number({&strange}, FFI_TYPE_COMPLEX, 16, 8);
  expect_refused({&number});
  Aggregate integers({&ffi_type_sint32}, FFI_TYPE_COMPLEX, 8, 4);
  expect_refused({&integers});
}

TEST_F(Preset, Cycles) {
  Aggregate self({nullptr}, FFI_TYPE_STRUCT, 16, 8);
  self.members[0] = &self;
  self.close();
  Seen seen;
  EXPECT_EQ(leaves_of(self, &seen), Status::bad_typedef);
}

TEST_F(Preset, ManyEmptyStructsAreGivenUp) {
  Aggregate empty({}, FFI_TYPE_STRUCT, 0, 1);
  Aggregate outer({}, FFI_TYPE_STRUCT, 16, 8);
  outer.members.assign(max_leaf_visits + 1, &empty);
  outer.close();
  Seen seen;
  EXPECT_EQ(leaves_of(outer, &seen), Status::bad_typedef);
}

TEST_F(Preset, MembersTooLargeForOffsetsAreRefused) {
  Aggregate huge({&ffi_type_sint8}, FFI_TYPE_STRUCT, SIZE_MAX - 7, 8);
  expect_refused({&huge, &ffi_type_sint8});
}

}  // namespace
}  // namespace ffi
