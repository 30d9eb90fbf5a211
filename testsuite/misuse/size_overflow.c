/* SPDX-License-Identifier: MIT */
/* Misuse: a struct whose members' sizes add up to more than a size_t holds. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *bytes[] = {&ffi_type_uint8, NULL};
  ffi_type half = {(size_t)1 << (sizeof(size_t) * 8 - 1), 1, FFI_TYPE_STRUCT, bytes};
  ffi_type *elements[] = {&half, &half, NULL};
  ffi_type type = {0, 0, FFI_TYPE_STRUCT, elements};
  show_type(&type);
  return still_works();
}
