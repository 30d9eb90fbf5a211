/* SPDX-License-Identifier: MIT */
/* Misuse: a closure called whose preparation was refused. */
/* Expect: SIGABRT, says "libffi: fatal: closure called before it was prepared" */
#include "misuse.h"

int main(void)
{
  void *code;
  ffi_closure *closure = ffi_closure_alloc(sizeof(ffi_closure), &code);
  ffi_cif cif;
  memset(&cif, 0, sizeof cif);
  if (!closure || ffi_prep_closure_loc(closure, &cif, doubled, NULL, code) == FFI_OK)
    return 9;
  return ((int (*)(int))code)(1);
}
