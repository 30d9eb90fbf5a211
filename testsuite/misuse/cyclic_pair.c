/* SPDX-License-Identifier: MIT */
/* Misuse: two structs, each a member of the other, twice. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *in_a[] = {NULL, NULL, NULL}, *in_b[] = {NULL, NULL, NULL};
  ffi_type a = {0, 0, FFI_TYPE_STRUCT, in_a}, b = {0, 0, FFI_TYPE_STRUCT, in_b};
  in_a[0] = in_a[1] = &b;
  in_b[0] = in_b[1] = &a;
  show_type(&a);
  return still_works();
}
