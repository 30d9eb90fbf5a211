/* SPDX-License-Identifier: MIT */
/* Misuse: a struct of two structs of two structs, sixty levels down: small to write, endless to
   walk. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  enum { DEPTH = 60 };
  static ffi_type types[DEPTH], *elements[DEPTH][3];
  for (int i = 0; i < DEPTH; i++) {
    elements[i][0] = elements[i][1] = i ? &types[i - 1] : &ffi_type_sint;
    types[i] = (ffi_type){0, 0, FFI_TYPE_STRUCT, elements[i]};
  }
  ffi_type *arguments[] = {&types[DEPTH - 1]};
  ffi_cif cif;
  show(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, arguments));
  return still_works();
}
