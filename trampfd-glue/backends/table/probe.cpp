// SPDX-License-Identifier: MIT
// Whether table mode can serve: it always has the built-in table, so only a policy that the system
// will not carry out stops it. Under strict no record is writable, not even one that was never used.
#include <sys/mman.h>

#include "trampfd-glue/backends/table/backend.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/map.h"
#include "trampfd-glue/state.h"

namespace ffi::glue::backends {

Status Table::probe() {
  if (state().policy != Policy::strict) return Status::ok;
  const int opened = open(arch::ffi_builtin_records, layout::builtin_records_bytes);
  const int sealed = seal(arch::ffi_builtin_records, layout::builtin_records_bytes);
  if (sealed == 0 && opened == 0) return Status::ok;
  note(mode, "make the built-in records read-only and writable again",
       sealed != 0 ? sealed : opened);
  return Status::no_memory;
}

}  // namespace ffi::glue::backends
