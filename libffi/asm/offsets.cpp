// SPDX-License-Identifier: MIT
// The numbers that assembly needs, taken from the C++ structs by compiling this file to assembly and reading it.
#include "abi/plan.h"
#include "arch/room.h"
#include "trampfd-glue/record.h"

namespace ffi {

#define OFFSET(name, value) asm volatile("\n.ascii \"->" #name " %c0\"" : : "i"(value))

void offsets() {
  OFFSET(PLAN_USES_VECTORS, uses_vectors);
  OFFSET(PLAN_WIDE_VECTORS, wide_vectors);
  OFFSET(PLAN_MANY_VECTORS, many_vectors);
  OFFSET(PLAN_WIDE_RESULT, wide_result);
  OFFSET(PLAN_PRESERVES_VECTORS, preserves_vectors);
  OFFSET(PLAN_RESULT_X87, result_x87);
  OFFSET(PLAN_RESULT_X87_PAIR, result_x87_pair);
  OFFSET(PLAN_RESULT_FLOAT, result_float);
  OFFSET(PLAN_RESULT_DOUBLE, result_double);
  OFFSET(RECORD_HANDLER, offsetof(glue::Record, handler));
  OFFSET(TABLE_CODE_BYTES, arch::TableGeometry::code_bytes);
  OFFSET(TABLE_SLOT_BYTES, arch::TableGeometry::slot_bytes);
  OFFSET(TABLE_BUILTIN_BYTES, arch::TableGeometry::builtin_bytes);
  OFFSET(TABLE_PAGE_BYTES, arch::TableGeometry::page_bytes);
  OFFSET(TABLE_TAIL_SLOTS, arch::TableGeometry::tail_slots);
  OFFSET(TABLE_RECORD_HANDLERS, arch::TableGeometry::record_handlers);
  OFFSET(TABLE_RECORD_BYTES, arch::TableGeometry::record_bytes);
#define IMAGE(name, member) OFFSET(name, offsetof(arch::Image, member));
  OFFSET(IMAGE_SIZE, sizeof(arch::Image));
  FFI_IMAGE_OFFSETS(IMAGE)
}

}  // namespace ffi
