// SPDX-License-Identifier: MIT
// How one value is passed: a classifier's whole answer, before any register is chosen.
#pragma once

#include <bit>
#include <cstdint>

#include "base/status.h"
#include "types/type.h"

namespace ffi {

// A register file that arguments or results may use.
enum class File : std::uint8_t { integer, vector, x87 };
inline constexpr unsigned file_count = 3;

// One register's worth of a value.
struct Part {
  File file;
  std::uint8_t size;  // bytes of the value in this register
  std::uint8_t from;  // their offset in the value
};

enum class Mode : std::uint8_t {
  ignore,     // takes no place: void, empty structs
  registers,  // in the registers named by parts; without room for them, as the convention's overflow rule says
  memory,     // on the stack, by value
  reference,  // a pointer to a copy, itself passed like an integer; as a result, the hidden pointer
};

inline constexpr unsigned max_parts = 8;

struct Passing {
  std::uint32_t size;       // bytes of the value
  Mode mode;
  std::uint8_t align_log2;  // of the type: what the function called by a closure may expect
  std::uint8_t place_log2;  // what the rules for the stack and for even register pairs go by
  TypeCode scalar;          // a scalar's code, which decides extension; void_ for aggregates
  bool record;              // a struct
  std::uint8_t count;       // of parts
  std::uint8_t spent;       // integer registers that a value on the stack uses up nevertheless (i386 fastcall)
  Part parts[max_parts];

  // Clear everything but unused parts, which nobody reads.
  constexpr void start(const ffi_type &type) {
    size = static_cast<std::uint32_t>(type.size);
    mode = Mode::ignore;
    align_log2 = static_cast<std::uint8_t>(std::countr_zero(type.alignment));
    place_log2 = align_log2;
    scalar = is_aggregate(code_of(type)) ? TypeCode::void_ : code_of(type);
    record = code_of(type) == TypeCode::struct_;
    count = 0;
    spent = 0;
  }

  constexpr void place_as(unsigned alignment) { place_log2 = static_cast<std::uint8_t>(std::countr_zero(alignment)); }

  constexpr void add(File file, std::size_t part_size, std::size_t from) {
    parts[count++] = {file, static_cast<std::uint8_t>(part_size), static_cast<std::uint8_t>(from)};
  }
};

// What a value is to the function.
enum class Role : std::uint8_t { named_argument, variadic_argument, result };

}  // namespace ffi
