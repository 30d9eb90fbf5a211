// SPDX-License-Identifier: MIT
// Headers and records of tables that are made in this process.
#include "trampfd-glue/static_tables.h"

#include <string.h>
#include <sys/mman.h>

#include "base/fatal.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/map.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

[[nodiscard]] bool make(unsigned char *at, std::size_t bytes, int protection, const char *step) {
  const int error = sys::protect(at, bytes, protection);
  if (error != 0) note(state().mode, step, error);
  return error == 0;
}

}  // namespace

int MemoryRecords::open(void *page, std::size_t bytes) {
  return sys::protect(page, bytes, PROT_READ | PROT_WRITE);
}

int MemoryRecords::seal(void *page, std::size_t bytes) {
  return sys::protect(page, bytes, PROT_READ);
}

int MemoryRecords::store(Record *record, const Fields &value) {
  write_record(record, value, state().key);
  return 0;
}

int MemoryRecords::discard(void *page, std::size_t bytes) { return sys::discard(page, bytes); }

Status complete_table(unsigned char *base) {
  constexpr int writable = PROT_READ | PROT_WRITE;
  bool made = make(base, layout::header_bytes, writable, "make a table's header");
  if (made) {
    const arch::Handler *const allowlist = arch::ffi_handlers;
    memcpy(base, &allowlist, sizeof allowlist);
    made =
        make(base, layout::header_bytes, PROT_READ, "make a table's header read-only") &&
        make(base + layout::records_at, layout::records_bytes,
             state().policy == Policy::strict ? PROT_READ : writable, "make a table's records");
  }
  if (!made) {
    clear_table(base);
    return Status::no_memory;
  }
  seal_table(base, layout::records_at);
  return Status::ok;
}

void seal_table(unsigned char *at, std::size_t bytes) {
  if (const int error = sys::mseal(at, bytes); error != 0) {
    note(state().mode, "seal a table", error);
    __atomic_store_n(&diary.sealed, 0, __ATOMIC_RELAXED);
  }
}

void clear_table(unsigned char *base) {
  const void *const cleared =
      sys::map(base, layout::stride, PROT_NONE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  // What stays is code and zeroed records: nothing that could be called to an end.
  if (cleared == nullptr) note(state().mode, "take back a table", 0);
}

bool is_table_code(const void *code) {
  return memcmp(code, arch::ffi_tramp_table, layout::Geometry::code_bytes) == 0;
}

}  // namespace ffi::glue
