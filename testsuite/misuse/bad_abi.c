/* SPDX-License-Identifier: MIT */
/* Misuse: calling conventions that do not exist. */
/* Expect: exit 0, prints "FFI_BAD_ABI FFI_BAD_ABI FFI_BAD_ABI FFI_BAD_ABI FFI_BAD_ABI FFI_BAD_ABI and works" */
#include "misuse.h"

int main(void)
{
  static const int abis[] = {0, -1, FFI_LAST_ABI, FFI_LAST_ABI + 1, 1000, (int)0x80000002u};
  for (int i = 0; i < 6; i++) {
    ffi_cif cif;
    show(ffi_prep_cif(&cif, (ffi_abi)abis[i], 0, &ffi_type_void, NULL));
  }
  return still_works();
}
