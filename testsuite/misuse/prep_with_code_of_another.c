/* SPDX-License-Identifier: MIT */
/* Misuse: a closure prepared with the code address of another. */
/* Expect: SIGABRT, says "libffi: fatal: closure prepared with the code address of another one" */
#include "misuse.h"

int main(void)
{
  ffi_closure *closure = good_closure(), *other = good_closure();
  if (closure == other)
    return 9;
  return ffi_prep_closure_loc(closure, &good_cif, doubled, NULL, good_code);
}
