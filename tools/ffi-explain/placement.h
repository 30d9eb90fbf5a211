// SPDX-License-Identifier: MIT
// A plan in words: where every byte of every value goes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/ffi-explain/compiled.h"
#include "tools/ffi-explain/rooms.h"
#include "tools/ffi-explain/signature.h"

namespace ffi::explain {

enum class Extension { none, sign, zero };

// A run of a value's bytes and their place.
struct Piece {
  std::string place;  // a register, or "stack+N": N bytes above the last byte of the return address
                      // or frame link
  std::optional<std::uint32_t> stack_offset;
  std::uint32_t from = 0;
  std::uint32_t size = 0;
  Extension extension = Extension::none;
  std::uint32_t extended_to = 0;  // bytes
  bool by_reference = false;      // the place holds the address of the value
};

struct Placement {
  std::vector<std::vector<Piece>> arguments;  // no pieces: the value takes no place
  std::vector<Piece> result;
  std::optional<Piece> result_pointer;  // the caller passes the address of room for the result
  std::string result_pointer_returned;  // the register that returns that address, or empty
  std::string vector_count_register;    // empty where the convention has none
  std::uint32_t vector_count = 0;
  std::uint32_t stack_bytes = 0;
  std::uint32_t stack_align = 0;
  std::uint32_t home_bytes = 0;  // of these, reserved for the callee
  std::uint32_t callee_pops = 0;
  bool callee_copies = false;  // what is passed by reference is the caller's own, otherwise a copy
};

Placement describe(const Room &room, const Convention &convention, const Compiled &compiled);

// Parse, compile and describe. Throws SyntaxError, also for a type that the convention does not
// pass.
struct Explained {
  const Convention *asked_for;
  const Convention *convention;  // that the function follows: another, where variadic functions
                                 // have one of their own
  SignatureText signature;
  Placement placement;
};
Explained explain(const Found &found, std::string_view text, Types &types);

}  // namespace ffi::explain
