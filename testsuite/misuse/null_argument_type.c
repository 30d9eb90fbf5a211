/* SPDX-License-Identifier: MIT */
/* Misuse: NULL as the type of an argument. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *types[] = {&ffi_type_sint, NULL};
  ffi_cif cif;
  show(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_void, types));
  return still_works();
}
