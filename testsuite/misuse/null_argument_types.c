/* SPDX-License-Identifier: MIT */
/* Misuse: NULL for the argument types of a function that has arguments. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_cif cif;
  show(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_void, NULL));
  show(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 2, &ffi_type_void, NULL));
  return still_works();
}
