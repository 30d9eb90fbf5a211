// SPDX-License-Identifier: MIT
// From the caller's description to a plan: validation, classification, interning.
#pragma once

#include "abi/compile.h"
#include "base/target.h"
#include "plans/table.h"
#include "types/layout.h"
#include FFI_NATIVE_ROOM(convention.h)

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

// A signature whole in one word, from which its short entry is found. A byte for the convention, one for each plain type, and two
// for a struct that is too large for registers and an ordinary number of words.
class ShortWord {
 public:
  [[gnu::always_inline]] explicit ShortWord(const Description &description) {
    if (description.abi > 0xff || description.result == nullptr) return;
    word_ = description.abi;
    const ffi_type &result = *description.result;
    if (code_of(result) == TypeCode::void_) {
      put(1);
    } else if (!add(result)) {
      return;
    }
    for (std::uint32_t i = 0; i < description.nargs; ++i) {
      if (description.arguments[i] == nullptr || !add(*description.arguments[i])) return;
    }
    whole_ = true;
  }

  // 0 when the signature does not fit.
  [[gnu::always_inline]] std::uint64_t value() const { return whole_ ? word_ : 0; }

 private:
  [[gnu::always_inline]] bool add(const ffi_type &type) {
    if (const unsigned number = plain_number(type); number != 0) [[likely]] return put(number);
    if (!is_large(type)) return false;
    return put(large) && put(type.size / 8);
  }

  // Its members no longer matter: they were looked at when its size was computed, or are the caller's word.
  static bool is_large(const ffi_type &type) {
    return code_of(type) == TypeCode::struct_ && is_laid_out(type) && type.size > members_matter &&
           type.size < large * 8 && type.size % 8 == 0 && type.alignment == sizeof(void *);
  }

  [[gnu::always_inline]] bool put(std::uint64_t byte) {
    if (shift_ == 64) return false;
    word_ |= byte << shift_;
    shift_ += 8;
    return true;
  }

  static constexpr std::uint64_t large = 0xff;  // no plain type's number
  static constexpr std::size_t members_matter = [] {
    std::size_t most = 0;
    for (const Convention *convention : FFI_NATIVE_NAMESPACE::conventions) {
      if (convention->max_in_registers > most) most = convention->max_in_registers;
    }
    return most;
  }();

  std::uint64_t word_ = 0;
  unsigned shift_ = 8;
  bool whole_ = false;
};

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
    const std::uint64_t word = ShortWord(description).value();
    const plans::ShortEntry &entry = plans::short_entry(word);
    if (word != 0 && __atomic_load_n(&entry.word, __ATOMIC_ACQUIRE) == word && plans::has_begun()) {
      fill(description, entry.stack_bytes, entry.ticket, cif);
      return Status::ok;
    }
  }
  return prepare_any(Description(description), cif);
}

// A caller in C, or a cif from elsewhere, may have any number, also one that the enumeration lacks: to load that one as an ffi_abi
// would be undefined, so its bytes are copied.
inline std::uint32_t number_of(const ffi_abi &abi) {
  std::uint32_t number;
  static_assert(sizeof abi == sizeof number);
  __builtin_memcpy(&number, &abi, sizeof number);
  return number;
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
