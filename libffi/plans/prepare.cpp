// SPDX-License-Identifier: MIT
// Preparation of a cif. Programs prepare one signature again and again (ctypes does so on every call), so the way to a plan that
// is already there looks at each type once and allocates nothing.
#include "plans/prepare.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/target.h"
#include FFI_NATIVE_ROOM(convention.h)

namespace ffi {
namespace {

namespace native = ffi::FFI_NATIVE_NAMESPACE;

// Memory for one call of a function here: a small buffer on the stack, the heap beyond.
template <std::size_t inline_bytes>
class Scratch {
 public:
  explicit Scratch(std::size_t bytes)
      : data_(bytes <= inline_bytes ? buffer_ : static_cast<unsigned char *>(malloc(bytes))) {}
  ~Scratch() {
    if (data_ != buffer_) free(data_);
  }
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;

  unsigned char *data() const { return data_; }

 private:
  alignas(16) unsigned char buffer_[inline_bytes];
  unsigned char *data_;
};

// Check one type and lay it out if that is still to be done.
inline Status check(ffi_type &type, Role role) {
  if (type.size > max_stack_bytes) return Status::bad_typedef;
  if (is_laid_out(type)) return Status::ok;
  const TypeCode code = code_of(type);
  if (code == TypeCode::void_) return role == Role::result ? Status::ok : Status::bad_typedef;
  if (!is_aggregate(code)) return is_sound_scalar(type) ? Status::ok : Status::bad_typedef;
  const Status status = lay_out(type);
  return type.size > max_stack_bytes ? Status::bad_typedef : status;
}

inline Status classify(const Convention &convention, ffi_type *type, Role role, Passing *passing) {
  if (type == nullptr) return Status::bad_typedef;
  if (const Status status = check(*type, role); status != Status::ok) return status;
  return convention.classify(convention, *type, role, passing);
}

inline Status add_aggregate(const Convention &convention, ffi_type *type, Role role, Key *key) {
  if (type == nullptr) return Status::bad_typedef;
  if (const Status status = check(*type, role); status != Status::ok) return status;
  if (code_of(*type) != TypeCode::void_) return key->aggregate(*type, convention.max_in_registers);
  key->scalar(TypeCode::void_);
  return Status::ok;
}

Role role_of(const Description &description, std::uint32_t argument) {
  return argument < description.named ? Role::named_argument : Role::variadic_argument;
}

Status classify_all(const Convention &convention, const Description &description, Passing *passings,
                    Signature *signature) {
  Status status = classify(convention, description.result, Role::result, &signature->result);
  for (std::uint32_t i = 0; i < description.nargs && status == Status::ok; ++i) {
    status = classify(convention, description.arguments[i], role_of(description, i), &passings[i]);
  }
  signature->arguments = passings;
  signature->nargs = description.nargs;
  return status;
}

inline Status build_key(const Convention &convention, const Description &description, Key *key) {
  key->header(description.abi, description.nargs);
  if (key->scalars(&description.result, 1) == 0) {
    const Status status = add_aggregate(convention, description.result, Role::result, key);
    if (status != Status::ok) return status;
  }
  std::uint32_t i = 0;
  for (;;) {
    i += key->scalars(description.arguments + i, description.nargs - i);
    if (i == description.nargs) return Status::ok;
    const Status status = add_aggregate(convention, description.arguments[i], role_of(description, i), key);
    if (status != Status::ok) return status;
    ++i;
  }
}

// Classify and compile a description, and hand the plan, which lives no longer than this call, to use().
template <typename Use>
Status with_plan(const Convention &convention, const Description &description, Use &&use) {
  Scratch<2048> passings(description.nargs * sizeof(Passing));
  if (passings.data() == nullptr) return Status::no_memory;
  Signature signature;
  auto *const first = reinterpret_cast<Passing *>(passings.data());
  if (const Status status = classify_all(convention, description, first, &signature); status != Status::ok) {
    return status;
  }
  Scratch<2048> space(plan_bound(convention, signature));
  if (space.data() == nullptr) return Status::no_memory;
  auto *const plan = reinterpret_cast<Plan *>(space.data());
  if (const Status status = compile(convention, signature, plan); status != Status::ok) return status;
  use(*plan);
  return Status::ok;
}

// A shape not seen before. Out of line: its buffers would make the frame of every preparation large.
__attribute__((noinline)) Status intern_new(const Convention &convention, const Description &description,
                                            const Key &key, std::uint64_t digest, ffi_cif *cif) {
  return with_plan(convention, description, [&](const Plan &plan) {
    fill(description, plan.stack_bytes, plans::add(key, digest, ShortWord(description).value(), plan), cif);
  });
}

Status compile_local(const ffi_cif &cif, void (*use)(void *, const Plan &), void *context) {
  const std::uint32_t abi = number_of(cif.abi);
  const Convention *const convention = convention_for(abi);
  if (convention == nullptr) return Status::bad_abi;
  if (cif.nargs > max_arguments || (cif.nargs != 0 && cif.arg_types == nullptr)) return Status::bad_typedef;
  return with_plan(*convention, {abi, cif.nargs, cif.nargs, cif.rtype, cif.arg_types}, [=](const Plan &plan) {
    if (use != nullptr) use(context, plan);
  });
}

}  // namespace

const Convention *convention_for(std::uint32_t abi) {
  for (const Convention *convention : native::conventions) {
    if (convention->abi == abi) return convention;
  }
  return nullptr;
}

Status prepare_any(const Description &description, ffi_cif *cif) {
  const Convention *const convention = convention_for(description.abi);
  if (convention == nullptr) return Status::bad_abi;
  if (cif == nullptr || description.nargs > max_arguments ||
      (description.nargs != 0 && description.arguments == nullptr)) {
    return Status::bad_typedef;
  }
  Key key;
  if (const Status status = build_key(*convention, description, &key); status != Status::ok) return status;
  const std::uint64_t digest = key.finish();
  if (!key.is_whole()) return Status::no_memory;
  const Plan *const known = plans::find(key, digest);
  if (known == nullptr) [[unlikely]] return intern_new(*convention, description, key, digest, cif);
  fill(description, known->stack_bytes, known->ticket, cif);
  return Status::ok;
}

Status validate(const ffi_cif &cif) {
  return interned_plan(cif) != nullptr ? Status::ok : compile_local(cif, nullptr, nullptr);
}

void with_local_plan(const ffi_cif &cif, void (*use)(void *context, const Plan &plan), void *context) {
  const Status status = compile_local(cif, use, context);
  if (status == Status::no_memory) fatal("no memory to compile the signature of a call");
  if (status != Status::ok) fatal("call through a cif that was not prepared, or whose types have changed");
}

}  // namespace ffi
