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
Status prepare_any(const Description &description, ffi_cif *cif);

// Plain scalars that fit in one word together with the convention and the result.
inline constexpr std::uint32_t most_short_arguments = 6;

// The whole signature in one word when it is short and of plain scalars, or 0.
[[gnu::always_inline]] inline std::uint64_t short_word(const Description &description) {
  if (description.nargs > most_short_arguments || description.abi > 0xff || description.result == nullptr) return 0;
  const ffi_type &result = *description.result;
  if (code_of(result) != TypeCode::void_ && !is_plain_scalar(result)) return 0;
  std::uint64_t word = description.abi | std::uint64_t{result.type + 1u} << 8;
  for (std::uint32_t i = 0; i < description.nargs; ++i) {
    const ffi_type *const type = description.arguments[i];
    if (type == nullptr || !is_plain_scalar(*type)) return 0;
    word |= std::uint64_t{type->type + 1u} << (16 + 8 * i);
  }
  return word;
}

inline void fill(const Description &description, std::uint32_t stack_bytes, plans::Ticket ticket, ffi_cif *cif) {
  cif->abi = static_cast<ffi_abi>(description.abi);
  cif->nargs = description.nargs;
  cif->arg_types = description.arguments;
  cif->rtype = description.result;
  cif->bytes = stack_bytes;
  cif->flags = ticket;
}

// The same as prepare_any(), with a short way, inlined into its few callers, for short signatures that are already interned.
[[gnu::always_inline]] inline Status prepare(const Description &description, ffi_cif *cif) {
  if (cif != nullptr && (description.nargs == 0 || description.arguments != nullptr)) [[likely]] {
    const std::uint64_t word = short_word(description);
    const plans::ShortEntry &entry = plans::short_entry(word);
    if (word != 0 && __atomic_load_n(&entry.word, __ATOMIC_ACQUIRE) == word) {
      fill(description, entry.stack_bytes, entry.ticket, cif);
      return Status::ok;
    }
  }
  return prepare_any(Description(description), cif);
}

// The interned plan of a prepared cif; null when there is none or the cif is not one that prepare() filled.
inline const Plan *interned_plan(const ffi_cif &cif) {
  const Plan *const plan = plans::candidate(cif.flags);
  if (plan == nullptr) return nullptr;
  // Two comparisons of eight bytes, on the way of every call: a cif begins with abi and nargs, as a plan does, and has bytes and flags
  // side by side, as a plan has stack_bytes and ticket.
  const auto eight = [](const void *from) {
    std::uint64_t value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
  };
  static_assert(offsetof(ffi_cif, nargs) == offsetof(ffi_cif, abi) + 4 && offsetof(Plan, nargs) == offsetof(Plan, abi) + 4);
  static_assert(offsetof(ffi_cif, flags) == offsetof(ffi_cif, bytes) + 4 &&
                offsetof(Plan, ticket) == offsetof(Plan, stack_bytes) + 4);
  const bool fits = eight(&cif.abi) == eight(&plan->abi) && eight(&cif.bytes) == eight(&plan->stack_bytes);
  return fits ? plan : nullptr;
}

// Check that a cif describes a signature that can be called, interned or not.
Status validate(const ffi_cif &cif);

// For a cif without an interned plan: compile one for this call alone and hand it to use(context, plan). Fatal when the cif
// describes nothing that can be called, as when it was never prepared.
void with_local_plan(const ffi_cif &cif, void (*use)(void *context, const Plan &plan), void *context);

}  // namespace ffi
