// SPDX-License-Identifier: MIT
// What the backends whose tables are made in this process share: everything of a table but where
// its code comes from.
#pragma once

#include <cstddef>

#include "base/status.h"
#include "trampfd-glue/record.h"

namespace ffi::glue {

// Records in anonymous memory, the allowlist's address on a page of its own.
struct MemoryRecords {
  static int open(void *page, std::size_t bytes);
  static int seal(void *page, std::size_t bytes);
  static int store(Record *record, const Fields &value);
  static int discard(void *page, std::size_t bytes);
};

// The table at `base', whose code is there: its header and records, and the seal over what will
// never change. On failure the whole table is reserved address space again.
[[nodiscard]] Status complete_table(unsigned char *base);

// What is mapped there stays there and as it is, where the kernel can see to that.
void seal_table(unsigned char *at, std::size_t bytes);

// Reserved address space again, whatever was there.
void clear_table(unsigned char *base);

// Whether the code at `code' is the table's, byte for byte.
[[nodiscard]] bool is_table_code(const void *code);

}  // namespace ffi::glue
