/* SPDX-License-Identifier: MIT */
/* Misuse: void as a member of a struct. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *elements[] = {&ffi_type_sint, &ffi_type_void, NULL};
  ffi_type type = {0, 0, FFI_TYPE_STRUCT, elements};
  show_type(&type);
  return still_works();
}
