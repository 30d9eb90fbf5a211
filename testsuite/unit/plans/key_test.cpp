// SPDX-License-Identifier: MIT
// Keys: equal for signatures that may share a plan, different for all others.
#include "plans/key.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "testsuite/unit/main/helpers/list.h"

namespace ffi {
namespace {

using test::Aggregate;
using test::Vector;

constexpr std::size_t leaf_bytes = 16;

// The key of a signature's types, result first, as plans/prepare.cpp builds it.
void build(Key *key, std::uint32_t abi, const std::vector<ffi_type *> &types) {
  key->header(abi, static_cast<std::uint32_t>(types.size() - 1));
  for (ffi_type *type : types) {
    if (key->scalars(&type, 1) == 1) continue;
    if (code_of(*type) == TypeCode::void_) {
      key->scalar(TypeCode::void_);
    } else {
      ASSERT_EQ(lay_out(*type), Status::ok);
      ASSERT_EQ(key->aggregate(*type, leaf_bytes), Status::ok);
    }
  }
}

std::string text(const Key &key) {
  return {reinterpret_cast<const char *>(key.data()), key.size()};
}

std::string key_of(std::uint32_t abi, const std::vector<ffi_type *> &types) {
  Key key;
  build(&key, abi, types);
  key.finish();
  return text(key);
}

TEST(Key, SameShapeSameKeyAndDigest) {
  Aggregate one({&ffi_type_sint32, &ffi_type_float}), two({&ffi_type_sint32, &ffi_type_float});
  Key a, b;
  build(&a, 2, {&ffi_type_void, &one, &ffi_type_double});
  build(&b, 2, {&ffi_type_void, &two, &ffi_type_double});
  EXPECT_EQ(a.finish(), b.finish());
  EXPECT_EQ(text(a), text(b));
  EXPECT_TRUE(a.equals(b.data()));
}

// A member that nobody laid out yet has no alignment before the key is made, and has one when it is made again.
TEST(Key, SameBeforeAndAfterMembersAreLaidOut) {
  ffi_type aligned = test::realigned(ffi_type_double, 16);
  Aggregate inner({&aligned}), outer({&inner}, FFI_TYPE_STRUCT, 16, 16);
  ASSERT_EQ(inner.alignment, 0u);
  const std::string before = key_of(2, {&ffi_type_void, &outer});
  EXPECT_EQ(inner.alignment, 16u);
  EXPECT_EQ(key_of(2, {&ffi_type_void, &outer}), before);
}

TEST(Key, EverythingThatPlansDependOnCounts) {
  Aggregate ints({&ffi_type_sint32, &ffi_type_sint32}), mixed({&ffi_type_sint32, &ffi_type_float}),
      one({&ffi_type_sint64}), nested({&ints}), empty({}),
      large({&ffi_type_sint64, &ffi_type_sint64, &ffi_type_sint64}),
      larger({&ffi_type_sint64, &ffi_type_sint64, &ffi_type_sint64, &ffi_type_sint8});
  ffi_type lax = test::realigned(ffi_type_sint64, 1);
  Aggregate packed({&lax});
  Aggregate number({&ffi_type_float}, FFI_TYPE_COMPLEX), floats({&ffi_type_float, &ffi_type_float});
  Vector vector(&ffi_type_float, 2);
  ffi_type *const nothing = &ffi_type_void;
  std::set<std::string> keys;
  const std::vector<std::pair<std::uint32_t, std::vector<ffi_type *>>> signatures = {
      {2, {nothing}},
      {3, {nothing}},
      {2, {&ffi_type_sint32}},
      {2, {nothing, &ffi_type_sint32}},
      {2, {nothing, &ffi_type_uint32}},
      {2, {nothing, &ffi_type_sint32, &ffi_type_sint32}},
      {2, {&ffi_type_sint32, &ffi_type_sint32}},
      {2, {nothing, &ffi_type_sint32, &ffi_type_double}},
      {2, {nothing, &ffi_type_double, &ffi_type_sint32}},
      {2, {nothing, &ints}},
      {2, {nothing, &mixed}},
      {2, {nothing, &one}},
      {2, {nothing, &packed}},
      {2, {nothing, &empty}},
      {2, {nothing, &large}},
      {2, {nothing, &larger}},
      {2, {nothing, &number}},
      {2, {nothing, &floats}},
      {2, {nothing, &vector}},
      {2, {&ints}},
      {2, {&ints, &one}},
      {2, {&one, &ints}},
  };
  for (const auto &[abi, types] : signatures) keys.insert(key_of(abi, types));
  EXPECT_EQ(keys.size(), signatures.size());
  // A struct and the same struct one level deeper are passed alike.
  EXPECT_EQ(key_of(2, {nothing, &nested}).size(), key_of(2, {nothing, &ints}).size());
}

TEST(Key, WhereAnAggregateEndsCounts) {
  // The leaves of `more' are those of `fewer' and one that looks, in memory, like the two scalars
  // after it.
  ffi_type lax = test::realigned(ffi_type_uint64, 1);
  ffi_type *const byte = &ffi_type_uint8;
  Aggregate more({byte, byte, byte, byte, &lax}, FFI_TYPE_STRUCT, 12, 1);
  Aggregate fewer({byte, byte, byte, byte}, FFI_TYPE_STRUCT, 12, 1);
#ifndef FFI_TARGET_HAS_INT128
  GTEST_SKIP() << "this machine's C has no integers of 16 bytes";
#endif
  ffi_type u128{16, 16, FFI_TYPE_UINT128, nullptr};
  EXPECT_NE(key_of(2, {&ffi_type_void, &more, &fewer, &ffi_type_sint32, &u128}),
            key_of(2, {&ffi_type_void, &fewer, &ffi_type_sint32, &u128, &more}));
}

TEST(Key, NoTwoOfManyShapesShareOne) {
  // All signatures of up to four types out of eight.
  Aggregate ints({&ffi_type_sint32, &ffi_type_sint32}), reals({&ffi_type_double}),
      bytes({&ffi_type_uint8, &ffi_type_uint8});
  const std::vector<ffi_type *> types = {
      &ffi_type_sint8, &ffi_type_uint64, &ffi_type_float, &ffi_type_pointer, &ffi_type_longdouble,
      &ints,           &reals,           &bytes};
  std::set<std::string> keys;
  std::set<std::uint64_t> digests;
  std::size_t made = 0;
  std::vector<ffi_type *> chosen{&ffi_type_void};
  const std::function<void(unsigned)> extend = [&](unsigned left) {
    Key key;
    build(&key, 2, chosen);
    digests.insert(key.finish());
    keys.insert(text(key));
    ++made;
    if (left == 0) return;
    for (ffi_type *type : types) {
      chosen.push_back(type);
      extend(left - 1);
      chosen.pop_back();
    }
  };
  extend(4);
  EXPECT_EQ(made, 1u + 8 + 64 + 512 + 4096);
  EXPECT_EQ(keys.size(), made);
  EXPECT_GE(digests.size(), made - made / 100);  // equal digests only cost time
}

TEST(Key, LongKeysAreWhole) {
  std::vector<ffi_type *> types(5000, &ffi_type_sint32);
  types[0] = &ffi_type_void;
  const std::string key = key_of(2, types);
  EXPECT_GE(key.size(), 5000u);
  types[4999] = &ffi_type_uint32;
  EXPECT_NE(key_of(2, types), key);
  types[4999] = &ffi_type_sint32;
  EXPECT_EQ(key_of(2, types), key);
}

TEST(Key, ManyScalarsAtOnceAreAddedUpToTheFirstThatIsNone) {
  Aggregate pair({&ffi_type_sint32});
  ffi_type bad = test::realigned(ffi_type_sint32, 3);
  ffi_type *const types[] = {
      &ffi_type_sint8, &ffi_type_double, &pair, &ffi_type_sint8, nullptr, &bad, &ffi_type_void};
  Key key;
  EXPECT_EQ(key.scalars(types, 7), 2u);
  EXPECT_EQ(key.scalars(types + 3, 4), 1u);
  EXPECT_EQ(key.scalars(types + 5, 2), 0u);
  EXPECT_EQ(key.scalars(types + 6, 1), 0u);
  EXPECT_EQ(key.scalars(types, 0), 0u);
}

// Of a union, every member counts, wherever the key notices that it is one; of a struct of bit-fields, what begins inside.
TEST(Key, MembersForWhichThereIsNoRoom) {
  const auto equal = [](ffi_type &a, ffi_type &b) {
    Key one, other;
    EXPECT_EQ(one.aggregate(a, leaf_bytes), Status::ok);
    EXPECT_EQ(other.aggregate(b, leaf_bytes), Status::ok);
    const bool same_digest = one.finish() == other.finish();
    return same_digest && one.size() == other.size() && one.equals(other.data());
  };
  Aggregate pair({&ffi_type_float, &ffi_type_float}, FFI_TYPE_STRUCT, 8, 4);
  Aggregate floats({&ffi_type_float, &pair}, FFI_TYPE_STRUCT, 8, 4);
  Aggregate mixed({&ffi_type_sint32, &pair}, FFI_TYPE_STRUCT, 8, 4);
  Aggregate number({&ffi_type_sint64}, FFI_TYPE_STRUCT, 8, 8);
  Aggregate numbers({&ffi_type_sint64, &ffi_type_double}, FFI_TYPE_STRUCT, 8, 8);
  EXPECT_FALSE(equal(pair, floats));
  EXPECT_FALSE(equal(floats, mixed));
  EXPECT_FALSE(equal(number, numbers));
  Aggregate two({&ffi_type_sint32, &ffi_type_sint32}, FFI_TYPE_STRUCT, 8, 4);
  Aggregate fields({&ffi_type_sint32, &ffi_type_sint32, &ffi_type_sint32, &ffi_type_float}, FFI_TYPE_STRUCT, 8, 4);
  EXPECT_TRUE(equal(two, fields));
}

TEST(Key, LeavesOfLargeAggregatesAreNotVisited) {
  ffi_type hollow{8, 8, FFI_TYPE_STRUCT, nullptr};
  Aggregate large({&hollow}, FFI_TYPE_STRUCT, 24, 8);
  Key key;
  EXPECT_EQ(key.aggregate(large, 16), Status::ok);
  EXPECT_EQ(key.aggregate(large, 24), Status::bad_typedef);
}

}  // namespace
}  // namespace ffi
