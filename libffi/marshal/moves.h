// SPDX-License-Identifier: MIT
// What one move does to bytes, in each direction. Everything else about marshalling is bookkeeping.
#pragma once

#include <string.h>

#include <type_traits>

#include "abi/plan.h"
#include "arch/room.h"
#include "base/target.h"

namespace ffi {

using Word = std::uintptr_t;
using SignedWord = std::intptr_t;

template <typename T>
inline T read(const unsigned char *from) {
  T value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

template <typename T>
inline void write(unsigned char *to, T value) {
  __builtin_memcpy(to, &value, sizeof value);
}

template <typename Narrow>
inline Word extended(const unsigned char *from) {
  if constexpr (static_cast<Narrow>(-1) < 0) return static_cast<Word>(SignedWord{read<Narrow>(from)});
  else return read<Narrow>(from);
}

// Up to 16 bytes without a call, so that the loop around it keeps its variables in registers that calls do not save.
[[gnu::always_inline]] inline void copy_part(unsigned char *to, const unsigned char *from, std::uint32_t size) {
  const auto piece = [&]<std::uint32_t bytes>(std::integral_constant<std::uint32_t, bytes>) {
    if ((size & bytes) == 0) return;
    __builtin_memcpy(to, from, bytes);
    to += bytes;
    from += bytes;
  };
  piece(std::integral_constant<std::uint32_t, 16>());
  piece(std::integral_constant<std::uint32_t, 8>());
  piece(std::integral_constant<std::uint32_t, 4>());
  piece(std::integral_constant<std::uint32_t, 2>());
  piece(std::integral_constant<std::uint32_t, 1>());
}

[[gnu::always_inline]] inline void copy_bytes(unsigned char *to, const unsigned char *from, std::uint32_t size) {
  if (size <= 16) {
    copy_part(to, from, size);
  } else {
    memcpy(to, from, size);
  }
}

// offset_in_word() on this machine.
inline std::uint32_t native_offset(const Move &move) { return offset_in_word(move, sizeof(Word), target::big_endian); }

// What a move may be: one of a plan that is `plain', in a register, where no part is larger than 16 bytes, or anywhere.
enum class Reach : std::uint8_t { plain, registers, anywhere };

// `from' holds a value, `to' is its slot. Op::reference is not a copy: see invoke.cpp.
template <Reach reach>
[[gnu::always_inline]] inline void copy_move(const Move &move, unsigned char *to, const unsigned char *from) {
  // Nearly every move is one of these: comparisons that come true cost less than the jump through a table.
  if (move.op == Op::word) return write(to, read<Word>(from));
  if (move.op == Op::sext32) return write(to, extended<std::int32_t>(from));
  if (move.op == Op::zext32) return write(to, extended<std::uint32_t>(from));
  switch (move.op) {
    case Op::word:
    case Op::sext32:
    case Op::zext32: break;
    case Op::sext8: write(to, extended<std::int8_t>(from)); return;
    case Op::zext8: write(to, extended<std::uint8_t>(from)); return;
    case Op::sext16: write(to, extended<std::int16_t>(from)); return;
    case Op::zext16: write(to, extended<std::uint16_t>(from)); return;
    case Op::copy4: __builtin_memcpy(to, from, 4); return;
    case Op::copy8: __builtin_memcpy(to, from, 8); return;
    case Op::copy16: __builtin_memcpy(to, from, 16); return;
    case Op::bytes:
      if constexpr (reach == Reach::plain) break;
      if constexpr (reach == Reach::registers) {
        copy_part(to, from, move.size);
      } else {
        copy_bytes(to, from, move.size);
      }
      return;
    case Op::reference:
      if constexpr (reach == Reach::plain) break;
      return;
  }
  __builtin_unreachable();  // plans are made here and lie in read-only memory
}

}  // namespace ffi
