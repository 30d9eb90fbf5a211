// SPDX-License-Identifier: MIT
// Fork handlers.
#pragma once

namespace ffi {

// Have the C library call prepare() before a fork, and parent() or child() after it. False when memory is short.
[[nodiscard]] bool at_fork(void (*prepare)(), void (*parent)(), void (*child)());

}  // namespace ffi
