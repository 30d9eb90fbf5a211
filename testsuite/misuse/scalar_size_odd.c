/* SPDX-License-Identifier: MIT */
/* Misuse: scalars of sizes that their codes do not have, by themselves, as results and as members:
   what the code says would be read and written beyond them. */
/* Expect: exit 0, prints "0 of 36 accepted and works" */
#include "misuse.h"

static int accepted(ffi_type *type)
{
  ffi_cif cif;
  return (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, &type) == FFI_OK) +
         (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 0, type, NULL) == FFI_OK);
}

int main(void)
{
  ffi_type types[] = {
      {3, 1, FFI_TYPE_SINT32, NULL},      {1, 1, FFI_TYPE_SINT32, NULL},
      {8, 8, FFI_TYPE_UINT32, NULL},      {2, 1, FFI_TYPE_UINT8, NULL},
      {7, 1, FFI_TYPE_UINT64, NULL},      {4, 4, FFI_TYPE_DOUBLE, NULL},
      {2, 2, FFI_TYPE_FLOAT, NULL},       {3, 1, FFI_TYPE_POINTER, NULL},
      {10, 1, FFI_TYPE_LONGDOUBLE, NULL},
  };
  const int count = sizeof types / sizeof *types;
  int sum = 0;
  for (int i = 0; i < count; i++) {
    ffi_type *members[] = {&types[i], NULL}, structure = {0, 0, FFI_TYPE_STRUCT, members};
    sum += accepted(&types[i]) + accepted(&structure);
  }
  printf("%d of %d accepted\n", sum, 4 * count);
  return still_works();
}
