// SPDX-License-Identifier: MIT
// Signatures as text: the part of C's declarations that a foreign call can describe.
//
//   double pow(double, double)
//   int printf(const char *format, ...; int, double)     what follows the `;' is passed in place of
//   the dots struct point { double x, y; } move(struct point, v4f32, int (*)(void), _Complex float)
//
// A vector of N lanes is vNf32, vNf64, vNi8 to vNi64 (signed) or vNu8 to vNu64. An array among a
// struct's members stands for as many members; as a parameter it is a pointer, as in C.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/ffi-explain/types.h"

namespace ffi::explain {

// One argument or the result, with the words it was declared in.
struct Declared {
  ffi_type *type = nullptr;
  std::string text;    // the whole declaration, white space collapsed
  std::string name;    // empty if it has none
  std::size_t at = 0;  // where it begins
};

struct SignatureText {
  std::string name;
  Declared result;
  std::vector<Declared> arguments;
  std::size_t named = 0;  // arguments before the dots
  bool variadic = false;
};

// What is wrong, and the offset of the character where it shows.
struct SyntaxError {
  std::size_t at;
  std::string text;
};

// Throws SyntaxError. The types belong to `types'. `char_is_signed' is the target's plain char.
SignatureText parse_signature(std::string_view text, Types &types, bool char_is_signed);

}  // namespace ffi::explain
