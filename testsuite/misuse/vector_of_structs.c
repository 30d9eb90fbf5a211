/* SPDX-License-Identifier: MIT */
/* Misuse: a vector whose lanes are structs, and one whose lanes differ. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *one[] = {&ffi_type_float, NULL}, lane = {0, 0, FFI_TYPE_STRUCT, one};
  ffi_type *lanes[] = {&lane, &lane, NULL}, *mixed[] = {&ffi_type_float, &ffi_type_sint, NULL};
  ffi_type of_structs = {0, 0, FFI_TYPE_VECTOR, lanes}, of_both = {0, 0, FFI_TYPE_VECTOR, mixed};
  show_type(&of_structs);
  show_type(&of_both);
  return still_works();
}
