// SPDX-License-Identifier: MIT
// The fake backend serves when its script says so.
#include "trampfd-glue/backends/fake/backend.h"
#include "trampfd-glue/diary.h"

namespace ffi::glue::backends {

constinit Fake::Script Fake::script = {};

Status Fake::probe() {
  if (!script.refuse_probe) return Status::ok;
  note(mode, "follow the script", 0);
  return Status::no_memory;
}

}  // namespace ffi::glue::backends
