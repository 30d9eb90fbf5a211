// SPDX-License-Identifier: MIT
// What this library tells of its closures' protection.
#include <string.h>

#include "api/door.h"
#include "ffi_hardened.h"
#include "plans/table.h"
#include "trampfd-glue/report.h"

namespace {

using ffi::glue::Mode;

std::uint32_t public_mode(Mode mode) {
  switch (mode) {
    case Mode::kernel: return FFI_HARDENED_MODE_KERNEL;
    case Mode::table: return FFI_HARDENED_MODE_TABLE;
    case Mode::legacy: return FFI_HARDENED_MODE_LEGACY;
    case Mode::none:
    case Mode::fake: break;
  }
  return FFI_HARDENED_MODE_NONE;
}

}  // namespace

FFI_DOOR std::size_t ffi_hardened_query(ffi_hardened_info *info, std::size_t size) {
  const ffi::glue::Report report = ffi::glue::report();
  ffi_hardened_info all = {};
  all.mode = public_mode(report.mode);
  all.policy = static_cast<std::uint32_t>(report.policy);
  all.protections = (report.state_read_only ? FFI_HARDENED_STATE_READ_ONLY : 0) |
                    (report.sealed ? FFI_HARDENED_SEALED : 0) | (report.code_fixed ? FFI_HARDENED_CODE_FIXED : 0);
  all.refusals = report.refusals;
  all.closures = report.closures;
  all.allocations = report.allocations;
  all.caller_memory = report.caller_memory;
  all.tables = report.tables;
  all.writable_pages = report.writable_pages;
  all.seals = report.seals;
  all.opens = report.opens;
  all.returns = report.returns;
  const ffi::plans::Census census = ffi::plans::census();
  if (census.read_only) all.protections |= FFI_HARDENED_PLANS_READ_ONLY;
  all.plans = census.plans;
  all.plans_refused = census.refused;
  all.unplanned = report.unplanned;
  memcpy(info, &all, size < sizeof all ? size : sizeof all);
  return sizeof all;
}

FFI_DOOR int ffi_hardened_get_refusal(std::uint32_t index, ffi_hardened_refusal *refusal) {
  ffi::glue::Refusal found;
  if (!ffi::glue::get_refusal(index, &found)) return 0;
  *refusal = {public_mode(found.mode), found.error, found.step};
  return 1;
}

FFI_DOOR void ffi_hardened_seal(void) { ffi::glue::seal_all(); }
