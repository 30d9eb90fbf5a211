// SPDX-License-Identifier: MIT
// The allowlist of x86-64: every handler that a trampoline may reach, and the trampoline for memory that the caller owns.
#include <string.h>

#include "arch/room.h"

namespace ffi::arch {

extern "C" {
#define HANDLER(name) void name() __attribute__((visibility("hidden")))
HANDLER(ffi_closure_trapped);
HANDLER(ffi_closure_sysv);
HANDLER(ffi_closure_sysv_vectors);
HANDLER(ffi_closure_win64);
HANDLER(ffi_closure_sysv_memory);
HANDLER(ffi_closure_sysv_memory_vectors);
HANDLER(ffi_closure_win64_memory);
HANDLER(ffi_closure_sysv_go);
HANDLER(ffi_closure_sysv_go_vectors);
HANDLER(ffi_closure_win64_go);
#undef HANDLER

const Handler ffi_handlers[] = {
    ffi_closure_trapped,
    // Three for each Door, in its order: without and with vector registers, and one that also preserves what Win64 has preserved.
    ffi_closure_sysv, ffi_closure_sysv_vectors, ffi_closure_win64,
    ffi_closure_sysv_memory, ffi_closure_sysv_memory_vectors, ffi_closure_win64_memory,
    ffi_closure_sysv_go, ffi_closure_sysv_go_vectors, ffi_closure_win64_go,
};
}
static_assert(sizeof ffi_handlers / sizeof *ffi_handlers == native::handler_count);

std::uint32_t handler_for(const Plan &plan, Door door) {
  const std::uint32_t kind = plan.flags & preserves_vectors ? 2 : plan.flags & uses_vectors ? 1 : 0;
  return 1 + 3 * static_cast<std::uint32_t>(door) + kind;
}

void write_trampoline(void *closure, void *, Handler handler) {
  // endbr64; lea -11(%rip), %r10; jmp *handler(%rip); the handler's address. The closure's executable address is its name: of
  // memory mapped twice the writable view may be gone when the closure is called.
  struct __attribute__((packed)) Code {
    unsigned char landing_pad[4] = {0xf3, 0x0f, 0x1e, 0xfa};
    unsigned char load[7] = {0x4c, 0x8d, 0x15, 0xf5, 0xff, 0xff, 0xff};
    unsigned char jump[6] = {0xff, 0x25, 0x07, 0x00, 0x00, 0x00};
    unsigned char padding[7] = {0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc};
    Handler target;
  } code;
  static_assert(sizeof(Code) == FFI_TRAMPOLINE_SIZE);
  code.target = handler;
  memcpy(closure, &code, sizeof code);
}

// Writes reach the instructions of an x86 by themselves.
void publish_code(const void *, std::size_t) {}

}  // namespace ffi::arch
