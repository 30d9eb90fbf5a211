// SPDX-License-Identifier: MIT
// The contract of an architecture's room: what the rest of the library may ask of the native one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi/plan.h"
#include "base/span.h"
#include "base/target.h"
#include "types/type.h"
#include FFI_NATIVE_ROOM(image.h)

namespace ffi::glue {
struct Record;
}

namespace ffi::arch {

namespace native = ffi::FFI_NATIVE_NAMESPACE;
using Image = native::Image;
using TableGeometry = native::TableGeometry;

// An ABI handler: code that a trampoline may reach.
using Handler = void (*)();

// Where a closure's parameters are found when its handler runs.
enum class Door : std::uint8_t {
  record,  // a record of the glue: every closure from ffi_closure_alloc
  memory,  // the public ffi_closure itself: trampolines in memory that the caller owns
  go,      // the static chain register
  raw,     // the public ffi_raw_closure, likewise, in a room with FFI_NATIVE_RAW_API, where it names no translator
};

// The allowlist. Entry 0 is the handler of slots that go nowhere: it never returns. Read-only after relocation.
extern "C" const Handler ffi_handlers[] __attribute__((visibility("hidden")));
inline constexpr std::uint32_t handler_count = native::handler_count;
inline constexpr std::uint32_t trap_handler = 0;

// The handler (an index into the allowlist) that serves this plan through this door; trap_handler: none can.
std::uint32_t handler_for(const Plan &plan, Door door);

// Write a trampoline into `closure' (FFI_TRAMPOLINE_SIZE bytes at its start, writable), to be executed at `code',
// that hands `closure' to `handler'. For memory that the caller owns and made executable (invariant I7).
void write_trampoline(void *closure, void *code, Handler handler);

// Let the processor fetch what was just written to `code', or to another mapping of it. Not the compiler's function for it: libgcc's
// has no landing pads.
void publish_code(const void *code, std::size_t bytes);

// Load the image, copy stack_bytes from stack to the callee's argument area, which begins on a multiple of stack_align, call
// fn, save the image. stack_bytes is a multiple of the convention's stack alignment, stack_align a power of two.
extern "C" void ffi_call_image(Image *image, void (*fn)(), const void *stack, std::size_t stack_bytes,
                               std::uint32_t plan_flags, std::uint32_t stack_align)
    __attribute__((visibility("hidden")));

// What the handlers call, one function a door: see api/closure.cpp, api/raw.cpp and api/go.cpp.
extern "C" {
__attribute__((visibility("hidden"))) void ffi_enter_record(const glue::Record *, Image *, unsigned char *stack);
__attribute__((visibility("hidden"))) void ffi_enter_memory(const ffi_closure *, Image *, unsigned char *stack);
__attribute__((visibility("hidden"))) void ffi_enter_raw(const ffi_raw_closure *, Image *, unsigned char *stack);
__attribute__((visibility("hidden"))) void ffi_enter_go(const ffi_go_closure *, Image *, unsigned char *stack);
}

// The static trampoline table: TableGeometry::code_bytes of position-independent slots, page-aligned; a copy at A reaches its
// records at A + a fixed distance. ffi_tramp_builtin is a second one whose records are ffi_builtin_records.
extern "C" const unsigned char ffi_tramp_table[] __attribute__((visibility("hidden")));
extern "C" const unsigned char ffi_tramp_builtin[] __attribute__((visibility("hidden")));
extern "C" unsigned char ffi_builtin_records[] __attribute__((visibility("hidden")));

}  // namespace ffi::arch
