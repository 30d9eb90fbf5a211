/* SPDX-License-Identifier: MIT */
/* Misuse: a closure from malloc freed. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

int main(void)
{
  void *closure = calloc(1, sizeof(ffi_closure));
  good_closure();
  ffi_closure_free(closure);
}
