// SPDX-License-Identifier: MIT
// What i386's assembly shares with C++: the register image and the geometry of a trampoline table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi/plan.h"

namespace ffi::i386 {

// Every register that carries an argument or a result, both in a call and in a closure. System V psABI for i386,
// table 2.3, and the registers that fastcall, thiscall and Pascal's register convention use for arguments.
struct alignas(16) Image {
  unsigned char x87[16];        // st0, results only: 4, 8 or 10 bytes, as the plan's flags say
  std::uint32_t gpr[3];         // eax edx ecx
  std::uint32_t result_gpr[2];  // eax edx
  std::uint32_t flags;          // PlanFlag in a closure, for its assembly
  std::uint32_t pops;           // bytes that a closure removes from its caller's stack
  std::uint32_t reserved;
};

// The members that assembly names.
#define FFI_IMAGE_OFFSETS(IMAGE)      \
  IMAGE(IMAGE_X87, x87)               \
  IMAGE(IMAGE_GPR, gpr)               \
  IMAGE(IMAGE_RESULT_GPR, result_gpr) \
  IMAGE(IMAGE_FLAGS, flags)           \
  IMAGE(IMAGE_POPS, pops)

inline constexpr std::uint32_t handler_count = 6;  // entries of the allowlist

// No register enters a call with bytes that nobody wrote. The static chain is in ecx, or in eax where ecx may carry an
// argument (GCC's choice for fastcall and thiscall); arguments are stored after it, so both get it here.
inline void begin_call(Image &image, std::uint32_t, std::uint32_t, void *chain) {
  image.gpr[0] = image.gpr[2] = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(chain));
  image.gpr[1] = 0;
}

// Every handler of a closure saves everything.
inline bool holds(const Image &, std::uint32_t) { return true; }

inline void end_closure(Image &image, std::uint32_t flags, std::uint32_t pops) {
  image.flags = flags;
  image.pops = pops;
}

// The trampoline tables. Slot i of a table is bound to record i by its number; the last places hold the common tail.
// Sizes are in bytes and hold for every page size that the architecture's kernels can have.
struct TableGeometry {
  static constexpr std::size_t page_bytes = 4096;     // the largest page size of the architecture
  static constexpr std::size_t code_bytes = 16384;    // of a table that is copied: a power of two of pages
  static constexpr std::size_t builtin_bytes = 4096;  // of the table that is used where it is: likewise
  static constexpr std::size_t slot_bytes = 16;
  static constexpr std::size_t record_bytes = 64;
  static constexpr std::size_t tail_slots = 5;
  static constexpr int protection = 0;  // what mapping code asks for beside execution
  // How far into the allowlist a record's index may point; the handlers after these take another parameter.
  static constexpr std::uint32_t record_handlers = 2;
};

}  // namespace ffi::i386
