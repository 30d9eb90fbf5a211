// SPDX-License-Identifier: MIT
// Table mode: trampolines are the library's own text, used where it is and in copies.
#pragma once

#include "trampfd-glue/backend.h"
#include "trampfd-glue/static_tables.h"

namespace ffi::glue::backends {

struct Table : MemoryRecords {
  static constexpr Mode mode = Mode::table;
  static constexpr std::uint32_t features = builtin_table | memory_records;
  static Status probe();
  static Status map_table(unsigned char *base);
};
static_assert(Backend<Table>);

}  // namespace ffi::glue::backends
