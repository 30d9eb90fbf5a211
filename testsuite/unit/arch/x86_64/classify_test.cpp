// SPDX-License-Identifier: MIT
// The x86-64 classifier where the golden file cannot reach: unaligned fields, sizes the caller
// gave, and what is refused.
#include <gtest/gtest.h>

#include <string>

#include "arch/x86_64/convention.h"
#include "testsuite/unit/main/helpers/list.h"
#include "tools/ffi-explain/types.h"

namespace ffi {
namespace {

using explain::Types;

// "integer:8@0 vector:4@8", "memory", "reference", "ignore" or "bad".
std::string classified(const ffi_type &type, Role role = Role::named_argument) {
  Passing passing;
  if (x86_64::classify_sysv(x86_64::sysv, type, role, &passing) != Status::ok) return "bad";
  switch (passing.mode) {
    case Mode::ignore: return "ignore";
    case Mode::memory: return "memory";
    case Mode::reference: return "reference";
    case Mode::registers: break;
  }
  std::string text;
  static const char *const names[] = {"integer", "vector", "x87"};
  for (unsigned i = 0; i < passing.count; ++i) {
    const Part &part = passing.parts[i];
    if (i != 0) text += " ";
    text += std::string(names[static_cast<unsigned>(part.file)]) + ":" + std::to_string(part.size) +
            "@" + std::to_string(part.from);
  }
  return text;
}

struct X86_64Classify : testing::Test {
  Types types{x86_64::sysv.model};
  Status status = Status::ok;

  ffi_type *scalar(TypeCode code) { return types.scalar(code); }
  ffi_type *lax(TypeCode code) { return types.realigned(*types.scalar(code), 1); }
  ffi_type *record(std::vector<ffi_type *> members) {
    return types.structure(std::move(members), &status);
  }
};

using enum TypeCode;

TEST_F(X86_64Classify, UnalignedFieldsAreOfClassMemory) {
  EXPECT_EQ(classified(*record({scalar(sint8), lax(sint32)})), "memory");
  EXPECT_EQ(classified(*record({scalar(sint8), lax(double_)})), "memory");
  EXPECT_EQ(classified(*record({lax(float_), scalar(sint8), lax(sint16)})), "memory");
  EXPECT_EQ(classified(*record({scalar(sint8), lax(sint32)}), Role::result), "reference");
}

TEST_F(X86_64Classify, PackedFieldsThatHappenToBeAlignedAreNot) {
  EXPECT_EQ(classified(*record({lax(sint32), lax(sint32)})), "integer:8@0");
  EXPECT_EQ(classified(*record({lax(double_), lax(sint8)})), "vector:8@0 integer:1@8");
  EXPECT_EQ(classified(*record({lax(sint64), lax(sint32), scalar(sint8)})),
            "integer:8@0 integer:5@8");
}

TEST_F(X86_64Classify, AMisalignedLeafInsideANestedStructCounts) {
  ffi_type *const inner = record({scalar(sint8), lax(sint16)});
  EXPECT_EQ(classified(*record({scalar(sint32), inner})), "memory");
}

TEST_F(X86_64Classify, LongDoublesAreUnalignedUnlessOnSixteen) {
  ffi_type *const packed = lax(longdouble);
  EXPECT_EQ(classified(*record({packed})), "memory");
  EXPECT_EQ(classified(*record({packed}), Role::result), "x87:16@0");
  ffi_type *const number = types.complex(longdouble);
  EXPECT_EQ(classified(*number), "memory");
  EXPECT_EQ(classified(*number, Role::result), "x87:16@0 x87:16@16");
}

TEST_F(X86_64Classify, AComplexLongDoubleInAStructIsNoComplexX87) {
  EXPECT_EQ(classified(*record({types.complex(longdouble)}), Role::result), "reference");
}

TEST_F(X86_64Classify, EverythingMergesAsThePsabiSays) {
  // Step 4 for the pairs that can share an eightbyte: (a) equal, (d) INTEGER wins, (f) SSE
  // otherwise.
  EXPECT_EQ(classified(*record({scalar(float_), scalar(float_)})), "vector:8@0");
  EXPECT_EQ(classified(*record({scalar(float_), scalar(uint8)})), "integer:8@0");
  EXPECT_EQ(classified(*record({scalar(uint16), scalar(float_)})), "integer:8@0");
  EXPECT_EQ(classified(*record({scalar(pointer), scalar(float_), scalar(float_)})),
            "integer:8@0 vector:8@8");
}

TEST_F(X86_64Classify, VectorsOfEightAndSixteenBytesAlone) {
  const auto vector = [&](TypeCode lane, std::size_t lanes) {
    return types.vector(lane, lanes, &status);
  };
  EXPECT_EQ(classified(*vector(float_, 2)), "vector:8@0");
  EXPECT_EQ(classified(*vector(sint8, 16)), "vector:16@0");
  for (const std::size_t lanes : {1, 2, 4})
    EXPECT_EQ(classified(*vector(uint8, lanes)), "bad") << lanes;
  EXPECT_EQ(classified(*vector(float_, 8)), "bad");
  EXPECT_EQ(classified(*vector(double_, 8), Role::result), "bad");
}

TEST_F(X86_64Classify, VectorsInStructs) {
  ffi_type *const eight = types.vector(sint16, 4, &status),
                  *const sixteen = types.vector(double_, 2, &status),
                  *const four = types.vector(sint8, 4, &status);
  EXPECT_EQ(classified(*record({sixteen})), "vector:16@0");
  EXPECT_EQ(classified(*record({eight, scalar(float_)})), "vector:8@0 vector:8@8");
  EXPECT_EQ(classified(*record({scalar(sint8), eight})), "integer:8@0 vector:8@8");
  EXPECT_EQ(classified(*record({sixteen, scalar(sint8)})), "memory");
  EXPECT_EQ(classified(*record({four, four, four, four, four})), "memory");
}

TEST_F(X86_64Classify, PaddingTakesNoRegister) {
  // Sixteen bytes of which only the first eight hold anything.
  test::Aggregate wide({scalar(sint64)}, FFI_TYPE_STRUCT, 16, 8);
  EXPECT_EQ(classified(wide), "integer:8@0");
  test::Aggregate late({scalar(sint8), nullptr}, FFI_TYPE_STRUCT, 16, 16);
  ffi_type *const second = types.realigned(*scalar(sint64), 8);
  late.members = {record({}), second};
  late.close();
  EXPECT_EQ(classified(late), "integer:8@0");
}

TEST_F(X86_64Classify, EmptyIsIgnored) {
  EXPECT_EQ(classified(*record({})), "ignore");
  EXPECT_EQ(classified(*record({record({}), record({})})), "ignore");
  test::Aggregate sized({}, FFI_TYPE_STRUCT, 8, 8);
  EXPECT_EQ(classified(sized), "ignore");
  EXPECT_EQ(classified(*record({}), Role::result), "ignore");
}

TEST_F(X86_64Classify, VoidIsAResult) {
  ffi_type *const nothing = scalar(void_);
  EXPECT_EQ(classified(*nothing, Role::result), "ignore");
  EXPECT_EQ(classified(*nothing), "bad");
  EXPECT_EQ(classified(*nothing, Role::variadic_argument), "bad");
}

TEST_F(X86_64Classify, MoreThanTwoEightbytesAreMemoryUnseen) {
  // Nobody looks at the members: there may be none.
  const ffi_type hollow{17, 8, FFI_TYPE_STRUCT, nullptr};
  EXPECT_EQ(classified(hollow), "memory");
  EXPECT_EQ(classified(hollow, Role::result), "reference");
}

TEST_F(X86_64Classify, MembersBeyondASizeTheCallerGaveNeverReachARegister) {
  test::Aggregate lying({scalar(sint64), scalar(sint64), scalar(sint64)}, FFI_TYPE_STRUCT, 16, 8);
  EXPECT_EQ(classified(lying), "integer:8@0 integer:8@8");
}

TEST_F(X86_64Classify, MalformedMembersAreBad) {
  ffi_type hollow{8, 8, FFI_TYPE_STRUCT, nullptr};
  test::Aggregate outer({&hollow}, FFI_TYPE_STRUCT, 8, 8);
  EXPECT_EQ(classified(outer), "bad");
}

// A register of the x87 has one width; a number of another could not be put there or taken from there.
TEST_F(X86_64Classify, LongDoublesOfOtherMachinesAreBad) {
  for (const std::size_t size : {8u, 12u}) {
    ffi_type number{size, 4, FFI_TYPE_LONGDOUBLE, nullptr};
    test::Aggregate complex({&number}, FFI_TYPE_COMPLEX, 2 * size, 4);
    test::Aggregate around({&number}, FFI_TYPE_STRUCT, 16, 4);
    for (const Role role : {Role::named_argument, Role::result}) {
      EXPECT_EQ(classified(number, role), "bad") << size;
      EXPECT_EQ(classified(complex, role), "bad") << size;
      EXPECT_EQ(classified(around, role), "bad") << size;
    }
  }
}

TEST_F(X86_64Classify, VariadicArgumentsAreLikeNamedOnes) {
  for (ffi_type *type :
       {scalar(sint32), scalar(double_), scalar(longdouble),
        record({scalar(sint64), scalar(double_)}), types.vector(float_, 4, &status)}) {
    EXPECT_EQ(classified(*type, Role::variadic_argument), classified(*type));
  }
}

TEST_F(X86_64Classify, TheClassifierIsPure) {
  ffi_type *const type = record({scalar(sint32), scalar(float_), scalar(double_)});
  const ffi_type before = *type;
  Passing first, second;
  ASSERT_EQ(x86_64::classify_sysv(x86_64::sysv, *type, Role::named_argument, &first), Status::ok);
  ASSERT_EQ(x86_64::classify_sysv(x86_64::sysv, *type, Role::named_argument, &second), Status::ok);
  EXPECT_EQ(type->size, before.size);
  EXPECT_EQ(first.count, second.count);
}

}  // namespace
}  // namespace ffi
