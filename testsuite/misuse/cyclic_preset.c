/* SPDX-License-Identifier: MIT */
/* Misuse: a struct of preset size, small enough for registers, that is its own member. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *elements[] = {&ffi_type_sint, NULL, NULL};
  ffi_type type = {16, 8, FFI_TYPE_STRUCT, elements};
  elements[1] = &type;
  show_type(&type);
  return still_works();
}
