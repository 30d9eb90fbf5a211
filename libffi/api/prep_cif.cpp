// SPDX-License-Identifier: MIT
// ffi_prep_cif, ffi_prep_cif_var and ffi_get_struct_offsets.
#include "api/door.h"

namespace ffi {
namespace {

// C promotes such variadic arguments, so no callee can expect one (C17, 6.5.2.2).
bool is_promoted(const ffi_type &type) {
  const TypeCode code = code_of(type);
  return code == TypeCode::float_ || (is_integral(code) && type.size < sizeof(int));
}

bool is_public(std::uint32_t abi) { return (abi & private_abi) == 0; }

// A convention that cannot serve variadic functions names the one that they follow.
std::uint32_t variadic(std::uint32_t abi) {
  const Convention *const convention = convention_for(abi);
  return convention != nullptr && convention->variadic_abi != 0 ? convention->variadic_abi : abi;
}

}  // namespace
}  // namespace ffi

FFI_DOOR ffi_status ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned nargs, ffi_type *rtype,
                                 ffi_type **atypes) {
  if (!ffi::is_public(ffi::number_of(abi))) return FFI_BAD_ABI;
  return ffi::to_public(
      ffi::prepare({ffi::number_of(abi), nargs, nargs, rtype, atypes}, cif));
}

FFI_DOOR ffi_status ffi_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned nfixedargs, unsigned ntotalargs,
                                     ffi_type *rtype, ffi_type **atypes) {
  if (nfixedargs > ntotalargs) return FFI_BAD_ARGTYPE;
  if (!ffi::is_public(ffi::number_of(abi))) return FFI_BAD_ABI;
  ffi_cif prepared;
  const ffi::Status status = ffi::prepare(
      {ffi::variadic(ffi::number_of(abi)), ntotalargs, nfixedargs, rtype, atypes}, &prepared);
  if (status != ffi::Status::ok) return ffi::to_public(status);
  for (unsigned i = nfixedargs; i < ntotalargs; ++i) {
    if (ffi::is_promoted(*atypes[i])) return FFI_BAD_ARGTYPE;
  }
  if (cif == nullptr) return FFI_BAD_TYPEDEF;
  *cif = prepared;
  return FFI_OK;
}

FFI_DOOR ffi_status ffi_get_struct_offsets(ffi_abi abi, ffi_type *struct_type, std::size_t *offsets) {
  if (!ffi::is_public(ffi::number_of(abi)) || ffi::convention_for(ffi::number_of(abi)) == nullptr) return FFI_BAD_ABI;
  if (struct_type == nullptr) return FFI_BAD_TYPEDEF;
  return ffi::to_public(ffi::struct_offsets(*struct_type, offsets));
}
