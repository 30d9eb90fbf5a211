// SPDX-License-Identifier: MIT
// The facts about the machine the library is built for: the only internal header that reads target macros.
#pragma once

#include <bit>
#include <cstddef>

// The native room's folder below arch/, for the headers that only the native room provides.
#if defined(__x86_64__) && !defined(__ILP32__)
#define FFI_NATIVE_ROOM(header) FFI_QUOTE(arch/x86_64/header)
#define FFI_NATIVE_NAMESPACE x86_64
#define FFI_LARGEST_PAGE 4096
#elif defined(__i386__)
#define FFI_NATIVE_ROOM(header) FFI_QUOTE(arch/i386/header)
#define FFI_NATIVE_NAMESPACE i386
#define FFI_LARGEST_PAGE 4096
#elif defined(__aarch64__) && defined(__LP64__)
#define FFI_NATIVE_ROOM(header) FFI_QUOTE(arch/aarch64/header)
#define FFI_NATIVE_NAMESPACE aarch64
#define FFI_LARGEST_PAGE 65536
#else
#error "No room for this architecture yet: see PORTING.md."
#endif
#define FFI_QUOTE(path) FFI_QUOTE_(path)
#define FFI_QUOTE_(path) #path

namespace ffi::target {

inline constexpr std::size_t word_size = sizeof(void *);
inline constexpr bool big_endian = std::endian::native == std::endian::big;

// The largest page size a kernel of this architecture may be configured with.
inline constexpr std::size_t largest_page = FFI_LARGEST_PAGE;

}  // namespace ffi::target

