/* SPDX-License-Identifier: MIT */
/* Misuse: more fixed arguments than arguments. */
/* Expect: exit 0, prints "FFI_BAD_ARGTYPE FFI_BAD_ARGTYPE and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint};
  ffi_cif cif;
  show(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 3, 2, &ffi_type_void, types));
  show(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, (unsigned)-1, 0, &ffi_type_void, types));
  return still_works();
}
