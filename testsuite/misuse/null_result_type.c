/* SPDX-License-Identifier: MIT */
/* Misuse: NULL for the type of the result. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_cif cif;
  show(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 0, NULL, NULL));
  return still_works();
}
