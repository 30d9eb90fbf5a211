// SPDX-License-Identifier: MIT
// Hand-made descriptors for tests, owned by the test.
#pragma once

#include <initializer_list>
#include <vector>

#include "types/type.h"

namespace ffi::test {

// An aggregate with its list of members; size and alignment 0 unless given. Members may be null on
// purpose.
struct Aggregate : ffi_type {
  std::vector<ffi_type *> members;

  explicit Aggregate(std::initializer_list<ffi_type *> list, unsigned short code = FFI_TYPE_STRUCT,
                     std::size_t preset_size = 0, unsigned short preset_alignment = 0)
      : ffi_type{preset_size, preset_alignment, code, nullptr}, members(list) {
    close();
  }
  Aggregate(const Aggregate &) = delete;
  Aggregate &operator=(const Aggregate &) = delete;

  // After a change of members.
  void close() {
    if (members.empty() || members.back() != nullptr) members.push_back(nullptr);
    elements = members.data();
  }
};

struct Vector : Aggregate {
  Vector(ffi_type *lane, unsigned lanes) : Aggregate({}, FFI_TYPE_VECTOR) {
    members.assign(lanes, lane);
    close();
  }
};

// A copy of a scalar with another alignment, as the members of packed structs are described.
inline ffi_type realigned(const ffi_type &scalar, unsigned short alignment) {
  return {scalar.size, alignment, scalar.type, nullptr};
}

}  // namespace ffi::test
