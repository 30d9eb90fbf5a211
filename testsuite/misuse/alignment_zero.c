/* SPDX-License-Identifier: MIT */
/* Misuse: a struct of preset size with alignment 0. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *elements[] = {&ffi_type_sint, NULL};
  ffi_type type = {4, 0, FFI_TYPE_STRUCT, elements};
  show_type(&type);
  return still_works();
}
