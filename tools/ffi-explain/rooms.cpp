// SPDX-License-Identifier: MIT
// The table of rooms.
#include "tools/ffi-explain/rooms.h"

namespace ffi::explain {
namespace {

constexpr const Room *all_rooms[] = {&x86_64_room, &i386_room, &aarch64_room, &aarch64_be_room};

}  // namespace

Span<const Room *const> rooms() { return all_rooms; }

Found find_convention(std::string_view name) {
  for (const Room *room : all_rooms) {
    for (const Convention *convention : room->conventions) {
      if (!is_private(*convention) && convention->name == name) return {room, convention};
    }
  }
  return {};
}

const Convention &convention_of(const Found &found, bool variadic) {
  if (variadic && found.convention->variadic_abi != 0) {
    for (const Convention *convention : found.room->conventions) {
      if (convention->abi == found.convention->variadic_abi) return *convention;
    }
  }
  return *found.convention;
}

const Register *register_at(const Room &room, std::size_t at) {
  for (const Register &one : room.registers) {
    if (at >= one.at && at - one.at < one.bytes) return &one;
  }
  return nullptr;
}

}  // namespace ffi::explain
