// SPDX-License-Identifier: MIT
// Legacy mode: trampolines are written at run time, into memory that is executable only when it can
// be written no more.
#pragma once

#include "trampfd-glue/backend.h"
#include "trampfd-glue/static_tables.h"

namespace ffi::glue::backends {

struct Legacy : MemoryRecords {
  static constexpr Mode mode = Mode::legacy;
  static constexpr std::uint32_t features = memory_records;
  static Status probe();
  static Status map_table(unsigned char *base);
};
static_assert(Backend<Legacy>);

}  // namespace ffi::glue::backends
