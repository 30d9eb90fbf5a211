/* SPDX-License-Identifier: MIT */
/* Misuse: a global closure freed, before the library has ever made one. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

static ffi_closure closure;
int main(void)
{
  ffi_closure_free(&closure);
}
