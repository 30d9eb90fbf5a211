/* SPDX-License-Identifier: MIT */
/* Misuse: a struct of preset size without a list of elements. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type type = {16, 8, FFI_TYPE_STRUCT, NULL};
  show_type(&type);
  return still_works();
}
