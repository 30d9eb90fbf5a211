// SPDX-License-Identifier: MIT
// The facts about the machine, against the machine.
#include "base/target.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace ffi {
namespace {

TEST(Target, ByteOrder) {
  const std::uint32_t value = 1;
  unsigned char first;
  std::memcpy(&first, &value, 1);
  EXPECT_EQ(target::big_endian, first == 0);
}

TEST(Target, NoKernelHasLargerPages) {
  EXPECT_EQ(target::largest_page % static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), 0u);
}

TEST(Target, AWordHoldsAPointer) { EXPECT_EQ(target::word_size, sizeof(void *)); }

}  // namespace
}  // namespace ffi
