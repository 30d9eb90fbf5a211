// SPDX-License-Identifier: MIT
// Whether legacy mode can serve: by making the first piece of code, somewhere out of the way, and
// dropping it.
#include "trampfd-glue/backends/legacy/backend.h"

#include <sys/mman.h>

#include "trampfd-glue/diary.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/map.h"

namespace ffi::glue::backends {

Status Legacy::probe() {
  void *const space = sys::map(nullptr, layout::stride, PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == nullptr) return Status::no_memory;
  const Status status = map_table(static_cast<unsigned char *>(space));
  // A sealed one stays: it costs address space, and its records trap.
  sys::unmap(space, layout::stride);
  return status;
}

}  // namespace ffi::glue::backends
