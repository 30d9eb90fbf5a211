/* SPDX-License-Identifier: MIT */
/* Misuse: a struct, a vector and a complex type without a list of elements. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  static const unsigned short codes[] = {FFI_TYPE_STRUCT, FFI_TYPE_VECTOR, FFI_TYPE_COMPLEX};
  for (int i = 0; i < 3; i++) {
    ffi_type type = {0, 0, codes[i], NULL};
    show_type(&type);
  }
  return still_works();
}
