/* SPDX-License-Identifier: MIT */
/* Misuse: a complex type of integers, and one without a part. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *integers[] = {&ffi_type_sint, NULL}, *none[] = {NULL};
  ffi_type complex = {0, 0, FFI_TYPE_COMPLEX, integers}, empty = {0, 0, FFI_TYPE_COMPLEX, none};
  show_type(&complex);
  show_type(&empty);
  return still_works();
}
