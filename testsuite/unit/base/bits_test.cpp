// SPDX-License-Identifier: MIT
// Alignment and checked sums.
#include "base/bits.h"

#include <gtest/gtest.h>

namespace ffi {
namespace {

TEST(Bits, PowersOfTwo) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    EXPECT_TRUE(is_power_of_two(power));
    if (bit > 1) {
      EXPECT_FALSE(is_power_of_two(power - 1));
      EXPECT_FALSE(is_power_of_two(power + 1));
    }
  }
  EXPECT_FALSE(is_power_of_two(0u));
  EXPECT_TRUE(is_power_of_two(static_cast<unsigned short>(32768)));
}

TEST(Bits, AlignUp) {
  for (unsigned alignment = 1; alignment <= 64; alignment *= 2) {
    for (unsigned value = 0; value < 200; ++value) {
      const unsigned aligned = align_up(value, alignment);
      EXPECT_EQ(aligned % alignment, 0u);
      EXPECT_GE(aligned, value);
      EXPECT_LT(aligned - value, alignment);
    }
  }
}

TEST(Bits, CheckedAddTellsOverflowAndLeavesTheSumAlone) {
  std::size_t sum = 99;
  EXPECT_TRUE(checked_add(SIZE_MAX - 5, 5, &sum));
  EXPECT_EQ(sum, SIZE_MAX);
  sum = 99;
  EXPECT_FALSE(checked_add(SIZE_MAX - 5, 6, &sum));
  EXPECT_FALSE(checked_add(6, SIZE_MAX - 5, &sum));
  EXPECT_FALSE(checked_add(SIZE_MAX, SIZE_MAX, &sum));
  EXPECT_EQ(sum, 99u);
}

TEST(Bits, CheckedAlignUp) {
  std::size_t aligned = 99;
  EXPECT_TRUE(checked_align_up(SIZE_MAX - 15, 16, &aligned));
  EXPECT_EQ(aligned, SIZE_MAX - 15);
  aligned = 99;
  EXPECT_FALSE(checked_align_up(SIZE_MAX - 14, 16, &aligned));
  EXPECT_EQ(aligned, 99u);
  EXPECT_TRUE(checked_align_up(17, 8, &aligned));
  EXPECT_EQ(aligned, 24u);
  EXPECT_TRUE(checked_align_up(SIZE_MAX, 1, &aligned));
  EXPECT_EQ(aligned, SIZE_MAX);
}

}  // namespace
}  // namespace ffi
