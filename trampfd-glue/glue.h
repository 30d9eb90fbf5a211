// SPDX-License-Identifier: MIT
// What closures may ask of the glue: memory with a trampoline, a binding, and the binding back when
// a call arrives.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/status.h"

namespace ffi::glue {

struct Record;  // record.h

// How the handler's function wants its arguments.
enum class Source : std::uint8_t { pointers, raw, java_raw };

// Where a closure goes. Opaque to the glue, which stores it, protects it and gives it back.
struct Binding {
  const void *plan;  // the compiled signature: read-only memory that lives as long as the process; null: none was kept
  void *cif;
  void (*fun)();
  void *user_data;
  std::uint32_t handler;  // index into the architecture's allowlist
  Source source;
};

// Writable memory of `size' bytes (the caller checked size >= sizeof(ffi_closure)), aligned for any
// type, whose first word holds the trampoline's address, and that address in *code. NULL when no
// backend can give a trampoline or memory is short; never a partial result. Any thread; no global
// lock on the usual path.
[[nodiscard]] void *allocate(std::size_t size, void **code);

// Give both back. NULL is nothing to do. Anything else that is not a live closure from allocate()
// is fatal. The trampoline traps from now on, with a fatal line, and its slot rests before it is
// used again.
void release(void *closure);

// Bind the trampoline at `code'. Status::not_ours: `code' is no trampoline of ours (memory of the
// caller's: the architecture writes a trampoline there). Rebinding a bound trampoline is allowed; a
// call that runs meanwhile sees the old or the new binding, whole.
Status bind(void *closure, void *code, const Binding &binding);

// Count a trampoline written into memory that the caller owns (invariant I7), for ffi-doctor.
void note_caller_memory();
// Count a closure bound without a plan, which is compiled from its cif at every call (invariant I4).
void note_unplanned();

// The call path, from a handler in the allowlist: verify the record by the policy in force and copy
// its binding. No lock, no allocation, async-signal-safe. A record that is free, unbound or
// tampered with is fatal.
Binding enter(const Record *record);

}  // namespace ffi::glue
