/* SPDX-License-Identifier: MIT */
/* Misuse: a closure freed again after a hundred others came and went. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

int main(void)
{
  ffi_closure *closure = good_closure();
  ffi_closure_free(closure);
  for (int i = 0; i < 100; i++) {
    ffi_closure *other = good_closure();
    if (other == closure)
      break; /* then it is a live closure again */
    ffi_closure_free(other);
  }
  ffi_closure_free(closure);
  ffi_closure_free(closure);
}
