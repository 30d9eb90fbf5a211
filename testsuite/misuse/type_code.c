/* SPDX-License-Identifier: MIT */
/* Misuse: types with codes that do not exist. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type next = {8, 8, FFI_TYPE_LAST + 1, NULL}, largest = {8, 8, 0xffff, NULL};
  show_type(&next);
  show_type(&largest);
  return still_works();
}
