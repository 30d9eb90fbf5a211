// SPDX-License-Identifier: MIT
// What one move does to bytes, in each direction. Everything else about marshalling is bookkeeping.
#pragma once

#include <string.h>

#include "abi/plan.h"
#include "arch/room.h"

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

// Parts of values are mostly whole words, for which a call of memcpy costs more than the copy.
[[gnu::always_inline]] inline void copy_bytes(unsigned char *to, const unsigned char *from, std::uint32_t size) {
  switch (size) {
    case 4: __builtin_memcpy(to, from, 4); return;
    case 8: __builtin_memcpy(to, from, 8); return;
    case 16: __builtin_memcpy(to, from, 16); return;
    default: memcpy(to, from, size); return;
  }
}

// `from' holds a value, `to' is its slot. Op::reference is not a copy: see invoke.cpp.
[[gnu::always_inline]] inline void copy_move(const Move &move, unsigned char *to, const unsigned char *from) {
  switch (move.op) {
    case Op::word: write(to, read<Word>(from)); return;
    case Op::sext8: write(to, extended<std::int8_t>(from)); return;
    case Op::zext8: write(to, extended<std::uint8_t>(from)); return;
    case Op::sext16: write(to, extended<std::int16_t>(from)); return;
    case Op::zext16: write(to, extended<std::uint16_t>(from)); return;
    case Op::sext32: write(to, extended<std::int32_t>(from)); return;
    case Op::zext32: write(to, extended<std::uint32_t>(from)); return;
    case Op::copy4: __builtin_memcpy(to, from, 4); return;
    case Op::copy8: __builtin_memcpy(to, from, 8); return;
    case Op::copy16: __builtin_memcpy(to, from, 16); return;
    case Op::bytes: copy_bytes(to, from, move.size); return;
    case Op::reference: return;
  }
  __builtin_unreachable();  // plans are made here and lie in read-only memory
}

}  // namespace ffi
