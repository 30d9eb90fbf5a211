/* SPDX-License-Identifier: MIT */
/* Misuse: an int and a double of no bytes. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type integer = {0, 4, FFI_TYPE_SINT32, NULL}, number = {0, 8, FFI_TYPE_DOUBLE, NULL};
  show_type(&integer);
  show_type(&number);
  return still_works();
}
