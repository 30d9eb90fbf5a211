// SPDX-License-Identifier: MIT
// Golden placements of i386's seven conventions. What stands here is what gcc 12 and clang 19 do for i686-linux-gnu, and Free Pascal
// 3.2.2 for i386-linux; the oracle compares the same at random.
#include <gtest/gtest.h>

#include "testsuite/unit/arch/i386/placed.h"

namespace ffi {
namespace {

using namespace test::i386_types;  // the types' names are all that the tests are written in

struct Golden {
  const char *expected;
  ffi_type *result;
  std::vector<ffi_type *> arguments;
};

void expect_all(const Convention &convention, const std::vector<Golden> &list) {
  for (const Golden &golden : list) {
    EXPECT_EQ(placed(convention, golden.result, golden.arguments), golden.expected);
  }
}

// ---- Types ---------------------------------------------------------------------------------------------------------------

TEST(I386, WideMembersAreAlignedToWords) {
  ASSERT_EQ(lay_out(byte_and_real), Status::ok);
  EXPECT_EQ(byte_and_real.size, 12u);
  EXPECT_EQ(byte_and_real.alignment, 4u);
  ASSERT_EQ(lay_out(complex_extended), Status::ok);
  EXPECT_EQ(complex_extended.size, 24u);
  EXPECT_EQ(complex_extended.alignment, 4u);
}

TEST(I386, TypesThatTheMachineLacksAreRefused) {
  ffi_type int128 = of(TypeCode::sint128, 16, 16);
  test::Vector four_singles(&single, 4);
  for (const Convention *convention : i386::conventions) {
    EXPECT_EQ(placed(*convention, &nothing, {&int128}), "bad argument") << convention->name;
    EXPECT_EQ(placed(*convention, &four_singles, {}), "bad result") << convention->name;
    EXPECT_EQ(placed(*convention, &nothing, {&nothing}), "bad argument") << convention->name;
  }
}

TEST(I386, NumbersAreThePublicOnesAndUnique) {
  const std::uint32_t numbers[] = {1, 3, 4, 5, 6, 7, 8};
  ASSERT_EQ(std::size(i386::conventions), std::size(numbers));
  for (std::uint32_t number : numbers) {
    unsigned found = 0;
    for (const Convention *convention : i386::conventions) found += convention->abi == number;
    EXPECT_EQ(found, 1u) << number;
  }
}

// ---- What the C conventions share -----------------------------------------------------------------------------------

const std::vector<Golden> scalar_results = {
    {"->; pops 0", &nothing, {}},
    {"-> eax/sext8; pops 0", &sint8, {}},
    {"-> eax/zext16; pops 0", &uint16, {}},
    {"-> eax; pops 0", &plain_int, {}},
    {"-> eax; pops 0", &pointer, {}},
    {"-> eax+edx; pops 0", &sint64, {}},
    {"-> st0 float; pops 0", &single, {}},
    {"-> st0 double; pops 0", &real, {}},
    {"-> st0 extended; pops 0", &extended, {}},
};

TEST(I386, ScalarResultsAreTheSameEverywhere) {
  for (const Convention *convention : i386::conventions) expect_all(*convention, scalar_results);
}

TEST(I386, SmallComplexNumbersComeBackInRegistersButNotToPascal) {
  for (const Convention *convention : {&i386::sysv, &i386::stdcall, &i386::fastcall, &i386::thiscall, &i386::ms_cdecl}) {
    EXPECT_EQ(placed(*convention, &complex_single, {}), "-> eax+edx; pops 0") << convention->name;
  }
  EXPECT_EQ(placed(i386::pascal, &complex_single, {}), "-> <[0]>; pops 4");
  EXPECT_EQ(placed(i386::register_, &complex_single, {}), "-> <eax>; pops 0");
}

// ---- One by one -------------------------------------------------------------------------------------------------------------

TEST(I386Sysv, EverythingLiesOnTheStackInWords) {
  expect_all(i386::sysv, {
      {"0:[0]/sext8 1:[4]/zext16 2:[8] 3:[12] -> eax; pops 0", &sint32, {&sint8, &uint16, &plain_int, &pointer}},
      {"0:[0] 1:[4] 2:[12] 3:[20] 4:[32] -> eax; pops 0", &sint32, {&single, &real, &sint64, &extended, &sint32}},
      {"0:[0] 1:[4] 2:[8] 3:[20] 4:[28] ->; pops 0", &nothing,
       {&one_byte, &three_bytes, &three_ints, &two_ints, &sint32}},
      {"0:[0] 1:[8] 2:[24] 3:[48] ->; pops 0", &nothing,
       {&complex_single, &complex_real, &complex_extended, &sint32}},
      {"0:- 1:[0] ->; pops 0", &nothing, {&empty, &sint32}},
      {"0:[0] 1:[4] ->; pops 0", &nothing, {&sint32, &byte_and_real}},
  });
}

TEST(I386Sysv, TheCalleeRemovesTheHiddenPointerAndReturnsIt) {
  expect_all(i386::sysv, {
      {"0:[4] -> <[0]> echo; pops 4", &one_byte, {&sint32}},
      {"0:[4] 1:[8] -> <[0]> echo; pops 4", &two_ints, {&sint32, &real}},
      {"-> <[0]> echo; pops 4", &one_single, {}},
      {"-> <[0]> echo; pops 4", &complex_real, {}},
      {"-> <[0]> echo; pops 4", &empty, {}},
  });
}

TEST(I386MsCdecl, IsTheSameButForThePointer) {
  expect_all(i386::ms_cdecl, {
      {"0:[0]/sext16 1:[4] 2:[12] -> st0 double; pops 0", &real, {&sint16, &real, &two_ints}},
      {"0:[4] 1:[8] -> <[0]> echo; pops 0", &two_ints, {&sint32, &real}},
      {"-> <[0]> echo; pops 0", &complex_extended, {}},
  });
}

TEST(I386Stdcall, TheCalleeRemovesEverything) {
  expect_all(i386::stdcall, {
      {"0:[0] 1:[4] 2:[12] -> eax; pops 24", &sint32, {&sint32, &sint64, &extended}},
      {"0:[0]/zext8 1:[4] 2:[8] ->; pops 20", &nothing, {&uint8, &three_bytes, &three_ints}},
      {"0:[4] 1:[8] -> <[0]> echo; pops 16", &one_int, {&sint32, &real}},
  });
}

TEST(I386Fastcall, WordsTakeEcxAndEdx) {
  expect_all(i386::fastcall, {
      {"0:ecx -> eax; pops 0", &sint32, {&sint32}},
      {"0:ecx/sext8 1:edx/zext16 2:[0]/sext16 3:[4] -> eax; pops 8", &sint32, {&sint8, &uint16, &sint16, &pointer}},
      {"0:[0] 1:ecx 2:[4] 3:edx 4:[12] -> st0 float; pops 24", &single,
       {&single, &sint32, &real, &pointer, &extended}},
      {"0:[0] 1:ecx 2:edx ->; pops 16", &nothing, {&complex_real, &sint32, &sint32}},
  });
}

TEST(I386Fastcall, WhatLiesOnTheStackUsesUpRegistersAllTheSame) {
  expect_all(i386::fastcall, {
      {"0:[0] 1:[8] ->; pops 12", &nothing, {&sint64, &sint32}},
      {"0:ecx 1:[0] 2:[8] ->; pops 12", &nothing, {&sint32, &sint64, &sint32}},
      {"0:[0] 1:edx 2:[4] ->; pops 8", &nothing, {&one_int, &sint32, &sint32}},
      {"0:[0] 1:edx ->; pops 4", &nothing, {&three_bytes, &sint32}},
      {"0:[0] 1:[8] ->; pops 12", &nothing, {&two_ints, &sint32}},
      {"0:[0] 1:[12] ->; pops 16", &nothing, {&three_ints, &sint32}},
      {"0:[0] 1:[8] ->; pops 12", &nothing, {&two_singles, &sint32}},
      {"0:- 1:ecx ->; pops 0", &nothing, {&empty, &sint32}},
  });
}

TEST(I386Fastcall, ALoneFloatingMemberUsesUpNone) {
  expect_all(i386::fastcall, {
      {"0:[0] 1:ecx ->; pops 4", &nothing, {&one_single, &sint32}},
      {"0:[0] 1:ecx ->; pops 8", &nothing, {&one_real, &sint32}},
      {"0:[0] 1:ecx ->; pops 8", &nothing, {&nested_real, &sint32}},
      {"0:[0] 1:ecx ->; pops 12", &nothing, {&one_extended, &sint32}},
      {"0:[0] 1:ecx ->; pops 8", &nothing, {&one_complex, &sint32}},
      {"0:[0] 1:[12] ->; pops 16", &nothing, {&byte_and_real, &sint32}},
  });
}

TEST(I386Fastcall, TheHiddenPointerIsTheFirstArgument) {
  expect_all(i386::fastcall, {
      {"0:edx 1:[0] -> <ecx> echo; pops 4", &two_ints, {&sint32, &sint32}},
      {"0:[0] 1:[8] -> <ecx> echo; pops 12", &one_byte, {&sint64, &sint32}},
  });
}

TEST(I386Thiscall, OneRegister) {
  expect_all(i386::thiscall, {
      {"0:ecx 1:[0] 2:[4] -> eax; pops 8", &sint32, {&pointer, &sint32, &sint32}},
      {"0:[0] 1:ecx 2:[8] ->; pops 12", &nothing, {&real, &sint32, &sint32}},
      {"0:[0] 1:[8] ->; pops 12", &nothing, {&sint64, &sint32}},
      {"0:[0] 1:[4] ->; pops 8", &nothing, {&one_int, &sint32}},
      {"0:[0] 1:[4] -> <ecx> echo; pops 8", &three_ints, {&pointer, &sint32}},
  });
}

TEST(I386, VariadicFunctionsFollowAnotherConvention) {
  EXPECT_EQ(i386::stdcall.variadic_abi, i386::sysv.abi);
  EXPECT_EQ(i386::fastcall.variadic_abi, i386::ms_cdecl.abi);
  EXPECT_EQ(i386::thiscall.variadic_abi, i386::ms_cdecl.abi);
  EXPECT_EQ(i386::sysv.variadic_abi, 0u);
  EXPECT_EQ(i386::ms_cdecl.variadic_abi, 0u);
}

TEST(I386Pascal, TheFirstArgumentLiesHighest) {
  expect_all(i386::pascal, {
      {"0:[16] 1:[12] 2:[8] 3:[4] 4:[0] -> eax; pops 20", &sint32, {&sint32, &sint32, &sint32, &sint32, &sint32}},
      {"0:[16]/zext8 1:[12]/sext16 2:[8] 3:[4]/sext8 4:[0]/zext16 -> eax/sext16; pops 20", &sint16,
       {&uint8, &sint16, &sint32, &sint8, &uint16}},
      {"0:[44] 1:[40] 2:[32] 3:[28] 4:[20] 5:[16] 6:[4] 7:[0] -> st0 double; pops 48", &real,
       {&single, &sint32, &real, &sint32, &sint64, &sint32, &extended, &sint32}},
      {"0:- 1:[0] ->; pops 4", &nothing, {&empty, &sint32}},
  });
}

TEST(I386Pascal, RecordsOverAWordGoByReference) {
  expect_all(i386::pascal, {
      {"0:[12] 1:[8] 2:[4] 3:[0] -> eax; pops 16", &sint32, {&one_byte, &three_bytes, &one_int, &sint32}},
      {"0:*&[16] 1:[12] 2:*&[8] 3:[4] 4:[0] -> eax; pops 20", &sint32,
       {&two_ints, &sint32, &three_ints, &one_int, &one_single}},
      {"0:*&[0] ->; pops 4", &nothing, {&complex_single}},
  });
}

TEST(I386Pascal, TheHiddenPointerComesLast) {
  expect_all(i386::pascal, {
      {"0:[8] 1:[4] -> <[0]>; pops 12", &one_byte, {&sint32, &sint32}},
      {"0:[16] 1:[12] 2:[8] 3:[4] -> <[0]>; pops 20", &three_ints, {&sint32, &sint32, &sint32, &sint32}},
      {"0:[8] 1:[4] -> <[0]>; pops 12", &empty, {&sint32, &sint32}},
  });
}

TEST(I386Register, ThreeWordsInRegistersTheOthersFromTheTop) {
  expect_all(i386::register_, {
      {"0:eax 1:edx 2:ecx 3:[4] 4:[0] -> eax; pops 8", &sint32, {&sint32, &sint32, &sint32, &sint32, &sint32}},
      {"0:eax/zext8 1:edx/sext16 2:ecx 3:[4]/sext8 4:[0]/zext16 -> eax/sext16; pops 8", &sint16,
       {&uint8, &sint16, &sint32, &sint8, &uint16}},
      {"0:[32] 1:eax 2:[24] 3:edx 4:[16] 5:ecx 6:[4] 7:[0] -> st0 double; pops 36", &real,
       {&single, &sint32, &real, &sint32, &sint64, &sint32, &extended, &sint32}},
      {"0:[0] 1:eax -> eax+edx; pops 8", &sint64, {&sint64, &sint32}},
      {"0:- 1:eax ->; pops 0", &nothing, {&empty, &sint32}},
  });
}

TEST(I386Register, RecordsOverAWordGoByReference) {
  expect_all(i386::register_, {
      {"0:[8] 1:[4] 2:[0] 3:eax -> eax; pops 12", &sint32, {&one_byte, &three_bytes, &one_int, &sint32}},
      {"0:*&eax 1:edx 2:*&ecx 3:[4] 4:[0] -> eax; pops 8", &sint32,
       {&two_ints, &sint32, &three_ints, &one_int, &one_single}},
      {"0:eax 1:[4] 2:*&edx 3:ecx 4:[0] -> eax; pops 8", &sint32,
       {&sint32, &one_single, &one_real, &sint32, &sint32}},
  });
}

TEST(I386Register, TheHiddenPointerIsOneMoreArgument) {
  expect_all(i386::register_, {
      {"0:eax 1:edx -> <ecx>; pops 0", &one_byte, {&sint32, &sint32}},
      {"0:eax 1:edx 2:ecx 3:[4] -> <[0]>; pops 8", &three_ints, {&sint32, &sint32, &sint32, &sint32}},
      {"0:[0] -> <eax>; pops 8", &one_real, {&real}},
  });
}

}  // namespace
}  // namespace ffi
