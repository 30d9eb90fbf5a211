// SPDX-License-Identifier: MIT
// The gateway: every mapping, protection and descriptor of the library passes through here, where
// tests can make it fail.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace ffi::glue::sys {

// Which call a test may refuse.
enum class Call : std::uint8_t {
  map,
  protect,
  copy,
  move,
  mseal,
  discard,
  open,
  read,
  memfd,
  write,
  seal_file,
  random,
  key,
  control,
};

// Addresses on success; nullptr with errno set otherwise. A mapping that is writable and executable
// is fatal.
[[nodiscard]] void *map(void *at, std::size_t bytes, int protection, int flags, int fd,
                        std::uint64_t offset);

// A second mapping of a shared one, at `at', and a private file mapping's pages, moved there while
// the original refills itself.
[[nodiscard]] void *copy(const void *from, std::size_t bytes, void *at);
[[nodiscard]] void *move(const void *from, std::size_t bytes, void *at);

// 0 or errno.
[[nodiscard]] int protect(void *at, std::size_t bytes, int protection);
[[nodiscard]] int mseal(void *at, std::size_t bytes);
[[nodiscard]] int discard(void *at, std::size_t bytes);
void unmap(void *at, std::size_t bytes);

// Descriptors are close-on-exec; -1 with errno set.
[[nodiscard]] int open_to_read(const char *path);
// Likewise, a name below /proc, which has to be the kernel's own and not a directory of somebody's.
[[nodiscard]] int open_of_proc(const char *path);
[[nodiscard]] std::ptrdiff_t read(int fd, void *buffer, std::size_t bytes);
void close(int fd);

// A device, to be written; and its calls: how many bytes, or -1 with errno set; 0 or errno.
[[nodiscard]] int open_device(const char *path);
[[nodiscard]] std::ptrdiff_t read_at(int fd, void *buffer, std::size_t bytes, std::uint64_t offset);
[[nodiscard]] std::ptrdiff_t write_at(int fd, const void *buffer, std::size_t bytes, std::uint64_t offset);
[[nodiscard]] int control(int fd, unsigned long command, const void *argument);

// A write-sealed memory file that holds `bytes' of `data'; -1 with errno set.
[[nodiscard]] int sealed_memory_file(const void *data, std::size_t bytes);

// Whether the page at `at' can be read, without reading it.
[[nodiscard]] bool readable(const void *at);

// The calling thread's number; and whether a thread of this process has it.
[[nodiscard]] pid_t thread_number();
[[nodiscard]] bool is_alive(pid_t thread);

// Fill with random bytes; 0 or errno, with the buffer untouched.
[[nodiscard]] int random(void *buffer, std::size_t bytes);

#ifdef FFI_TEST_HOOKS
// Called before each call of the gateway: 0 lets it pass, anything else is its errno.
extern "C" int (*ffi_test_refuse)(int call);
#endif

}  // namespace ffi::glue::sys
