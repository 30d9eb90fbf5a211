// SPDX-License-Identifier: MIT
// The file that this library's text was loaded from: found by name, proven by identity.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ffi::glue {

// A shared, executable mapping of the library's file, of the `bytes' that were loaded at `address',
// placed at `at' (nullptr: anywhere). Before it is made the file is proven to be the one the text
// comes from: the kernel shows the same device and inode for a mapping of either, and the bytes are
// the same. nullptr, with refusals in the diary, when that fails; then nothing was mapped. No
// descriptor stays open.
[[nodiscard]] void *map_own_text(const void *address, std::size_t bytes, void *at);

}  // namespace ffi::glue
