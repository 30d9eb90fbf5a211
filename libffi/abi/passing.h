// SPDX-License-Identifier: MIT
// How one value is passed: a classifier's whole answer, before any register is chosen.
#pragma once

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

// Plain bytes without padding, so that a passing can be hashed and compared.
struct Passing {
  std::uint32_t size = 0;       // bytes of the value
  Mode mode = Mode::ignore;
  std::uint8_t align_log2 = 0;  // of the type, for the stack and for even register pairs
  TypeCode scalar = TypeCode::void_;  // a scalar's code, which decides extension; void_ for aggregates
  std::uint8_t count = 0;       // of parts
  Part parts[max_parts] = {};
  std::uint8_t reserved[7] = {};

  constexpr void add(File file, std::size_t part_size, std::size_t from) {
    parts[count++] = {file, static_cast<std::uint8_t>(part_size), static_cast<std::uint8_t>(from)};
  }
};
static_assert(sizeof(Passing) == 40);

// What a value is to the function.
enum class Role : std::uint8_t { named_argument, variadic_argument, result };

}  // namespace ffi
