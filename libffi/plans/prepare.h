// SPDX-License-Identifier: MIT
// From the caller's description to a plan: validation, classification, interning.
#pragma once

#include "abi/compile.h"
#include "plans/table.h"
#include "types/layout.h"

namespace ffi {

// The convention of a public ABI number on this machine, or null.
const Convention *convention_for(std::uint32_t abi);

// A signature as the caller gave it. The first `named' arguments are named, the rest variadic.
struct Description {
  std::uint32_t abi;
  std::uint32_t nargs;
  std::uint32_t named;
  ffi_type *result;
  ffi_type **arguments;
};

// Most arguments that a signature may have.
inline constexpr std::uint32_t max_arguments = 1u << 20;

// Check a description, intern its plan and fill *cif. On failure *cif is untouched.
Status prepare(const Description &description, ffi_cif *cif);

// The interned plan of a prepared cif; null when there is none or the cif is not one that prepare() filled.
inline const Plan *interned_plan(const ffi_cif &cif) {
  const Plan *const plan = plans::find(cif.flags);
  const bool fits = plan != nullptr && plan->abi == static_cast<std::uint32_t>(cif.abi) &&
                    plan->nargs == cif.nargs && plan->stack_bytes == cif.bytes;
  return fits ? plan : nullptr;
}

// Check that a cif describes a signature that can be called, interned or not.
Status validate(const ffi_cif &cif);

// For a cif without an interned plan: compile one for this call alone and hand it to use(context, plan). Fatal when the cif
// describes nothing that can be called, as when it was never prepared.
void with_local_plan(const ffi_cif &cif, void (*use)(void *context, const Plan &plan), void *context);

}  // namespace ffi
