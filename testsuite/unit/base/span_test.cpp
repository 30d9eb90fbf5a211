// SPDX-License-Identifier: MIT
// Spans of arrays and of pointers with a count.
#include "base/span.h"

#include <gtest/gtest.h>

namespace ffi {
namespace {

TEST(Span, OfAnArrayWritesThrough) {
  int numbers[] = {1, 2, 3};
  const Span<int> span(numbers);
  EXPECT_EQ(span.size, 3u);
  for (int &number : span) number *= 10;
  EXPECT_EQ(numbers[0] + numbers[1] + numbers[2], 60);
  span[1] = 7;
  EXPECT_EQ(numbers[1], 7);
}

TEST(Span, OfAPointerAndACount) {
  const char text[] = "abcdef";
  const Span<const char> span(text + 1, 3);
  EXPECT_EQ(std::string(span.begin(), span.end()), "bcd");
}

TEST(Span, OfNothing) {
  const Span<int> span;
  EXPECT_EQ(span.begin(), span.end());
  EXPECT_EQ(span.size, 0u);
}

}  // namespace
}  // namespace ffi
