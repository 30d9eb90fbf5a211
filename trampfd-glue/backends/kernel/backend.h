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

// An object of the device that is ours to write tables with, in this process; -1 with errno set. The number is never
// trusted: what it is used for fails on any other file, and then `renew' opens another object.
[[nodiscard]] int device(bool renew);

// Bytes between two tables in the device's file, as the device says.
[[nodiscard]] std::uint64_t device_stride();

// A table that can be unmapped again, which map_table() rules out where the kernel seals mappings.
[[nodiscard]] Status map_unsealed(unsigned char *base);

}  // namespace ffi::glue::backends
