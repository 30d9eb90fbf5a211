// SPDX-License-Identifier: MIT
// What x86-64's assembly shares with C++: the register image and the geometry of a trampoline table.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ffi::x86_64 {

// Every register that carries an argument or a result, both in a call and in a closure.
// System V psABI, figure 3.4. %rsp-relative arguments follow the image where a plan counts offsets.
struct alignas(16) Image {
  std::uint64_t gpr[6];             // rdi rsi rdx rcx r8 r9
  std::uint64_t result_gpr[2];      // rax rdx
  unsigned char vector[8][16];      // xmm0-7; xmm0 and xmm1 also as results
  unsigned char x87[2][16];         // st0 st1, results only
  std::uint64_t vector_count;       // al: an upper bound of the vector registers in use
  std::uint64_t chain;              // r10: the static chain
};

// Slot i of a table names record i, data_distance bytes after the table's first byte.
struct TableGeometry {
  static constexpr std::size_t code_bytes = 4096;   // the largest page size of the architecture
  static constexpr std::size_t slot_bytes = 16;
  static constexpr std::size_t record_bytes = 64;
  static constexpr std::size_t slots = code_bytes / slot_bytes - 1;  // the last slot's place holds the common tail
};

}  // namespace ffi::x86_64
