// SPDX-License-Identifier: MIT
// Golden placements of Windows on Arm, after Microsoft's "Overview of ARM64 ABI conventions". clang 19 agrees for functions that are
// not variadic and for variadic callees; its callers do not split what straddles x7 and the stack, nor take short vectors out of
// the vector registers.
#include <gtest/gtest.h>

#include "testsuite/unit/arch/aarch64/placed.h"

namespace ffi {
namespace {

using namespace test::aarch64_types;  // the types' names are all that the tests are written in

std::string plain(const std::vector<ffi_type *> &list) { return placed(aarch64::win64, &nothing, list); }
std::string variadic(const std::vector<ffi_type *> &list) { return placed(aarch64::win64_variadic, &nothing, list); }

TEST(AArch64Win64, FunctionsThatAreNotVariadicFollowAapcs64) {
  EXPECT_EQ(plain({&real, &two_longs, &three_singles, &sint128}), "0:d0 1:x0+x1 2:s1+s2+s3 3:x2+x3 ->");
  EXPECT_EQ(plain(after(7, &sint64, {&two_longs, &sint64})), filled(7, 'x') + "7:[0] 8:[16] ->; stack 32");
  EXPECT_EQ(placed(aarch64::win64, &three_longs, {&sint64}), "0:x0 -> <x8>");
}

TEST(AArch64Win64, NoArgumentOfAVariadicFunctionIsInAVectorRegister) {
  EXPECT_EQ(variadic({&real, &two_reals, &real}), "0:x0 1:x1+x2 2:x3 ->");
  EXPECT_EQ(variadic({&pointer, &four_singles, &three_ints, &one_byte, &complex_single}),
            "0:x0 1:x1+x2 2:x3+x4 3:x5 4:x6 ->");
  EXPECT_EQ(variadic({&four_reals, &three_longs}), "0:&x0 1:&x1 ->");
  EXPECT_EQ(variadic({&two_ints_wide, &pointer, &pointer, &four_singles_wide}), "0:x0 1:x1 2:x2 3:x4+x5 ->");
}

TEST(AArch64Win64, ButResultsAre) {
  EXPECT_EQ(placed(aarch64::win64_variadic, &real, {&real}), "0:x0 -> d0");
  EXPECT_EQ(placed(aarch64::win64_variadic, &two_reals, {}), "-> d0+d1");
}

TEST(AArch64Win64, TheImaginaryStackContinuesOnTheRealOne) {
  EXPECT_EQ(variadic(after(7, &sint64, {&two_longs, &sint64})), filled(7, 'x') + "7:x7+[0] 8:[8] ->; stack 16");
  EXPECT_EQ(variadic(after(7, &sint64, {&three_ints, &sint32})),
            filled(7, 'x') + "7:x7+[0] 8:[8]/sext32 ->; stack 16");
  EXPECT_EQ(variadic(after(7, &sint64, {&sint128, &sint64})), filled(7, 'x') + "7:[0] 8:[16] ->; stack 32");
  EXPECT_EQ(variadic(after(8, &sint64, {&real, &two_longs, &sint128})),
            filled(8, 'x') + "8:[0] 9:[8] 10:[32] ->; stack 48");
}

TEST(AArch64Win64, WhatStraddlesIsGatheredWhole) {
  const Placed placed(aarch64::win64_variadic, &nothing, after(7, &sint64, {&three_ints}));
  const test::Made &made = *placed.made;
  const Move &low = made.move(7), &high = made.move(8);
  EXPECT_EQ(low.from, 0u);
  EXPECT_EQ(low.size, 8u);
  EXPECT_TRUE(low.flags & first);
  EXPECT_TRUE(low.flags & gather);
  EXPECT_EQ(high.from, 8u);
  EXPECT_EQ(high.size, 4u);
  EXPECT_FALSE(high.flags & first);
  EXPECT_TRUE(high.flags & gather);
  EXPECT_EQ(made->gathered, 1u);
  EXPECT_LE(made->bytes, made.bound);
}

TEST(AArch64Win64, OnlyVariadicFunctionsLeadToThePrivateNumber) {
  EXPECT_EQ(aarch64::sysv.abi, 1u);
  EXPECT_EQ(aarch64::sysv.variadic_abi, 0u);
  EXPECT_EQ(aarch64::win64.abi, 2u);
  EXPECT_EQ(aarch64::win64.variadic_abi, aarch64::win64_variadic.abi);
  EXPECT_TRUE(aarch64::win64_variadic.abi & private_abi);
  EXPECT_EQ(aarch64::win64_variadic.variadic_abi, 0u);
}

}  // namespace
}  // namespace ffi
