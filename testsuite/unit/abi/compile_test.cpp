// SPDX-License-Identifier: MIT
// The walk that makes plans, rule by rule, on a convention invented for it.
#include "abi/compile.h"

#include <gtest/gtest.h>

#include "testsuite/unit/abi/invented.h"

namespace ffi {
namespace {

using test::by_reference;
using test::in_memory;
using test::integer_at;
using test::invented;
using test::Made;
using test::nothing;
using test::pair;
using test::parts;
using test::real;
using test::scalar;
using test::vector_at;
using test::word;

void expect_register(const Move &move, std::uint32_t value, std::uint32_t at) {
  EXPECT_EQ(move.value, value);
  EXPECT_EQ(move.at, at);
  EXPECT_FALSE(move.flags & stack);
}

void expect_stack(const Move &move, std::uint32_t value, std::uint32_t at) {
  EXPECT_EQ(move.value, value);
  EXPECT_EQ(move.at, at);
  EXPECT_TRUE(move.flags & stack);
}

// ---- The plan itself --------------------

TEST(Compile, AnEmptySignature) {
  const Made made(invented(), {});
  ASSERT_EQ(made.status, Status::ok);
  EXPECT_EQ(made->abi, 77u);
  EXPECT_EQ(made->nargs, 0u);
  EXPECT_EQ(made->ticket, 0u);
  EXPECT_EQ(made->flags & (uses_vectors | hidden_result | stack_holes), 0u);
  EXPECT_EQ(made->stack_bytes, 0u);
  EXPECT_EQ(made->argument_moves, 0u);
  EXPECT_EQ(made->result_moves, 0u);
  EXPECT_EQ(made->result_size, 0u);
  EXPECT_EQ(made->result_echo_at, UINT32_MAX);
  EXPECT_EQ(made->bytes, sizeof(Plan));
}

TEST(Compile, TheBoundHoldsAndBytesAreExact) {
  const Made made(invented(), {word(), pair(), in_memory(40), nothing(), by_reference(99)}, pair());
  ASSERT_EQ(made.status, Status::ok);
  EXPECT_EQ(made->bytes, sizeof(Plan) + (made->argument_moves + made->result_moves) * sizeof(Move));
  EXPECT_LE(made->bytes, made.bound);
  EXPECT_EQ(made->argument_moves, 6u);
  EXPECT_EQ(made->result_moves, 2u);
}

TEST(Compile, EveryArgumentHasOneFirstMoveAndItsMovesAreAdjacent) {
  const Made made(invented(), {pair(), word(), pair(), nothing(), real()});
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < made->argument_moves; ++i) {
    const Move &move = made.move(i);
    if (move.flags & first) {
      EXPECT_EQ(move.value, next++);
    } else {
      EXPECT_EQ(move.value, next - 1);
    }
  }
  EXPECT_EQ(next, 5u);
}

// ---- Registers --------------------

TEST(Compile, FilesAreUsedInOrderAndApart) {
  const Made made(invented(), {word(), real(), word(), real()});
  expect_register(made.move(0), 0, integer_at[0]);
  expect_register(made.move(1), 1, vector_at[0]);
  expect_register(made.move(2), 2, integer_at[1]);
  expect_register(made.move(3), 3, vector_at[1]);
  EXPECT_TRUE(made->flags & uses_vectors);
  EXPECT_EQ(made->vector_count, 2u);
}

TEST(Compile, NoVectorsNoFlag) {
  const Made made(invented(), {word(), in_memory(8)});
  EXPECT_FALSE(made->flags & uses_vectors);
  EXPECT_EQ(made->vector_count, 0u);
}

TEST(Compile, NarrowIntegersAreExtendedInRegistersOnTheStackAndInResults) {
  struct Case {
    TypeCode code;
    std::uint32_t size;
    Op op;
  };
  for (const Case &one :
       {Case{TypeCode::sint8, 1, Op::sext8}, Case{TypeCode::uint8, 1, Op::zext8},
        Case{TypeCode::sint16, 2, Op::sext16}, Case{TypeCode::uint16, 2, Op::zext16},
        Case{TypeCode::sint32, 4, Op::sext32}, Case{TypeCode::uint32, 4, Op::zext32},
        Case{TypeCode::int_, 4, Op::sext32}, Case{TypeCode::sint64, 8, Op::word},
        Case{TypeCode::uint64, 8, Op::word}, Case{TypeCode::pointer, 8, Op::word}}) {
    SCOPED_TRACE(static_cast<int>(one.code));
    const Passing value = scalar(one.code, one.size);
    const Made made(invented(), {value, word(), word(), word(), value}, value);
    EXPECT_EQ(made.move(0).op, one.op);
    EXPECT_EQ(made.move(0).size, one.size);
    expect_stack(made.move(4), 4, 0);
    EXPECT_EQ(made.move(4).op, one.op);
    EXPECT_EQ(made.result(0).op, one.op);
    EXPECT_EQ(made->result_size, one.size);
  }
}

TEST(Compile, FloatsAreNotSignExtendedOrWidened) {
  const Passing single = scalar(TypeCode::float_, 4, File::vector);
  const Made made(invented(), {single, single, single, single}, single);
  // Zeros above it in its register are no harm.
  EXPECT_TRUE(made.move(0).op == Op::copy4 || made.move(0).op == Op::zext32);
  expect_stack(made.move(3), 3, 0);
  EXPECT_EQ(made.move(3).op, Op::copy4);
  EXPECT_EQ(made.result(0).op, Op::copy4);
  EXPECT_TRUE(made->flags &
              stack_holes);  // the float leaves half its slot and the alignment's rest
}

TEST(Compile, PartsOfOddSizesAreCopiedByteForByte) {
  for (std::uint32_t size = 1; size <= 8; ++size) {
    const Passing value = parts(size, 1, {{File::integer, static_cast<std::uint8_t>(size), 0}});
    const Made made(invented(), {value});
    const Op expected = size == 4 ? Op::copy4 : size == 8 ? Op::word : Op::bytes;
    EXPECT_EQ(made.move(0).op, expected) << size;
    EXPECT_EQ(made.move(0).size, size);
  }
}

// ---- When registers run out --------------------

TEST(Compile, KeepOpenLetsLaterValuesUseWhatIsLeft) {
  const Made made(invented(), {word(), word(), word(), pair(), word(), word()});
  expect_stack(made.move(3), 3, 0);
  EXPECT_EQ(made.move(3).size, 16u);
  expect_register(made.move(4), 4, integer_at[3]);
  expect_stack(made.move(5), 5, 16);
  EXPECT_EQ(made->stack_bytes, 32u);
}

TEST(Compile, CloseFileDoesNot) {
  Convention convention = invented();
  convention.overflow = Overflow::close_file;
  const Made made(convention, {word(), word(), word(), pair(), word(), real()});
  expect_stack(made.move(3), 3, 0);
  expect_stack(made.move(4), 4, 16);
  expect_register(made.move(5), 5, vector_at[0]);  // the other file stays open
}

TEST(Compile, AValueOfTwoFilesNeedsRoomInBoth) {
  const Passing mixed = parts(16, 8, {{File::integer, 8, 0}, {File::vector, 8, 8}});
  const Made made(invented(), {real(), real(), real(), mixed, word()});
  expect_stack(made.move(3), 3, 0);
  expect_register(made.move(4), 4, integer_at[0]);
  Convention convention = invented();
  convention.overflow = Overflow::close_file;
  const Made closed(convention, {real(), real(), real(), mixed, word()});
  expect_stack(closed.move(4), 4, 16);
}

TEST(Compile, SplitFillsTheRegistersFirst) {
  Convention convention = invented();
  convention.overflow = Overflow::split;
  const Made made(convention, {word(), word(), word(), pair(), word()});
  ASSERT_EQ(made->argument_moves, 6u);
  expect_register(made.move(3), 3, integer_at[3]);
  expect_stack(made.move(4), 3, 0);
  EXPECT_EQ(made.move(4).from, 8u);
  EXPECT_EQ(made.move(4).size, 8u);
  EXPECT_TRUE(made.move(3).flags & made.move(4).flags & gather);
  expect_stack(made.move(5), 4, 8);
}

TEST(Compile, ValuesOnTheStackMaySpendRegisters) {
  Passing spender = in_memory(8);
  spender.spent = 2;
  const Made made(invented(), {word(), spender, word(), spender, word()});
  expect_stack(made.move(1), 1, 0);
  expect_register(made.move(2), 2, integer_at[3]);
  expect_stack(made.move(4), 4, 16);
}

TEST(Compile, EvenPairsSkipARegister) {
  Convention convention = invented();
  convention.even_pairs = true;
  const Made made(convention, {word(), pair(16), word()});
  expect_register(made.move(0), 0, integer_at[0]);
  expect_register(made.move(1), 1, integer_at[2]);
  expect_register(made.move(2), 1, integer_at[3]);
  expect_stack(made.move(3), 2, 0);
  const Made narrow(convention, {word(), pair(8), word()});
  expect_register(narrow.move(1), 1, integer_at[1]);
  const Made without(invented(), {word(), pair(16)});
  expect_register(without.move(1), 1, integer_at[1]);
}

TEST(Compile, PositionalArgumentsUseUpEveryFile) {
  Convention convention = invented();
  convention.positional = true;
  const Made made(convention, {word(), real(), word(), word(), word()});
  expect_register(made.move(0), 0, integer_at[0]);
  expect_register(made.move(1), 1, vector_at[1]);
  expect_register(made.move(2), 2, integer_at[2]);
  expect_register(made.move(3), 3, integer_at[3]);
  expect_stack(made.move(4), 4, 0);
}

TEST(Compile, PositionalArgumentsBeyondTheRegistersNeverReturnToThem) {
  Convention convention = invented();
  convention.positional = true;
  for (const Passing &value : {word(), real()}) {
    const Made made(convention, std::vector<Passing>(600, value));
    const std::uint32_t registers = value.parts[0].file == File::integer ? 4 : 3;
    for (std::uint32_t i = registers; i < 600; ++i)
      expect_stack(made.move(i), i, 8 * (i - registers));
  }
}

TEST(Compile, DuplicatesStandInTheIntegerRegisterOfTheirPosition) {
  Convention convention = invented();
  convention.positional = convention.duplicate = true;
  const Made made(convention, {word(), real(), word(), real(), real()});
  ASSERT_EQ(made->argument_moves, 6u);
  expect_register(made.move(1), 1, vector_at[1]);
  expect_register(made.move(2), 1, integer_at[1]);
  EXPECT_EQ(made.move(2).op, made.move(1).op);
  EXPECT_EQ(made.move(2).size, made.move(1).size);
  EXPECT_EQ(made.move(2).flags, 0u);
  expect_register(made.move(3), 2, integer_at[2]);
  // There is no fourth vector register.
  expect_stack(made.move(4), 3, 0);
  expect_stack(made.move(5), 4, 8);
  EXPECT_EQ(made->vector_count, 1u);
  EXPECT_LE(made->bytes, made.bound);
  const Made full(convention, std::vector<Passing>(3, real()));
  EXPECT_EQ(full->argument_moves, 6u);
  EXPECT_LE(full->bytes, full.bound);
}

TEST(Compile, AGatheredArgumentIsGatheredFromOneOfItsTwoRegisters) {
  Convention convention = invented();
  convention.positional = convention.duplicate = true;
  Passing aligned = real();
  aligned.align_log2 = 6;
  const Made made(convention, {aligned});
  EXPECT_TRUE(made.move(0).flags & gather);
  EXPECT_EQ(made.move(1).flags, 0u);
  EXPECT_EQ(made->gathered, 1u);
}

TEST(Compile, PlansSayWhatCalleesPreserve) {
  Convention convention = invented();
  EXPECT_FALSE(Made(convention, {word()})->flags & preserves_vectors);
  convention.preserves_vectors = true;
  EXPECT_TRUE(Made(convention, {word()})->flags & preserves_vectors);
}

// ---- The stack --------------------

TEST(Compile, StackArgumentsFollowEachOtherInWords) {
  const Made made(invented(), {in_memory(3), in_memory(9), in_memory(8)});
  expect_stack(made.move(0), 0, 0);
  expect_stack(made.move(1), 1, 8);
  expect_stack(made.move(2), 2, 24);
  EXPECT_EQ(made->stack_bytes, 32u);
  EXPECT_EQ(made->stack_align, 16u);
  EXPECT_TRUE(made->flags & stack_holes);
}

TEST(Compile, AStackWithoutHolesIsKnownToHaveNone) {
  EXPECT_FALSE(Made(invented(), {in_memory(16), in_memory(8), in_memory(8)})->flags & stack_holes);
  EXPECT_TRUE(Made(invented(), {in_memory(16), in_memory(8)})->flags & stack_holes);
  const Passing narrow = scalar(TypeCode::sint8, 1);
  std::vector<Passing> eight(8, narrow);
  EXPECT_FALSE(Made(invented(), eight)->flags & stack_holes);
}

TEST(Compile, AlignmentOfOneArgumentIsLimitedAndRaisesThatOfTheArea) {
  Convention convention = invented();
  convention.max_stack_align = 32;
  const Made made(convention,
                  {in_memory(8), in_memory(64, 64), in_memory(1, 1), in_memory(16, 16)});
  expect_stack(made.move(1), 1, 32);
  expect_stack(made.move(2), 2, 96);
  expect_stack(made.move(3), 3, 112);
  EXPECT_EQ(made->stack_align, 32u);
  EXPECT_EQ(made->stack_bytes, 128u);
  convention.max_stack_align = 8;
  const Made flat(convention, {in_memory(8), in_memory(64, 64)});
  expect_stack(flat.move(1), 1, 8);
  EXPECT_EQ(flat->stack_align, 16u);
}

TEST(Compile, HomeBytesComeFirstAndAreHoles) {
  Convention convention = invented();
  convention.home_bytes = 32;
  const Made made(convention, {in_memory(8), in_memory(8)});
  expect_stack(made.move(0), 0, 32);
  EXPECT_EQ(made->stack_bytes, 48u);
  EXPECT_TRUE(made->flags & stack_holes);
  EXPECT_EQ(Made(convention, {})->stack_bytes, 32u);
}

TEST(Compile, LastFirstLaysTheLastArgumentLowest) {
  Convention convention = invented();
  convention.last_first = true;
  convention.files[0].arguments = 0;
  const Made made(convention, {in_memory(8), in_memory(16), word()});
  std::uint32_t at[3];
  for (int i = 0; i < 3; ++i) at[made.move(i).value] = made.move(i).at;
  EXPECT_EQ(at[2], 0u);
  EXPECT_EQ(at[1], 8u);
  EXPECT_EQ(at[0], 24u);
}

TEST(Compile, TheStackHasALimit) {
  const auto half = static_cast<std::uint32_t>(max_stack_bytes / 2);
  EXPECT_EQ(Made(invented(), {in_memory(half), in_memory(half)}).status, Status::ok);
  EXPECT_EQ(Made(invented(), {in_memory(half), in_memory(half), in_memory(8)}).status,
            Status::bad_typedef);
  EXPECT_EQ(Made(invented(), {by_reference(half), by_reference(half), by_reference(16)}).status,
            Status::bad_typedef);
}

// ---- Who removes what --------------------

TEST(Compile, CalleePopsWhatWasPushed) {
  Convention convention = invented();
  convention.callee_pops = true;
  const Made made(convention, {in_memory(8), in_memory(12), in_memory(4)});
  EXPECT_EQ(made->callee_pops, 32u);
  EXPECT_EQ(Made(invented(), {in_memory(8)})->callee_pops, 0u);
}

// ---- Results --------------------

TEST(Compile, ResultsUseTheirOwnRegisters) {
  const Passing mixed =
      parts(24, 8, {{File::vector, 8, 0}, {File::integer, 8, 8}, {File::vector, 8, 16}});
  const Made made(invented(), {word()}, mixed);
  ASSERT_EQ(made->result_moves, 3u);
  expect_register(made.result(0), 0, vector_at[0]);
  expect_register(made.result(1), 0, test::integer_result_at[0]);
  expect_register(made.result(2), 0, vector_at[1]);
  EXPECT_EQ(made.result(2).from, 16u);
  EXPECT_EQ(made->result_size, 24u);
}

TEST(Compile, X87ResultsAreFlagged) {
  const Made one(invented(), {}, scalar(TypeCode::longdouble, 16, File::x87));
  EXPECT_TRUE(one->flags & result_x87);
  EXPECT_FALSE(one->flags & result_x87_pair);
  const Made two(invented(), {}, parts(32, 16, {{File::x87, 16, 0}, {File::x87, 16, 16}}));
  EXPECT_TRUE(two->flags & result_x87_pair);
  EXPECT_EQ(two.result(1).at, test::x87_result_at[1]);
}

TEST(Compile, AResultInMemoryTakesTheFirstIntegerRegister) {
  const Made made(invented(), {word(), word(), word(), word()}, by_reference(40));
  EXPECT_TRUE(made->flags & hidden_result);
  EXPECT_EQ(made->result_pointer_at, integer_at[0]);
  EXPECT_EQ(made->result_pointer_flags, 0u);
  EXPECT_EQ(made->result_size, 40u);
  EXPECT_EQ(made->result_moves, 0u);
  expect_register(made.move(0), 0, integer_at[1]);
  expect_stack(made.move(3), 3, 0);
}

TEST(Compile, OrAFixedPlace) {
  Convention convention = invented();
  convention.result_pointer = test::pointer_at;
  const Made made(convention, {word()}, by_reference(40));
  EXPECT_EQ(made->result_pointer_at, test::pointer_at);
  EXPECT_EQ(made->result_pointer_flags, 0u);
  expect_register(made.move(0), 0, integer_at[0]);
}

TEST(Compile, OrTheStack) {
  Convention convention = invented();
  convention.files[0].arguments = 0;
  const Made made(convention, {word()}, by_reference(40));
  EXPECT_EQ(made->result_pointer_flags, stack);
  EXPECT_EQ(made->result_pointer_at, 0u);
  expect_stack(made.move(0), 0, 8);
  EXPECT_EQ(made->callee_pops, 0u);
  EXPECT_FALSE(made->flags & stack_holes);
  convention.result_pointer_popped = true;
  EXPECT_EQ(Made(convention, {word()}, by_reference(40))->callee_pops, 8u);
  EXPECT_EQ(Made(convention, {word()})->callee_pops, 0u);
}

TEST(Compile, OrTheLowestPlaceOfAStackLaidLastFirst) {
  Convention convention = invented();
  convention.files[0].arguments = 0;
  convention.last_first = true;
  convention.callee_pops = true;
  const Made made(convention, {word(), word()}, by_reference(40));
  EXPECT_EQ(made->result_pointer_flags, stack);
  EXPECT_EQ(made->result_pointer_at, 0u);
  expect_stack(made.move(0), 0, 16);
  expect_stack(made.move(1), 1, 8);
  EXPECT_EQ(made->callee_pops, 24u);
}

TEST(Compile, TheEchoIsWhereTheConventionSays) {
  Convention convention = invented();
  convention.result_echo = test::integer_result_at[0];
  EXPECT_EQ(Made(convention, {}, by_reference(40))->result_echo_at, test::integer_result_at[0]);
  EXPECT_EQ(Made(convention, {}, word())->result_echo_at, UINT32_MAX);
}

// ---- References, and what a closure gathers --------------------

TEST(Compile, ReferencesArePointersThatCountTheirCopies) {
  const Made made(invented(), {by_reference(40), word(), word(), word(), by_reference(17)});
  EXPECT_EQ(made.move(0).op, Op::reference);
  EXPECT_EQ(made.move(0).size, 40u);
  expect_register(made.move(0), 0, integer_at[0]);
  EXPECT_EQ(made.move(4).op, Op::reference);
  expect_stack(made.move(4), 4, 0);
  EXPECT_EQ(made->reference_bytes, 48u + 32u);
  EXPECT_EQ(made->stack_bytes, 16u);
}

TEST(Compile, OnlyValuesThatDoNotLieAsInMemoryAreGathered) {
  const Made made(invented(), {pair(), word()});
  EXPECT_FALSE(made.move(0).flags & gather);  // two registers side by side in the image
  EXPECT_EQ(made->gathered, 0u);
  const Made mixed(invented(), {parts(16, 8, {{File::integer, 8, 0}, {File::vector, 8, 8}})});
  EXPECT_TRUE(mixed.move(0).flags & mixed.move(1).flags & gather);
  EXPECT_EQ(mixed->gathered, 1u);
  EXPECT_EQ(mixed->gather_stride, 16u);
}

TEST(Compile, WhatTheStackAlignsLessThanItsTypeIsGathered) {
  Convention convention = invented();
  convention.max_stack_align = 8;
  const Made made(convention, {in_memory(8), in_memory(32, 32), in_memory(16, 16)});
  EXPECT_FALSE(made.move(0).flags & gather);
  EXPECT_TRUE(made.move(1).flags & gather);
  EXPECT_TRUE(made.move(2).flags & gather);
  EXPECT_FALSE(Made(invented(), {in_memory(8), in_memory(16, 16)}).move(1).flags & gather);
}

TEST(Compile, CopiesThatTheCalleeMakesAreGathered) {
  Convention convention = invented();
  convention.callee_copies = true;
  const Made made(convention, {by_reference(40)});
  EXPECT_TRUE(made.move(0).flags & gather);
  EXPECT_EQ(made->gather_stride, 48u);
}

TEST(Compile, BigEndianScalarsEndWhereTheirSlotsEnd) {
  Convention convention = invented();
  convention.model.big_endian = true;
  const Passing single = scalar(TypeCode::float_, 4, File::vector);
  const Made made(convention,
                  {real(), single, single, single, scalar(TypeCode::sint8, 1), in_memory(4)},
                  single);
  expect_register(made.move(0), 0, vector_at[0] + 8);
  EXPECT_EQ(made.move(0).op, Op::word);
  expect_register(made.move(1), 1, vector_at[1] + 12);
  EXPECT_EQ(made.move(1).op, Op::copy4);
  expect_stack(made.move(3), 3, 4);
  expect_register(made.move(4), 4, integer_at[0]);  // the extension fills the word
  EXPECT_EQ(made.move(4).op, Op::sext8);
  expect_stack(made.move(5), 5, 8);  // an aggregate begins where its slot begins
  EXPECT_EQ(made.result(0).at, vector_at[0] + 12u);
}

TEST(Compile, WhatAnExtensionFillsAWordWithLiesAtItsLowEnd) {
  const Made made(invented(), {scalar(TypeCode::sint8, 1), scalar(TypeCode::float_, 4), word()},
                  scalar(TypeCode::uint32, 4));
  EXPECT_EQ(offset_in_word(made.move(0), 8, true), 7u);
  EXPECT_EQ(offset_in_word(made.result(0), 8, true), 4u);
  EXPECT_EQ(offset_in_word(made.move(1), 8, true), 0u);
  EXPECT_EQ(offset_in_word(made.move(2), 8, true), 0u);
  EXPECT_EQ(offset_in_word(made.move(0), 8, false), 0u);
}

TEST(Compile, AVectorRegisterIsWideWhenItsFirstEightBytesDoNotHoldItsPart) {
  const Passing quad = scalar(TypeCode::longdouble, 16, File::vector);
  for (const bool big_endian : {false, true}) {
    Convention convention = invented();
    convention.model.big_endian = big_endian;
    const std::uint32_t both = wide_vectors | wide_result;
    EXPECT_EQ(Made(convention, {real()}, real())->flags & both, big_endian ? both : 0);
    EXPECT_EQ(Made(convention, {quad}, quad)->flags & both, both);
    EXPECT_EQ(Made(convention, {word()}, word())->flags & both, 0u);
  }
}

TEST(Compile, AlignmentToo) {
  const Made made(invented(), {word(), pair(16)});
  EXPECT_TRUE(made.move(1).flags & gather);  // 8 is no place for a value of alignment 16
  const Made even(invented(), {pair(16)});
  EXPECT_FALSE(even.move(0).flags & gather);
}

TEST(Compile, TheStrideIsThatOfTheLargest) {
  const Passing three =
      parts(40, 8, {{File::vector, 8, 0}, {File::vector, 16, 8}, {File::vector, 16, 24}});
  const Made made(invented(),
                  {three, parts(16, 8, {{File::integer, 8, 8}, {File::integer, 8, 0}})});
  EXPECT_EQ(made->gathered, 2u);
  EXPECT_EQ(made->gather_stride, 48u);
}

TEST(Compile, IgnoredArgumentsStillHaveAValueForTheClosure) {
  const Made made(invented(), {nothing(), word(), nothing()});
  ASSERT_EQ(made->argument_moves, 3u);
  EXPECT_EQ(made.move(0).size, 0u);
  EXPECT_EQ(made.move(0).flags, first | gather | record);
  expect_register(made.move(1), 1, integer_at[0]);
  EXPECT_EQ(made->gathered, 2u);
  EXPECT_GE(made->gather_stride, 1u);
}

TEST(Compile, FirstMovesSayWhatRawArraysAsk) {
  const Made made(invented(), {pair(), scalar(TypeCode::pointer, 8), word(), in_memory(24),
                               by_reference(40), scalar(TypeCode::pointer, 8)});
  ASSERT_EQ(made->argument_moves, 7u);
  const int expected[] = {record, 0, address, 0, record, record, address};
  for (unsigned i = 0; i < 7; ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(made.move(i).flags & (record | address), expected[i]);
  }
}

TEST(Compile, IsPure) {
  const std::vector<Passing> arguments{word(),          pair(), in_memory(24),
                                       by_reference(3), real(), nothing()};
  const Made one(invented(), arguments, by_reference(8)),
      two(invented(), arguments, by_reference(8));
  ASSERT_EQ(one->bytes, two->bytes);
  EXPECT_EQ(memcmp(&one.plan(), &two.plan(), one->bytes), 0);
}

}  // namespace
}  // namespace ffi
