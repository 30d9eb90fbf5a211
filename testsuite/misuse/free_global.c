/* SPDX-License-Identifier: MIT */
/* Misuse: a global closure freed. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

static ffi_closure closure;
int main(void)
{
  good_closure();
  ffi_closure_free(&closure);
}
