// SPDX-License-Identifier: MIT
// Tables of the device, and the writing of records through it. A descriptor's number may have become another
// file's between any two calls, so each step either fails on a foreign file or is checked by one that does.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "patches/linux/trampfd.h"
#include "trampfd-glue/backends/kernel/backend.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/map.h"
#include "trampfd-glue/static_tables.h"

namespace ffi::glue::backends {
namespace {

// Numbers of tables in the device's file; those of a table that could not be mapped stay unused.
constinit std::uint32_t next_table = 0;

// An all-zero record leads where slots go that are not set.
[[nodiscard]] int set(int fd, const unsigned char *code, std::uint32_t slot, const trampfd_record &record) {
  trampfd_set request = {};
  request.code = reinterpret_cast<std::uintptr_t>(code);
  request.slot = slot;
  request.record = record;
  return sys::control(fd, TRAMPFD_SET, &request);
}

// With our descriptor, twice, because calls fail by chance too. Then it is none of ours, closed by the program, reused or
// inherited by fork, if a new one serves; one that does not is not kept, or a device that always refuses would use
// up all the process may have.
template <typename Use>
[[nodiscard]] int with_device(Use &&use) {
  int known = -1;
  for (int attempt = 0; attempt < 2; ++attempt) {
    known = device();
    const int error = use(known);
    if (error == 0 || error == ENOMEM || error == ENOSPC) return error;
  }
  const int fresh = open_object();
  if (fresh < 0) return errno;
  const int error = use(fresh);
  if (error == 0) {
    replace_device(known, fresh);
  } else {
    sys::close(fresh);
  }
  return error;
}

// Records first: the device lets code be mapped only in front of them.
[[nodiscard]] int map_halves(int fd, unsigned char *base, std::uint32_t table) {
  const std::uint64_t at = table * device_stride();
  constexpr int flags = MAP_SHARED | MAP_FIXED;
  unsigned char *const code = base + layout::code_at;
  const bool mapped =
      sys::map(base + layout::records_at, layout::records_bytes, PROT_READ, flags, fd,
               at + layout::Geometry::code_bytes) != nullptr &&
      sys::map(code, layout::Geometry::code_bytes, PROT_READ | PROT_EXEC, flags, fd, at) != nullptr;
  const int error = mapped ? set(fd, code, 0, {}) : errno;
  if (error != 0) clear_table(base);
  return error;
}

}  // namespace

Status map_unsealed(unsigned char *base) {
  const std::uint32_t table = next_table++;
  const int error = with_device([&](int fd) { return map_halves(fd, base, table); });
  if (error == 0) return Status::ok;
  note(Mode::kernel, "map a table of the device", error);
  return Status::no_memory;
}

Status Kernel::map_table(unsigned char *base) {
  const Status status = map_unsealed(base);
  if (status == Status::ok) seal_table(base + layout::code_at, layout::end_at - layout::code_at);
  return status;
}

int Kernel::store(Record *record, const Fields &value) {
  Slot slot;
  if (!find_record(record, &slot)) return EINVAL;
  const std::uint32_t place = slot.id % layout::slots;  // a table has a power of two of them
  const auto *const code = static_cast<unsigned char *>(slot.code) - place * layout::Geometry::slot_bytes;
  trampfd_record written = {};
  if (value.handler != arch::trap_handler) {
    const auto *const bytes = reinterpret_cast<const unsigned char *>(&value.plan);
    memcpy(written.data, bytes, sizeof value - offsetof(Fields, plan));
    written.pc = reinterpret_cast<std::uintptr_t>(arch::ffi_handlers[value.handler]);
  }
  const int error = with_device([&](int fd) { return set(fd, code, place, written); });
  if (error != 0) note(mode, "have the device write a record", error);
  return error;
}

// Nobody here can write the device's records, and their memory is the device's to keep.
int Kernel::open(void *, std::size_t) { return EPERM; }
int Kernel::seal(void *, std::size_t) { return 0; }
int Kernel::discard(void *, std::size_t) { return EOPNOTSUPP; }

}  // namespace ffi::glue::backends
