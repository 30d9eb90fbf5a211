/* SPDX-License-Identifier: MIT */
/* Misuse: a call through a cif that was never prepared. */
/* Expect: SIGABRT, says "libffi: fatal: call through a cif that was not prepared, or whose types have changed" */
#include "misuse.h"

int main(void)
{
  ffi_cif cif;
  memset(&cif, 0, sizeof cif);
  ffi_call(&cif, FFI_FN(puts), NULL, NULL);
  return 0;
}
