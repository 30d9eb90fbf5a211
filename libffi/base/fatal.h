// SPDX-License-Identifier: MIT
// The one way out when the library cannot go on: a fixed line on standard error, then SIGABRT.
#pragma once

namespace ffi {

// Writes "libffi: fatal: TEXT\n" with one system call and aborts. Allocates nothing, takes no lock: safe in
// signal handlers and with a corrupted heap.
[[noreturn]] void fatal(const char *text);

}  // namespace ffi
