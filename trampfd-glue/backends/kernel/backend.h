// SPDX-License-Identifier: MIT
// Kernel mode: code and records belong to /dev/trampfd (patches/linux/README.md), which checks every
// record's target against the allowlist and lets nobody else write.
#pragma once

#include "trampfd-glue/backend.h"

namespace ffi::glue::backends {

struct Kernel {
  static constexpr Mode mode = Mode::kernel;
  static constexpr std::uint32_t features = own_records | counted_records;
  static Status probe();
  static Status map_table(unsigned char *base);
  static int open(void *page, std::size_t bytes);
  static int seal(void *page, std::size_t bytes);
  static int store(Record *record, const Fields &value);
  static int discard(void *page, std::size_t bytes);
};
static_assert(Backend<Kernel>);

// The object of the device that we write tables with. Its number is never trusted: what it is used for fails on any
// other file.
[[nodiscard]] int device();

// Another object, ours to write tables with in this process; -1 with errno set. It takes a known one's place, and is
// closed if another thread was faster.
[[nodiscard]] int open_object();
void replace_device(int known, int fresh);

// Bytes between two tables in the device's file, as the device says.
[[nodiscard]] std::uint64_t device_stride();

// A table that can be unmapped again, which map_table() rules out where the kernel seals mappings.
[[nodiscard]] Status map_unsealed(unsigned char *base);

}  // namespace ffi::glue::backends
