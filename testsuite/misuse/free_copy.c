/* SPDX-License-Identifier: MIT */
/* Misuse: the copy of a closure freed. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

int main(void)
{
  ffi_closure copy = *good_closure();
  ffi_closure_free(&copy);
}
