// SPDX-License-Identifier: MIT
// The fake backend's records: read-only to everybody, written in a moment when they are not, as a
// kernel would from its side.
#include <errno.h>
#include <sys/mman.h>

#include "trampfd-glue/backends/fake/backend.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/state.h"

namespace ffi::glue::backends {

Status Fake::map_table(unsigned char *base) {
  if (script.refuse_tables) return Status::no_memory;
  if (mprotect(base + layout::records_at, layout::records_bytes, PROT_READ) != 0)
    return Status::no_memory;
  ++script.tables;
  return Status::ok;
}

int Fake::open(void *, std::size_t) {
  ++script.opens;
  return EPERM;
}

int Fake::seal(void *, std::size_t) { return EPERM; }

int Fake::store(Record *record, const Fields &value) {
  if (script.refuse_stores) return EIO;
  ++script.stores;
  const std::size_t page = state().page_bytes;
  void *const at = reinterpret_cast<void *>(reinterpret_cast<std::uintptr_t>(record) & ~(page - 1));
  if (mprotect(at, page, PROT_READ | PROT_WRITE) != 0) return errno;
  write_record(record, value, state().key);
  return mprotect(at, page, PROT_READ) == 0 ? 0 : errno;
}

int Fake::discard(void *page, std::size_t bytes) {
  ++script.discards;
  return madvise(page, bytes, MADV_DONTNEED) == 0 ? 0 : errno;
}

const Record *Fake::jump(const void *code, std::uint32_t *handler) {
  Slot slot;
  if (!find(code, &slot)) return nullptr;
  const std::uint32_t named = slot.record->handler;
  *handler = named < arch::TableGeometry::record_handlers ? named : arch::trap_handler;
  return slot.record;
}

}  // namespace ffi::glue::backends
