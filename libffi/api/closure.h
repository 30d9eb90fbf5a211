// SPDX-License-Identifier: MIT
// What plain, raw and Go closures share.
#pragma once

#include "api/door.h"
#include "arch/room.h"
#include "marshal/serve.h"

namespace ffi {

// Run a closure that has been found, with its plan or, lacking one, with a plan made for this call.
void serve_binding(const glue::Binding &binding, arch::Image *image, unsigned char *stack);

// The allowlist index for a cif and its plan, which may be null.
std::uint32_t handler_for(const ffi_cif &cif, const Plan *plan, arch::Door door);

// Bind the trampoline at codeloc, or, where that is memory of the caller's, write one into the closure and let its public field `fun'
// say in_memory, called through memory_door. The public fields are already filled in.
ffi_status bind_closure(void *closure, void *codeloc, glue::Binding &binding, void (*in_memory)(),
                        arch::Door memory_door = arch::Door::memory);

}  // namespace ffi
