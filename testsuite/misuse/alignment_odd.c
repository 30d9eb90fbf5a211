/* SPDX-License-Identifier: MIT */
/* Misuse: structs of preset size with alignments that are no powers of two. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *elements[] = {&ffi_type_sint, NULL};
  ffi_type three = {4, 3, FFI_TYPE_STRUCT, elements}, twelve = {24, 12, FFI_TYPE_STRUCT, elements};
  show_type(&three);
  show_type(&twelve);
  return still_works();
}
