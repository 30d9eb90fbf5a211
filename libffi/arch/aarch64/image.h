// SPDX-License-Identifier: MIT
// What aarch64's assembly shares with C++: the register image and the geometry of a trampoline table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi/plan.h"
#include "base/wide.h"

namespace ffi::aarch64 {

// Every register that carries an argument or a result, both in a call and in a closure. AAPCS64, 6.1.1 and 6.1.2.
struct alignas(16) Image {
  std::uint64_t gpr[8];         // x0-7; x0 and x1 also as results
  std::uint64_t indirect;       // x8: where a result in memory goes
  std::uint64_t chain;          // x18 in a call, which is left alone if this is null
  unsigned char vector[8][16];  // q0-7; q0-3 also as results
  std::uint64_t saved;          // PlanFlag: what the handler of a closure saved
  std::uint64_t reserved;
};

// The members that assembly names.
#define FFI_IMAGE_OFFSETS(IMAGE)   \
  IMAGE(IMAGE_GPR, gpr)            \
  IMAGE(IMAGE_INDIRECT, indirect)  \
  IMAGE(IMAGE_CHAIN, chain)        \
  IMAGE(IMAGE_VECTOR, vector)      \
  IMAGE(IMAGE_SAVED, saved)

inline constexpr std::uint32_t handler_count = 7;  // entries of the allowlist

// No register enters a call with bytes that nobody wrote.
inline void begin_call(Image &image, std::uint32_t flags, std::uint32_t, void *chain) {
  clear_wide<sizeof image.gpr>(image.gpr);
  if (flags & uses_vectors) clear_wide<sizeof image.vector>(image.vector);
  image.indirect = 0;
  image.chain = reinterpret_cast<std::uintptr_t>(chain);
}

// Whether a closure's handler saved what a plan with these flags reads.
inline bool holds(const Image &image, std::uint32_t flags) { return (flags & uses_vectors & ~image.saved) == 0; }

inline void end_closure(Image &, std::uint32_t, std::uint32_t) {}

// The trampoline tables. Slot i of a table is bound to record i by its address; the last places hold the common tail.
// Sizes are in bytes and hold for every page size that the architecture's kernels can have.
struct TableGeometry {
  static constexpr std::size_t page_bytes = 65536;     // the largest page size of the architecture
  static constexpr std::size_t code_bytes = 65536;     // of a table that is copied: a power of two of pages
  static constexpr std::size_t builtin_bytes = 16384;  // of the table that is used where it is: its records fill a page
  static constexpr std::size_t slot_bytes = 16;
  static constexpr std::size_t record_bytes = 64;
  static constexpr std::size_t tail_slots = 2;
  static constexpr int protection = 0x10;  // what mapping code asks for beside execution: PROT_BTI
  // How far into the allowlist a record's index may point; the handlers after these take another parameter.
  static constexpr std::uint32_t record_handlers = 3;
};

}  // namespace ffi::aarch64
