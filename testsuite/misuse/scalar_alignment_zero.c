/* SPDX-License-Identifier: MIT */
/* Misuse: an integer with alignment 0, as a member and by itself. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type integer = {4, 0, FFI_TYPE_SINT32, NULL};
  ffi_type *elements[] = {&integer, NULL};
  ffi_type type = {0, 0, FFI_TYPE_STRUCT, elements};
  show_type(&integer);
  show_type(&type);
  return still_works();
}
