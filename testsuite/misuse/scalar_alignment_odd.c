/* SPDX-License-Identifier: MIT */
/* Misuse: a double with alignment 6. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type number = {8, 6, FFI_TYPE_DOUBLE, NULL};
  show_type(&number);
  return still_works();
}
