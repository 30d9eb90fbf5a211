/* SPDX-License-Identifier: MIT */
/* Misuse: ffi_get_struct_offsets of a struct that is its own member. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *elements[] = {&ffi_type_sint, NULL, NULL};
  ffi_type type = {0, 0, FFI_TYPE_STRUCT, elements};
  size_t offsets[2];
  elements[1] = &type;
  show(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &type, offsets));
  return still_works();
}
