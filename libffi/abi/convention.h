// SPDX-License-Identifier: MIT
// What a calling convention is: register files, stack rules and a classifier, as one constexpr value.
//
// A convention never asks which machine it runs on: sizes come from the types, offsets from the room's image, so every
// architecture's conventions can be compiled for and tested on any host.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi/passing.h"

namespace ffi {

inline constexpr unsigned max_argument_registers = 16;
inline constexpr unsigned max_result_registers = 8;
inline constexpr std::uint16_t no_place = UINT16_MAX;

// The registers of one file in order of use, as byte offsets in the image.
struct RegisterFile {
  std::uint8_t slot = 0;     // bytes of a register
  std::uint8_t arguments = 0;
  std::uint8_t results = 0;
  std::uint16_t argument[max_argument_registers] = {};
  std::uint16_t result[max_result_registers] = {};
};

// What happens to a value whose parts do not all find a register.
enum class Overflow : std::uint8_t {
  keep_open,   // the whole value goes to the stack, later values may still use what is left (x86-64, 3.2.3)
  close_file,  // the whole value goes to the stack and the file is used up (AAPCS64, C.3 and C.13)
  split,       // registers take what they can, the stack the rest (a variadic function of Windows on Arm)
};

// Sizes and alignments of the scalars whose C types differ between targets; tools and tests build types with them.
struct DataModel {
  std::uint8_t pointer = 8;
  std::uint8_t long_double = 16;
  std::uint8_t long_double_alignment = 16;
  std::uint8_t wide_alignment = 8;  // of 64-bit integers and double inside structs
  bool big_endian = false;          // a scalar ends where its slot ends; an aggregate begins where its slot begins
};

// Conventions that callers cannot ask for by number, only come to through `variadic_abi', have this bit in theirs.
inline constexpr std::uint8_t private_abi = 0x80;

struct Convention {
  const char *name = nullptr;  // as in ffi-explain and in the golden files
  std::uint32_t abi = 0;       // the public ffi_abi value
  DataModel model;

  RegisterFile files[file_count];
  Overflow overflow = Overflow::keep_open;
  bool even_pairs = false;     // values aligned to two words start at an even integer register (AAPCS64, C.10)
  bool positional = false;     // argument n uses register n of its file and uses up register n of the others (Win64)
  bool duplicate = false;      // and what is in a vector register is in the integer register of its position, too (Win64)
  bool last_first = false;     // the last argument lies lowest on the stack, and the hidden pointer comes after it (PASCAL)

  std::uint8_t max_in_registers = 64;  // bytes of the largest aggregate whose members decide how it is passed
  std::uint8_t word = 8;             // bytes of a stack slot, and the width that narrow integers are extended to
  std::uint8_t max_stack_align = 16; // of a single argument
  std::uint8_t stack_align = 16;     // of the whole argument area at the call
  std::uint8_t home_bytes = 0;       // reserved at the bottom of the stack area for the callee (Win64: 32)
  bool callee_pops = false;          // the callee removes its stack arguments (stdcall)
  bool preserves_vectors = false;    // the callee preserves registers that the platform's own convention lets it spoil (Win64)
  bool callee_copies = false;        // what is passed by reference is the caller's own, and the callee copies it (PASCAL)
  std::uint8_t variadic_abi = 0;     // the convention that variadic functions follow instead, if any

  // Where the pointer of a result in memory goes: a fixed image place, or no_place for the first integer argument.
  std::uint16_t result_pointer = no_place;
  bool result_pointer_popped = false;  // the callee removes the pointer even when it removes nothing else (i386 SysV)
  std::uint16_t result_echo = no_place;  // the image place in which the callee returns that pointer
  std::uint16_t vector_count = no_place; // the image place of the number of vector registers used (x86-64 %al)

  // The one function of an architecture: how a value is passed, naming no register. Pure.
  Status (*classify)(const Convention &, const ffi_type &, Role, Passing *) = nullptr;
};

// The whole signature, already classified.
struct Signature {
  const Passing *arguments = nullptr;
  std::uint32_t nargs = 0;
  Passing result = {};
};

}  // namespace ffi
