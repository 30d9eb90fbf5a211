// SPDX-License-Identifier: MIT
// Every architecture's conventions on any machine, and the names of the registers behind the
// offsets of an image.
#pragma once

#include <string_view>

#include "abi/convention.h"
#include "base/span.h"

namespace ffi::explain {

// A register of an image, by the name its psABI gives it.
struct Register {
  std::size_t at;
  std::size_t bytes;
  const char *name;
};

struct Room {
  const char *name;  // the folder below libffi/arch, or that of a variant
  Span<const Convention *const> conventions;
  Span<const Register> registers;
  std::size_t image_bytes;
  bool char_is_signed;  // C's plain char
};

// Each is defined in registers/, apart from the others: two rooms' headers do not go together.
extern const Room x86_64_room, i386_room, aarch64_room, aarch64_be_room;

Span<const Room *const> rooms();

struct Found {
  const Room *room = nullptr;
  const Convention *convention = nullptr;
};
// By the convention's name, as `ffi-explain --list' prints it. Null members: there is none.
Found find_convention(std::string_view name);

// Reached through the variadic functions of another convention, never by name.
constexpr bool is_private(const Convention &convention) {
  return (convention.abi & private_abi) != 0;
}

// The convention that a function follows, by whether it is variadic.
const Convention &convention_of(const Found &found, bool variadic);

// The register that holds this byte of the image, or null.
const Register *register_at(const Room &room, std::size_t at);

}  // namespace ffi::explain
