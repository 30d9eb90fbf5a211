/* SPDX-License-Identifier: MIT */
/* Misuse: structs nested a hundred thousand deep. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  enum { DEPTH = 100000 };
  static ffi_type types[DEPTH], *elements[DEPTH][2];
  for (int i = 0; i < DEPTH; i++) {
    elements[i][0] = i ? &types[i - 1] : &ffi_type_sint;
    types[i] = (ffi_type){0, 0, FFI_TYPE_STRUCT, elements[i]};
  }
  show_type(&types[DEPTH - 1]);
  return still_works();
}
