// SPDX-License-Identifier: MIT
// Code for tables from a write-sealed memory file, or from anonymous memory that gives up being
// writable for being executable.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "trampfd-glue/backends/legacy/backend.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/map.h"

namespace ffi::glue::backends {
namespace {

constexpr std::size_t code_bytes = layout::Geometry::code_bytes;

// Kernels before 6.7 refuse to share a write-sealed file through a descriptor that could write: one
// that cannot is got by name.
[[nodiscard]] bool map_sealed(int fd, unsigned char *at) {
  constexpr int protection = PROT_READ | PROT_EXEC;
  if (sys::map(at, code_bytes, protection, MAP_SHARED | MAP_FIXED, fd, 0) != nullptr) return true;
  const int first_error = errno;
  char name[32];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  const int reader = sys::open_of_proc(name);
  if (reader >= 0) {
    const bool mapped =
        sys::map(at, code_bytes, protection, MAP_SHARED | MAP_FIXED, reader, 0) != nullptr;
    sys::close(reader);
    if (mapped) return true;
  }
  note(Mode::legacy, "map a sealed memory file executable", first_error);
  return false;
}

[[nodiscard]] bool make_from_file(unsigned char *at) {
  const int fd = sys::sealed_memory_file(arch::ffi_tramp_table, code_bytes);
  if (fd < 0) {
    note(Mode::legacy, "make a sealed memory file", errno);
    return false;
  }
  const bool mapped = map_sealed(fd, at);
  sys::close(fd);
  return mapped;
}

[[nodiscard]] bool make_in_place(unsigned char *at) {
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  if (sys::map(at, code_bytes, PROT_READ | PROT_WRITE, flags, -1, 0) == nullptr) {
    note(Mode::legacy, "make memory for code", errno);
    return false;
  }
  memcpy(at, arch::ffi_tramp_table, code_bytes);
  arch::publish_code(at, code_bytes);
  const int error = sys::protect(at, code_bytes, PROT_READ | PROT_EXEC);
  if (error != 0) note(Mode::legacy, "make written memory executable", error);
  return error == 0;
}

}  // namespace

Status Legacy::map_table(unsigned char *base) {
  unsigned char *const code = base + layout::code_at;
  if ((make_from_file(code) || make_in_place(code)) && is_table_code(code))
    return complete_table(base);
  clear_table(base);
  return Status::no_memory;
}

}  // namespace ffi::glue::backends
