// SPDX-License-Identifier: MIT
// The result of an internal operation that the caller can do something about.
#pragma once

#include <cstdint>

namespace ffi {

enum class [[nodiscard]] Status : std::uint8_t {
  ok,
  bad_typedef,   // a malformed or unsupported type
  bad_abi,       // no such convention here
  bad_argtype,   // a variadic argument C would have promoted
  no_memory,     // memory or a system call was refused; the caller has a way on without it
  not_ours,      // an address that does not belong to the asked one
};

}  // namespace ffi
