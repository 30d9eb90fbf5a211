// SPDX-License-Identifier: MIT
// A plan: a signature, compiled to moves between values and an image of registers and stack.
#pragma once

#include <cstdint>

#include "base/target.h"

namespace ffi {

// What a move does. Slots are whole registers or stack words; a narrow value fills its slot as the
// convention says, so no slot enters a call with bytes nobody wrote.
enum class Op : std::uint8_t {
  word,       // one machine word
  sext8, sext16, sext32, zext8, zext16, zext32,
  copy4,      // 4 bytes into a wider slot, the rest zero
  copy8,
  copy16,
  bytes,      // size bytes into the smallest whole number of words, the rest zero
  reference,  // the address of a copy of size bytes that the callee may write
  x87,        // 10 bytes of an 80-bit float in a 16-byte place
};

enum MoveFlag : std::uint8_t {
  first = 1,   // the first move of its argument
  gather = 2,  // a closure assembles the argument in scratch memory: its parts are not side by side
  stack = 4,   // `at' counts from the stack arguments, not from the register image
  echo = 8,    // the value stands in two places (Win64 and MIPS varargs): a closure reads the other one
};

// One contiguous run of bytes of one value, and where it stands. Owns every byte of the slot it names.
struct Move {
  Op op;
  std::uint8_t flags;
  std::uint16_t from;   // byte offset in the value
  std::uint32_t value;  // argument number; 0 in results
  std::uint32_t at;     // byte offset in the image or the stack arguments; big-endian justification included
  std::uint32_t size;   // bytes of the value that this move carries
};
static_assert(sizeof(Move) == 16);

// What a call's or closure's assembly has to know.
enum PlanFlag : std::uint32_t {
  uses_vectors = 1,     // a vector or floating register carries an argument
  result_x87 = 2,       // st0 holds a result
  result_x87_pair = 4,  // st0 and st1 do
  hidden_result = 8,    // the callee writes the result through a pointer
  has_references = 16,  // an Op::reference exists
  callee_pops_shift = 16,  // bits 16-31: bytes the callee removes from the stack
};

// Plain data, followed by its argument moves and then its result moves. Immutable once compiled.
struct Plan {
  std::uint32_t bytes;         // of the whole plan
  std::uint32_t abi;
  std::uint32_t nargs;
  std::uint32_t tag;           // a digest of the signature; see plans/table.h
  std::uint32_t stack_bytes;   // argument area, a multiple of the stack's alignment
  std::uint32_t flags;         // PlanFlag
  std::uint32_t vector_count;  // vector registers that carry arguments
  std::uint32_t argument_moves;
  std::uint32_t result_moves;
  std::uint32_t result_size;       // bytes of the value, 0 for void
  std::uint32_t result_integral;   // result is widened to a whole ffi_arg
  std::uint32_t result_pointer_at; // with hidden_result: where the pointer goes
  std::uint32_t result_pointer_flags;  // MoveFlag::stack or 0
  std::uint32_t result_echo_at;    // where a closure returns that pointer; UINT32_MAX: nowhere
  std::uint32_t gather_stride;     // scratch bytes for each gathered argument
  std::uint32_t gathered;          // how many arguments are gathered
  std::uint64_t reference_bytes;   // room for the copies behind Op::reference

  const Move *moves() const { return reinterpret_cast<const Move *>(this + 1); }
};
static_assert(sizeof(Plan) % alignof(std::uint64_t) == 0);

}  // namespace ffi
