/* SPDX-License-Identifier: MIT */
/* Misuse: no place for the code address. */
/* Expect: exit 0, prints "NULL and works" */
#include "misuse.h"

int main(void)
{
  puts(ffi_closure_alloc(sizeof(ffi_closure), NULL) ? "a closure" : "NULL");
  return still_works();
}
