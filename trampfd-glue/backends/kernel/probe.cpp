// SPDX-License-Identifier: MIT
// Whether the kernel can serve: a device that speaks our version and geometry, and tables that may be
// mapped. Tried by doing it, because a policy may refuse the mapping and not the opening.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "patches/linux/trampfd.h"
#include "trampfd-glue/backends/kernel/backend.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/map.h"

namespace ffi::glue::backends {
namespace {

constexpr const char path[] = "/dev/trampfd";

// The record in memory is the device's: its counter where the check stands, then the caller's bytes, then the target.
static_assert(sizeof(Record) == sizeof(trampfd_record));
static_assert(offsetof(trampfd_record, data) == offsetof(Fields, plan));
static_assert(sizeof(Fields) <= offsetof(trampfd_record, pc));

// One for the process. Overwritten, it names another file, and every use of it fails.
constinit int kept = -1;
constinit std::uint64_t stride = 0;

[[nodiscard]] bool speaks_our_version(int fd) {
  trampfd_info info;
  if (sys::read_at(fd, &info, sizeof info, TRAMPFD_CONTROL_OFFSET) != sizeof info) {
    note(Mode::kernel, "ask the device for its geometry", errno);
    return false;
  }
  const bool fits = info.version == TRAMPFD_VERSION && info.code_size == layout::Geometry::code_bytes &&
                    info.slot_size == layout::Geometry::slot_bytes &&
                    info.record_size == layout::Geometry::record_bytes &&
                    info.records_size == layout::records_bytes && info.slots >= layout::usable_slots &&
                    info.data_offset == offsetof(trampfd_record, data) &&
                    info.data_size == TRAMPFD_DATA_SIZE && info.pc_offset == offsetof(trampfd_record, pc);
  stride = info.table_stride;
  if (!fits) note(Mode::kernel, "agree with the device on its version and geometry", 0);
  return fits;
}

// The allowlist: the handlers that take a record, of which the first is where slots go that are not set.
[[nodiscard]] bool allow_handlers(int fd) {
  constexpr std::uint32_t handlers = layout::Geometry::record_handlers;
  static_assert(handlers <= TRAMPFD_MAX_PCS && arch::trap_handler == 0);
  // A trampfd_pcs: its length, where unset slots go, and the list.
  std::uint64_t words[1 + handlers];
  const std::uint32_t head[] = {handlers, 1};
  static_assert(sizeof head == offsetof(trampfd_pcs, pcs) && sizeof head == sizeof *words);
  memcpy(words, head, sizeof head);
  for (std::uint32_t i = 0; i < handlers; ++i) {
    words[1 + i] = reinterpret_cast<std::uintptr_t>(arch::ffi_handlers[i]);
  }
  if (sys::write_at(fd, words, sizeof words, TRAMPFD_CONTROL_OFFSET) == sizeof words) return true;
  note(Mode::kernel, "give the device the allowlist", errno);
  return false;
}

}  // namespace

int open_object() {
  const int fd = sys::open_device(path);
  if (fd < 0) {
    note(Mode::kernel, "open /dev/trampfd", errno);
    return -1;
  }
  if (speaks_our_version(fd) && allow_handlers(fd)) return fd;
  sys::close(fd);
  errno = ENODEV;
  return -1;
}

int device() { return __atomic_load_n(&kept, __ATOMIC_ACQUIRE); }

// The old number is left alone: it may be somebody else's by now.
void replace_device(int known, int fresh) {
  if (!__atomic_compare_exchange_n(&kept, &known, fresh, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) sys::close(fresh);
}

std::uint64_t device_stride() { return stride; }

Status Kernel::probe() {
  const int opened = open_object();
  if (opened < 0) return Status::no_memory;
  kept = opened;
  void *const space = sys::map(nullptr, layout::stride, PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  Status status = Status::no_memory;
  if (space != nullptr) {
    status = map_unsealed(static_cast<unsigned char *>(space));
    sys::unmap(space, layout::stride);
  }
  if (status != Status::ok) {
    sys::close(kept);
    kept = -1;
  }
  return status;
}

}  // namespace ffi::glue::backends
