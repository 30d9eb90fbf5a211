// SPDX-License-Identifier: MIT
// What each move does to bytes: all of its place, none of its neighbours'.
#include "marshal/moves.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace ffi {
namespace {

constexpr std::uint32_t word = sizeof(Word);
constexpr unsigned char untouched = 0x77;

struct Place {
  alignas(16) unsigned char before[16];
  unsigned char slot[48];
};

// Move `from' and return the place.
template <Reach reach = Reach::anywhere>
Place moved(Op op, const void *from, std::uint32_t size) {
  Place place;
  std::memset(&place, untouched, sizeof place);
  const Move move{op, first, 0, 0, 0, size};
  copy_move<reach>(move, place.slot, static_cast<const unsigned char *>(from));
  for (const unsigned char byte : place.before) EXPECT_EQ(byte, untouched);
  return place;
}

void expect_rest_untouched(const Place &place, std::size_t written) {
  for (std::size_t i = written; i < sizeof place.slot; ++i)
    EXPECT_EQ(place.slot[i], untouched) << i;
}

template <typename Narrow>
void expect_extension(Op op, Narrow value) {
  // Nothing behind the value is read into the word.
  Narrow values[2] = {value, static_cast<Narrow>(0x5a)};
  const Place place = moved(op, values, sizeof value);
  Word got;
  std::memcpy(&got, place.slot, sizeof got);
  EXPECT_EQ(got, static_cast<Word>(static_cast<SignedWord>(value)));
  expect_rest_untouched(place, word);
}

TEST(Moves, Extensions) {
  for (const int value : {0, 1, 0x7f, -1, -128})
    expect_extension<std::int8_t>(Op::sext8, static_cast<std::int8_t>(value));
  for (const int value : {0, 1, 0x7f, 0x80, 0xff})
    expect_extension<std::uint8_t>(Op::zext8, static_cast<std::uint8_t>(value));
  for (const int value : {0, 0x7fff, -1, -32768})
    expect_extension<std::int16_t>(Op::sext16, static_cast<std::int16_t>(value));
  for (const int value : {0, 0x7fff, 0x8000, 0xffff})
    expect_extension<std::uint16_t>(Op::zext16, static_cast<std::uint16_t>(value));
}

TEST(Moves, ExtensionsOfFourBytes) {
  if (word < 8) GTEST_SKIP() << "four bytes are a word here";
  for (const std::int32_t value : {0, INT32_MAX, -1, INT32_MIN})
    expect_extension<std::int32_t>(Op::sext32, value);
  for (const std::uint32_t value : {0u, 0x7fffffffu, 0x80000000u, UINT32_MAX}) {
    const Place place = moved(Op::zext32, &value, 4);
    Word got;
    std::memcpy(&got, place.slot, sizeof got);
    EXPECT_EQ(got, value);
    expect_rest_untouched(place, word);
  }
}

TEST(Moves, Copies) {
  unsigned char source[48];
  for (unsigned i = 0; i < sizeof source; ++i) source[i] = static_cast<unsigned char>(i + 1);
  struct Case {
    Op op;
    std::uint32_t size;
  };
  for (const Case &one :
       {Case{Op::word, word}, Case{Op::copy4, 4}, Case{Op::copy8, 8}, Case{Op::copy16, 16}}) {
    const Place place = moved(one.op, source, one.size);
    EXPECT_EQ(std::memcmp(place.slot, source, one.size), 0);
    expect_rest_untouched(place, one.size);
  }
}

TEST(Moves, AnyNumberOfBytes) {
  unsigned char source[48];
  for (unsigned i = 0; i < sizeof source; ++i) source[i] = static_cast<unsigned char>(i + 1);
  for (std::uint32_t size = 0; size <= 40; ++size) {
    SCOPED_TRACE(size);
    const Place place = moved(Op::bytes, source, size);
    EXPECT_EQ(std::memcmp(place.slot, source, size), 0);
    expect_rest_untouched(place, size);
    if (size > 16) continue;
    const Place in_register = moved<Reach::registers>(Op::bytes, source, size);
    EXPECT_EQ(std::memcmp(in_register.slot, source, size), 0);
    expect_rest_untouched(in_register, size);
  }
}

TEST(Moves, NeverReadBeyondTheValue) {
  // The value ends where readable memory ends.
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  auto *const memory = static_cast<unsigned char *>(
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(mprotect(memory + page, page, PROT_NONE), 0);
  for (std::uint32_t size = 1; size <= 40; ++size) {
    expect_rest_untouched(moved(Op::bytes, memory + page - size, size), size);
  }
  expect_rest_untouched(moved(Op::sext8, memory + page - 1, 1), word);
  expect_rest_untouched(moved(Op::zext16, memory + page - 2, 2), word);
  expect_rest_untouched(moved(Op::copy4, memory + page - 4, 4), 4);
  munmap(memory, 2 * page);
}

TEST(Moves, UnalignedValuesAndPlaces) {
  alignas(16) unsigned char source[32] = {};
  for (unsigned i = 0; i < sizeof source; ++i) source[i] = static_cast<unsigned char>(0xf0 + i);
  for (unsigned skew = 1; skew < 8; ++skew) {
    const Place place = moved(Op::word, source + skew, word);
    EXPECT_EQ(std::memcmp(place.slot, source + skew, word), 0);
  }
}

}  // namespace
}  // namespace ffi
