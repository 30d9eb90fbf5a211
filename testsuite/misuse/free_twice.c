/* SPDX-License-Identifier: MIT */
/* Misuse: a closure freed twice. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

int main(void)
{
  ffi_closure *closure = good_closure();
  ffi_closure_free(closure);
  ffi_closure_free(closure);
}
