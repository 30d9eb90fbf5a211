// SPDX-License-Identifier: MIT
// Golden placements of AAPCS64 on a big-endian machine: the same registers and slots, other bytes of them.
#include <gtest/gtest.h>

#include "testsuite/unit/arch/aarch64/placed.h"

namespace ffi {
namespace {

using namespace test::aarch64_types;  // the types' names are all that the tests are written in

std::string arguments(const std::vector<ffi_type *> &list) { return placed(aarch64::sysv_big_endian, &nothing, list); }
std::string result(ffi_type &type) { return placed(aarch64::sysv_big_endian, &type, {}); }

// C.1: "the least significant bits", which a big-endian store of the whole register puts last.
TEST(Aapcs64BigEndian, MembersStandAtTheEndOfTheirVectorRegisters) {
  EXPECT_EQ(arguments({&single, &real, &quad}), "0:s0@12 1:d1@8 2:q2 ->");
  EXPECT_EQ(arguments({&three_singles, &two_reals, &complex_single}), "0:s0@12+s1@12+s2@12 1:d3@8+d4@8 2:s5@12+s6@12 ->");
  EXPECT_EQ(arguments({&two_ints_wide, &four_singles_wide}), "0:d0@8 1:q1 ->");
}

// C.9: an extended integer fills its register whatever the order of bytes.
TEST(Aapcs64BigEndian, IntegersFillTheirRegisters) {
  EXPECT_EQ(arguments({&sint8, &uint16, &sint32, &sint64}), "0:x0/sext8 1:x1/zext16 2:x2/sext32 3:x3 ->");
  EXPECT_EQ(arguments({&sint64, &sint128}), "0:x0 1:x2+x3 ->");
}

// C.12: "as though it had been loaded ... from memory".
TEST(Aapcs64BigEndian, CompositesBeginWhereTheirRegistersBegin) {
  EXPECT_EQ(arguments({&three_bytes, &three_ints, &single_and_int}), "0:x0 1:x1+x2 2:x3 ->");
}

// C.5 and C.16: "as if ... copied to the least significant bits of a 64-bit register". C.15: composites are copied as they are.
TEST(Aapcs64BigEndian, ScalarsStandAtTheEndOfTheirStackSlots) {
  EXPECT_EQ(arguments(after(8, &sint64, {&sint8, &three_bytes, &three_ints})),
            filled(8, 'x') + "8:[0]/sext8 9:[8] 10:[16] ->; stack 32");
  const std::string eight = "0:d0@8 1:d1@8 2:d2@8 3:d3@8 4:d4@8 5:d5@8 6:d6@8 7:d7@8 ";
  EXPECT_EQ(arguments(after(8, &real, {&single, &real, &three_singles, &single})),
            eight + "8:[4] 9:[8] 10:[16] 11:[36] ->; stack 48");
}

TEST(Aapcs64BigEndian, ResultsLikewise) {
  EXPECT_EQ(result(uint16), "-> x0/zext16");
  EXPECT_EQ(result(single), "-> s0@12");
  EXPECT_EQ(result(two_reals), "-> d0@8+d1@8");
  EXPECT_EQ(result(three_ints), "-> x0+x1");
  EXPECT_EQ(result(quad), "-> q0");
}

TEST(Aapcs64BigEndian, NothingIsWrittenBeyondAMember) {
  const Placed placed(aarch64::sysv_big_endian, &nothing, {&single, &real});
  EXPECT_EQ(placed.made->move(0).op, Op::copy4);
  EXPECT_EQ(placed.made->move(1).op, Op::word);
}

}  // namespace
}  // namespace ffi
