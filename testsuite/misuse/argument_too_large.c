/* SPDX-License-Identifier: MIT */
/* Misuse: an argument of five gigabytes (on 64-bit machines), or nearly all of memory. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *bytes[] = {&ffi_type_uint8, NULL};
  ffi_type large = {(size_t)-1 / 2 > 5000000000u ? (size_t)5000000000u : (size_t)-8, 1,
                    FFI_TYPE_STRUCT, bytes};
  ffi_type *types[] = {&large};
  ffi_cif cif;
  show(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, types));
  return still_works();
}
