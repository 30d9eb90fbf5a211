// SPDX-License-Identifier: MIT
// A plan: a signature, compiled to moves between values and an image of registers and stack.
#pragma once

#include <cstdint>

namespace ffi {

// What a move does with `size' bytes of a value. Bytes of a slot that no move owns are zero in a call: the register image
// is cleared first, and so is the stack area of a plan with stack_holes.
enum class Op : std::uint8_t {
  word,       // one machine word
  sext8, sext16, sext32, zext8, zext16, zext32,  // narrow integers, extended to a word
  copy4, copy8, copy16,
  bytes,      // any other number
  reference,  // a word: the address of a copy of the value, which the callee may write
};

enum MoveFlag : std::uint8_t {
  first = 1,   // the first move of its argument
  gather = 2,  // a closure assembles the argument in scratch memory: its parts do not lie as in memory, or it is the
               // callee that copies what a reference points to
  stack = 4,   // `at' counts from the stack arguments, not from the register image
  // Of an argument's first move, for raw arrays:
  record = 8,    // the argument is a struct
  address = 16,  // or a pointer
};

// One contiguous run of bytes of one value, and where it stands.
struct Move {
  Op op;
  std::uint8_t flags;   // MoveFlag
  std::uint16_t from;   // byte offset in the value
  std::uint32_t value;  // argument number; 0 in results
  std::uint32_t at;     // byte offset in the image or the stack arguments
  std::uint32_t size;   // bytes of the value
};
static_assert(sizeof(Move) == 16);

constexpr bool extends(Op op) { return op >= Op::sext8 && op <= Op::zext32; }

// Where in its word an extended value's own bytes lie. This is all that replaying a plan asks of the byte order: every
// other move reads and writes as many bytes as its value has.
constexpr std::uint32_t offset_in_word(const Move &move, std::uint32_t word, bool big_endian) {
  return big_endian && extends(move.op) ? word - move.size : 0;
}

// Everything a call or a closure has to know beyond its moves.
enum PlanFlag : std::uint32_t {
  uses_vectors = 1,     // a vector register carries an argument
  result_x87 = 2,       // the first x87 register holds a result, in its own width
  result_x87_pair = 4,  // and the second
  hidden_result = 8,    // the callee writes the result through a pointer
  stack_holes = 32,     // the moves leave bytes of the stack area unwritten
  result_float = 64,    // the first x87 register holds a result that is a float
  result_double = 128,  // or a double
  wide_vectors = 256,   // an argument takes more than the first 8 bytes of a vector register
  many_vectors = 512,   // arguments take more than four vector registers
  wide_result = 1024,   // the result takes more than the first 8 bytes of a vector register
  plain = 2048,         // registers carry all arguments and the result, and no move is Op::bytes or Op::reference
  preserves_vectors = 4096,  // Convention::preserves_vectors: only a handler that does so may serve it
};

// Plain data, followed by its argument moves and then its result moves. Immutable once compiled.
struct Plan {
  std::uint32_t abi;
  std::uint32_t nargs;
  std::uint32_t stack_bytes;   // of the argument area, a multiple of stack_align
  std::uint32_t ticket;        // plans/table.h; 0 for a plan that is not interned
  std::uint32_t flags;         // PlanFlag
  std::uint32_t argument_moves;
  std::uint32_t result_moves;
  std::uint32_t stack_align;
  std::uint32_t bytes;         // of the whole plan
  std::uint32_t vector_count;  // vector registers that carry arguments
  std::uint32_t callee_pops;   // stack bytes that the callee removes
  std::uint32_t result_size;      // bytes of the value; 0 for none
  std::uint32_t result_pointer_at;     // with hidden_result: where the pointer goes
  std::uint32_t result_pointer_flags;  // MoveFlag::stack or 0
  std::uint32_t result_echo_at;        // the image place that returns it; UINT32_MAX: none
  std::uint32_t gathered;              // arguments that a closure gathers
  std::uint32_t gather_stride;         // scratch bytes for each of them
  std::uint32_t reference_bytes;       // room for the copies behind Op::reference

  const Move *moves() const { return reinterpret_cast<const Move *>(this + 1); }
  const Move *results() const { return moves() + argument_moves; }
};
static_assert(sizeof(Plan) % alignof(Move) == 0 && sizeof(Plan) == 72);

}  // namespace ffi
