// SPDX-License-Identifier: MIT
// The allowlist of i386: every handler that a trampoline may reach, and the trampoline for memory that the caller owns.
#include <string.h>

#include "arch/i386/convention.h"
#include "arch/room.h"

namespace ffi::arch {

extern "C" {
#define HANDLER(name) void name() __attribute__((visibility("hidden")))
HANDLER(ffi_closure_trapped);
HANDLER(ffi_closure_record);
HANDLER(ffi_closure_memory);
HANDLER(ffi_closure_raw);
HANDLER(ffi_closure_go_ecx);
HANDLER(ffi_closure_go_eax);
#undef HANDLER

const Handler ffi_handlers[] = {
    ffi_closure_trapped, ffi_closure_record, ffi_closure_memory,
    ffi_closure_raw,     ffi_closure_go_ecx, ffi_closure_go_eax,
};
}
static_assert(sizeof ffi_handlers / sizeof *ffi_handlers == native::handler_count);

// Programs have these compiled in.
static_assert(sizeof(ffi_type) == 12 && sizeof(ffi_cif) == 24 && sizeof(ffi_raw) == 4 && sizeof(ffi_arg) == 4);
static_assert(sizeof(ffi_closure) == 28 && offsetof(ffi_closure, cif) == 16 && offsetof(ffi_closure, user_data) == 24);
static_assert(sizeof(ffi_raw_closure) == 28 && offsetof(ffi_raw_closure, fun) == offsetof(ffi_closure, fun));
static_assert(sizeof(ffi_go_closure) == 12);

std::uint32_t handler_for(const Plan &plan, Door door) {
  switch (door) {
    case Door::record: return 1;
    case Door::memory: return 2;
    case Door::raw: return 3;
    case Door::go: break;
  }
  // GCC's static chain: ecx, or eax where ecx carries an argument. The register convention has none to spare.
  switch (plan.abi) {
    case i386::fastcall.abi:
    case i386::thiscall.abi: return 5;
    case i386::register_.abi: return trap_handler;
    default: return 4;
  }
}

void write_trampoline(void *closure, void *code, Handler handler) {
  // endbr32; push $code; jmp handler. The closure's executable address is its name: of memory mapped twice the writable view
  // may be gone when the closure is called.
  struct __attribute__((packed)) Code {
    unsigned char landing_pad[4] = {0xf3, 0x0f, 0x1e, 0xfb};
    unsigned char push = 0x68;
    void *parameter;
    unsigned char jump = 0xe9;
    std::uintptr_t distance;
    unsigned char padding[2] = {0xcc, 0xcc};
  } bytes;
  static_assert(sizeof(Code) == FFI_TRAMPOLINE_SIZE);
  bytes.parameter = code;
  const auto next = reinterpret_cast<std::uintptr_t>(code) + offsetof(Code, padding);
  bytes.distance = reinterpret_cast<std::uintptr_t>(handler) - next;
  memcpy(closure, &bytes, sizeof bytes);
}

// Writes reach the instructions of an x86 by themselves.
void publish_code(const void *, std::size_t) {}

}  // namespace ffi::arch
