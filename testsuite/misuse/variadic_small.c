/* SPDX-License-Identifier: MIT */
/* Misuse: types that C promotes, among the variadic arguments. */
/* Expect: exit 0, prints "FFI_BAD_ARGTYPE FFI_BAD_ARGTYPE FFI_BAD_ARGTYPE FFI_BAD_ARGTYPE FFI_BAD_ARGTYPE and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *small[] = {&ffi_type_float, &ffi_type_sint8, &ffi_type_uint8, &ffi_type_sint16,
                       &ffi_type_uint16};
  for (int i = 0; i < 5; i++) {
    ffi_type *types[] = {&ffi_type_sint, small[i]};
    ffi_cif cif;
    show(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 2, &ffi_type_void, types));
  }
  return still_works();
}
