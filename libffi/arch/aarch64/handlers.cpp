// SPDX-License-Identifier: MIT
// The allowlist of aarch64: every handler that a trampoline may reach, and the trampoline for memory that the caller owns.
#include <string.h>

#include "arch/room.h"

namespace ffi::arch {

extern "C" {
#define HANDLER(name) void name() __attribute__((visibility("hidden")))
HANDLER(ffi_closure_trapped);
HANDLER(ffi_closure_sysv);
HANDLER(ffi_closure_sysv_vectors);
HANDLER(ffi_closure_sysv_memory);
HANDLER(ffi_closure_sysv_memory_vectors);
HANDLER(ffi_closure_sysv_go);
HANDLER(ffi_closure_sysv_go_vectors);
#undef HANDLER

const Handler ffi_handlers[] = {
    ffi_closure_trapped,
    // Two for each Door, in its order: without and with vector registers.
    ffi_closure_sysv, ffi_closure_sysv_vectors,
    ffi_closure_sysv_memory, ffi_closure_sysv_memory_vectors,
    ffi_closure_sysv_go, ffi_closure_sysv_go_vectors,
};
}
static_assert(sizeof ffi_handlers / sizeof *ffi_handlers == native::handler_count);

std::uint32_t handler_for(const Plan &plan, Door door) {
  const std::uint32_t vectors = plan.flags & uses_vectors ? 1 : 0;
  return 1 + 2 * static_cast<std::uint32_t>(door) + vectors;
}

void write_trampoline(void *closure, void *, Handler handler) {
  // The address at which this runs is the closure's name: its fields can be read there too. Instructions are little-endian
  // on every aarch64.
  struct __attribute__((packed)) Code {
    unsigned char landing_pad[4] = {0x5f, 0x24, 0x03, 0xd5};  // bti c
    unsigned char name[4] = {0xf1, 0xff, 0xff, 0x10};         // adr x17, landing_pad
    unsigned char load[4] = {0x50, 0x00, 0x00, 0x58};         // ldr x16, target
    unsigned char jump[4] = {0x00, 0x02, 0x1f, 0xd6};         // br x16
    Handler target;
  } code;
  static_assert(sizeof(Code) == FFI_TRAMPOLINE_SIZE);
  code.target = handler;
  memcpy(closure, &code, sizeof code);
}

// Arm Architecture Reference Manual for A-profile, "Concurrent modification and execution of instructions".
void publish_code(const void *code, std::size_t bytes) {
  std::uint64_t cache_type;
  asm("mrs %0, ctr_el0" : "=r"(cache_type));
  const std::uintptr_t data_line = std::uintptr_t{4} << (cache_type >> 16 & 15);
  const std::uintptr_t code_line = std::uintptr_t{4} << (cache_type & 15);
  const auto begin = reinterpret_cast<std::uintptr_t>(code);
  for (std::uintptr_t at = begin & ~(data_line - 1); at < begin + bytes; at += data_line) {
    asm volatile("dc cvau, %0" : : "r"(at) : "memory");
  }
  asm volatile("dsb ish" : : : "memory");
  for (std::uintptr_t at = begin & ~(code_line - 1); at < begin + bytes; at += code_line) {
    asm volatile("ic ivau, %0" : : "r"(at) : "memory");
  }
  asm volatile("dsb ish\n\tisb" : : : "memory");
}

}  // namespace ffi::arch
