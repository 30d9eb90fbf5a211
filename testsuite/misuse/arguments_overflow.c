/* SPDX-License-Identifier: MIT */
/* Misuse: arguments that together need more stack than a cif can count. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *bytes[] = {&ffi_type_uint8, NULL};
  ffi_type large = {(size_t)0x7fffffff, 1, FFI_TYPE_STRUCT, bytes};
  ffi_type *types[] = {&large, &large, &large};
  ffi_cif cif;
  show(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 3, &ffi_type_void, types));
  return still_works();
}
