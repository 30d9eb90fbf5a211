// SPDX-License-Identifier: MIT
// What x86-64's assembly shares with C++: the register image and the geometry of a trampoline table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi/plan.h"
#include "base/wide.h"

namespace ffi::x86_64 {

// Every register that carries an argument or a result, both in a call and in a closure.
// System V psABI for AMD64, figure 3.4.
struct alignas(16) Image {
  std::uint64_t gpr[6];             // rdi rsi rdx rcx r8 r9
  std::uint64_t result_gpr[2];      // rax rdx
  unsigned char vector[8][16];      // xmm0-7; xmm0 and xmm1 also as results
  unsigned char x87[2][16];         // st0 st1, results only
  std::uint64_t vector_count;       // al in a call: the number of vector registers in use
  std::uint64_t chain;              // r10 in a call
  std::uint32_t flags;              // PlanFlag in a closure, for its assembly
  std::uint32_t saved;              // PlanFlag: what the handler of a closure saved and preserves
};

// The members that assembly names.
#define FFI_IMAGE_OFFSETS(IMAGE)       \
  IMAGE(IMAGE_GPR, gpr)                \
  IMAGE(IMAGE_RESULT_GPR, result_gpr)  \
  IMAGE(IMAGE_VECTOR, vector)          \
  IMAGE(IMAGE_X87, x87)                \
  IMAGE(IMAGE_VECTOR_COUNT, vector_count) \
  IMAGE(IMAGE_CHAIN, chain)            \
  IMAGE(IMAGE_FLAGS, flags)            \
  IMAGE(IMAGE_SAVED, saved)

inline constexpr std::uint32_t handler_count = 10;  // entries of the allowlist

// No register enters a call with bytes that nobody wrote. Registers that only return are cleared by the call itself.
inline void begin_call(Image &image, std::uint32_t flags, std::uint32_t vector_count, void *chain) {
  clear_wide<sizeof image.gpr>(image.gpr);
  if (flags & uses_vectors) clear_wide<sizeof image.vector / 2>(image.vector);
  if (flags & many_vectors) clear_wide<sizeof image.vector / 2>(image.vector[4]);
  image.vector_count = vector_count;
  image.chain = reinterpret_cast<std::uint64_t>(chain);
}

// Whether a closure's handler saved what a plan with these flags reads, and preserves what its caller expects.
inline bool holds(const Image &image, std::uint32_t flags) {
  return (flags & (uses_vectors | preserves_vectors) & ~image.saved) == 0;
}

inline void end_closure(Image &image, std::uint32_t flags, std::uint32_t) { image.flags = flags; }

// The trampoline tables. Slot i of a table is bound to record i by its address; the last places hold the common tail.
// Sizes are in bytes and hold for every page size that the architecture's kernels can have.
struct TableGeometry {
  static constexpr std::size_t page_bytes = 4096;     // the largest page size of the architecture
  static constexpr std::size_t code_bytes = 16384;    // of a table that is copied: a power of two of pages
  static constexpr std::size_t builtin_bytes = 4096;  // of the table that is used where it is: likewise
  static constexpr std::size_t slot_bytes = 16;
  static constexpr std::size_t record_bytes = 64;
  static constexpr std::size_t tail_slots = 2;
  static constexpr int protection = 0;  // what mapping code asks for beside execution
  // How far into the allowlist a record's index may point; the handlers after these take another parameter.
  static constexpr std::uint32_t record_handlers = 4;
};

}  // namespace ffi::x86_64
