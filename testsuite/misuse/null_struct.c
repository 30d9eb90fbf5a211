/* SPDX-License-Identifier: MIT */
/* Misuse: ffi_get_struct_offsets of NULL and of types that are no structs. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *elements[] = {&ffi_type_float, &ffi_type_float, NULL};
  ffi_type vector = {0, 0, FFI_TYPE_VECTOR, elements};
  size_t offsets[2];
  show(ffi_get_struct_offsets(FFI_DEFAULT_ABI, NULL, offsets));
  show(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &ffi_type_sint, offsets));
  show(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &vector, offsets));
  return still_works();
}
