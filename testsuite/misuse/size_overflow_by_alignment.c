/* SPDX-License-Identifier: MIT */
/* Misuse: a struct whose size overflows when it is rounded up to its alignment. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *bytes[] = {&ffi_type_uint8, NULL};
  ffi_type most = {(size_t)-2, 1, FFI_TYPE_STRUCT, bytes};
  ffi_type *elements[] = {&most, &ffi_type_sint64, NULL};
  ffi_type type = {0, 0, FFI_TYPE_STRUCT, elements};
  show_type(&type);
  return still_works();
}
