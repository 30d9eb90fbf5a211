/* SPDX-License-Identifier: MIT */
/* Misuse: NULL for the closure, and for its code. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_closure *closure = good_closure();
  show(ffi_prep_closure_loc(NULL, &good_cif, doubled, NULL, good_code));
  show(ffi_prep_closure_loc(closure, &good_cif, doubled, NULL, NULL));
  ffi_closure_free(closure);
  return still_works();
}
