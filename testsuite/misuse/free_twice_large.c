/* SPDX-License-Identifier: MIT */
/* Misuse: a closure freed twice that was larger than usual, so that its memory is from malloc. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
/* Under AddressSanitizer: heap-use-after-free */
#include "misuse.h"

int main(void)
{
  void *code;
  ffi_closure *const closure = ffi_closure_alloc(8 * sizeof *closure, &code);
  ffi_closure_free(closure);
  ffi_closure_free(closure);
  return 0;
}
