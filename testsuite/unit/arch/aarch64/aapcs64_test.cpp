// SPDX-License-Identifier: MIT
// Golden placements of AAPCS64, clause by clause. What stands here is also what gcc 12 and clang 19 do for aarch64-linux-gnu; the
// oracle compares the same at random.
#include <gtest/gtest.h>

#include "testsuite/unit/arch/aarch64/placed.h"

namespace ffi {
namespace {

using namespace test::aarch64_types;  // the types' names are all that the tests are written in

std::string arguments(const std::vector<ffi_type *> &list) { return placed(aarch64::sysv, &nothing, list); }
std::string result(ffi_type &type) { return placed(aarch64::sysv, &type, {}); }
std::string longs(unsigned count, std::vector<ffi_type *> others) { return arguments(after(count, &sint64, others)); }
std::string reals(unsigned count, std::vector<ffi_type *> others) { return arguments(after(count, &real, others)); }

// ---- Registers -----------------------------------------------------------------------------------------------------------

TEST(Aapcs64, C1FloatingPointAndShortVectorsTakeOneRegister) {
  EXPECT_EQ(arguments({&single, &real, &quad}), "0:s0 1:d1 2:q2 ->");
  EXPECT_EQ(arguments({&two_ints_wide, &eight_bytes_wide, &four_singles_wide, &two_reals_wide}),
            "0:d0 1:d1 2:q2 3:q3 ->");
}

TEST(Aapcs64, C2HomogeneousAggregatesTakeOneRegisterForEachMember) {
  EXPECT_EQ(arguments({&one_single, &three_singles, &four_singles}), "0:s0 1:s1+s2+s3 2:s4+s5+s6+s7 ->");
  EXPECT_EQ(arguments({&four_reals, &two_quads}), "0:d0+d1+d2+d3 1:q4+q5 ->");
  EXPECT_EQ(arguments({&four_quads}), "0:q0+q1+q2+q3 ->");
  EXPECT_EQ(arguments({&nested_singles, &complex_and_single}), "0:s0+s1+s2 1:s3+s4+s5 ->");
  EXPECT_EQ(arguments({&two_short_vectors, &two_long_vectors}), "0:d0+d1 1:q2+q3 ->");
}

TEST(Aapcs64, ComplexNumbersTravelLikeTwoMembers) {
  EXPECT_EQ(arguments({&complex_single, &complex_real, &complex_quad}), "0:s0+s1 1:d2+d3 2:q4+q5 ->");
  EXPECT_EQ(reals(7, {&complex_single, &single}), filled(7, 'd') + "7:[0] 8:[8] ->; stack 16");
}

TEST(Aapcs64, MembersThatDifferOrDoNotFillTheStructAreNotHomogeneous) {
  EXPECT_EQ(arguments({&single_and_real, &single_and_int, &vector_and_real}), "0:x0+x1 1:x2 2:x3+x4 ->");
  EXPECT_EQ(arguments({&padded_singles, &two_narrow_vectors}), "0:x0+x1 1:x2 ->");
  EXPECT_EQ(arguments({&five_singles, &vectors_of_both_sizes}), "0:&x0 1:&x1 ->");
}

TEST(Aapcs64, C9IntegersTakeOneRegister) {
  EXPECT_EQ(arguments({&sint8, &uint8, &sint16, &uint16}), "0:x0/sext8 1:x1/zext8 2:x2/sext16 3:x3/zext16 ->");
  EXPECT_EQ(arguments({&plain_int, &uint32, &sint64, &pointer}), "0:x0/sext32 1:x1/zext32 2:x2 3:x3 ->");
}

TEST(Aapcs64, TheTwoFilesAreCountedApart) {
  EXPECT_EQ(arguments({&real, &sint64, &single, &two_longs, &three_singles}), "0:d0 1:x0 2:s1 3:x1+x2 4:s2+s3+s4 ->");
}

TEST(Aapcs64, C10WhatIsAlignedTo16StartsAtAnEvenRegister) {
  EXPECT_EQ(arguments({&sint64, &sint128, &sint64}), "0:x0 1:x2+x3 2:x4 ->");
  EXPECT_EQ(arguments({&sint128, &sint64, &sint128}), "0:x0+x1 1:x2 2:x4+x5 ->");
  EXPECT_EQ(arguments({&sint64, &one_sint128}), "0:x0 1:x2+x3 ->");
  EXPECT_EQ(longs(6, {&one_sint128}), filled(6, 'x') + "6:x6+x7 ->");
}

TEST(Aapcs64, B6TheAlignmentBeforeAdjustmentCounts) {
  EXPECT_EQ(arguments({&sint64, &adjusted}), "0:x0 1:x1+x2 ->");
  EXPECT_EQ(arguments({&sint64, &around_adjusted}), "0:x0 1:x2+x3 ->");
  EXPECT_EQ(arguments({&sint64, &packed}), "0:x0 1:x1+x2 ->");
  EXPECT_EQ(arguments({&sint64, &padded_singles}), "0:x0 1:x1+x2 ->");
}

TEST(Aapcs64, C12CompositesTakeConsecutiveRegisters) {
  EXPECT_EQ(arguments({&three_bytes, &three_ints, &two_longs}), "0:x0 1:x1+x2 2:x3+x4 ->");
}

TEST(Aapcs64, B4LargeCompositesAreCopiedToMemory) {
  EXPECT_EQ(arguments({&three_longs, &sint64}), "0:&x0 1:x1 ->");
  EXPECT_EQ(longs(8, {&three_longs, &sint8}), filled(8, 'x') + "8:&[0] 9:[8]/sext8 ->; stack 16");
}

TEST(Aapcs64, VectorsThatAreNotShortOnesGoLikeIntegersOrInMemory) {
  EXPECT_EQ(arguments({&four_bytes_wide, &four_reals_wide}), "0:x0 1:&x1 ->");
}

TEST(Aapcs64, EmptyStructsTakeNoPlaceInCButOneRegisterInCPlusPlus) {
  EXPECT_EQ(arguments({&empty, &sint64}), "0:- 1:x0 ->");
  EXPECT_EQ(arguments({&empty_class, &sint64}), "0:x0 1:x1 ->");
}

TEST(Aapcs64, EmptyMembersInFrontDoNotCount) {
  EXPECT_EQ(arguments({&singles_after_nothing, &hollow, &single}), "0:s0+s1 1:- 2:s2 ->");
}

// ---- The stack --------------------------------------------------------------------------------------------------------

TEST(Aapcs64, C3AnAggregateThatDoesNotFitClosesTheVectorRegisters) {
  EXPECT_EQ(reals(6, {&three_singles, &single}), filled(6, 'd') + "6:[0] 7:[16] ->; stack 32");
  EXPECT_EQ(reals(5, {&four_reals, &real}), filled(5, 'd') + "5:[0] 6:[32] ->; stack 48");
  EXPECT_EQ(reals(7, {&two_reals, &sint64}), filled(7, 'd') + "7:[0] 8:x0 ->; stack 16");
}

TEST(Aapcs64, C4QuadsAndVectorsAreAlignedOnTheStack) {
  EXPECT_EQ(reals(8, {&single, &quad, &single}), filled(8, 'd') + "8:[0] 9:[16] 10:[32] ->; stack 48");
  EXPECT_EQ(reals(8, {&single, &two_quads}), filled(8, 'd') + "8:[0] 9:[16] ->; stack 48");
  EXPECT_EQ(reals(8, {&single, &four_singles_wide, &two_ints_wide}),
            filled(8, 'd') + "8:[0] 9:[16] 10:[32] ->; stack 48");
}

TEST(Aapcs64, C5SinglesTakeEightBytesEach) {
  EXPECT_EQ(reals(8, {&single, &single, &real}), filled(8, 'd') + "8:[0] 9:[8] 10:[16] ->; stack 32");
}

TEST(Aapcs64, C13ACompositeThatDoesNotFitClosesTheGeneralRegisters) {
  EXPECT_EQ(longs(7, {&two_longs, &sint64}), filled(7, 'x') + "7:[0] 8:[16] ->; stack 32");
  EXPECT_EQ(longs(7, {&sint128, &sint64}), filled(7, 'x') + "7:[0] 8:[16] ->; stack 32");
  EXPECT_EQ(longs(7, {&three_ints, &real}), filled(7, 'x') + "7:[0] 8:d0 ->; stack 16");
}

TEST(Aapcs64, C14TheStackIsAlignedForInt128) {
  EXPECT_EQ(longs(8, {&sint8, &sint128, &uint16}), filled(8, 'x') + "8:[0]/sext8 9:[16] 10:[32]/zext16 ->; stack 48");
  EXPECT_EQ(longs(9, {&adjusted, &around_adjusted}), filled(8, 'x') + "8:[0] 9:[8] 10:[32] ->; stack 48");
}

TEST(Aapcs64, C15And16EverythingTakesWholeDoublewords) {
  EXPECT_EQ(longs(8, {&three_bytes, &sint32, &three_ints, &uint8}),
            filled(8, 'x') + "8:[0] 9:[8]/sext32 10:[16] 11:[32]/zext8 ->; stack 48");
}

// ---- Results and the rest ---------------------------------------------------------------------------------------------

TEST(Aapcs64, ResultsTravelAsTheFirstArgumentWould) {
  EXPECT_EQ(result(nothing), "->");
  EXPECT_EQ(result(sint8), "-> x0/sext8");
  EXPECT_EQ(result(uint32), "-> x0/zext32");
  EXPECT_EQ(result(pointer), "-> x0");
  EXPECT_EQ(result(sint128), "-> x0+x1");
  EXPECT_EQ(result(single), "-> s0");
  EXPECT_EQ(result(quad), "-> q0");
  EXPECT_EQ(result(three_ints), "-> x0+x1");
  EXPECT_EQ(result(one_sint128), "-> x0+x1");
  EXPECT_EQ(result(three_singles), "-> s0+s1+s2");
  EXPECT_EQ(result(four_quads), "-> q0+q1+q2+q3");
  EXPECT_EQ(result(complex_quad), "-> q0+q1");
  EXPECT_EQ(result(two_short_vectors), "-> d0+d1");
  EXPECT_EQ(result(four_bytes_wide), "-> x0");
  EXPECT_EQ(result(empty), "->");
}

TEST(Aapcs64, LargeResultsGoWhereX8Says) {
  EXPECT_EQ(placed(aarch64::sysv, &three_longs, {&sint64}), "0:x0 -> <x8>");
  EXPECT_EQ(result(five_singles), "-> <x8>");
  EXPECT_EQ(result(four_reals_wide), "-> <x8>");
  const Placed made(aarch64::sysv, &three_longs, {});
  EXPECT_EQ((*made.made)->result_echo_at, UINT32_MAX);  // 6.9: nothing is said of x8 or x0 afterwards
}

TEST(Aapcs64, VariadicArgumentsTravelLikeNamedOnes) {
  for (ffi_type *type : std::vector<ffi_type *>{&sint64, &real, &quad, &four_reals, &two_longs, &three_longs, &sint128}) {
    Passing named, variadic;
    if (is_aggregate(code_of(*type))) {
      ASSERT_EQ(lay_out(*type), Status::ok);
    }
    ASSERT_EQ(aarch64::classify_aapcs64(aarch64::sysv, *type, Role::named_argument, &named), Status::ok);
    ASSERT_EQ(aarch64::classify_aapcs64(aarch64::sysv, *type, Role::variadic_argument, &variadic), Status::ok);
    EXPECT_EQ(named.mode, variadic.mode);
    ASSERT_EQ(named.count, variadic.count);
    for (unsigned i = 0; i < named.count; ++i) EXPECT_EQ(named.parts[i].file, variadic.parts[i].file);
  }
}

TEST(Aapcs64, VoidIsNoArgument) { EXPECT_EQ(arguments({&nothing}), "bad argument"); }

TEST(Aapcs64, AMalformedTreeIsRefusedEvenWithASize) {
  ffi_type *members[] = {nullptr, nullptr};
  ffi_type broken{8, 8, FFI_TYPE_STRUCT, members};
  ffi_type unsound{8, 3, FFI_TYPE_DOUBLE, nullptr};
  members[0] = &unsound;
  Passing passing;
  EXPECT_EQ(aarch64::classify_aapcs64(aarch64::sysv, broken, Role::named_argument, &passing), Status::bad_typedef);
}

// A closure hands values over where they lie, but for those that do not lie as in memory or not aligned enough.
TEST(Aapcs64, ClosuresGatherOnlyWhatTheyMust) {
  const auto gathers = [](const std::vector<ffi_type *> &list) {
    const Placed made(aarch64::sysv, &nothing, list);
    return (made.made->move(made.made->plan().argument_moves - 1).flags & gather) != 0;
  };
  EXPECT_FALSE(gathers({&two_longs}));
  EXPECT_FALSE(gathers({&sint64, &one_sint128}));
  EXPECT_FALSE(gathers({&two_long_vectors}));
  EXPECT_FALSE(gathers({&one_single}));
  EXPECT_TRUE(gathers({&two_singles}));
  EXPECT_TRUE(gathers({&sint64, &adjusted}));
  EXPECT_FALSE(gathers({&sint64, &sint64, &adjusted}));
  EXPECT_TRUE(gathers(after(9, &sint64, {&adjusted})));
  EXPECT_FALSE(gathers(after(9, &sint64, {&around_adjusted})));
}

}  // namespace
}  // namespace ffi
