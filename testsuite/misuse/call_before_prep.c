/* SPDX-License-Identifier: MIT */
/* Misuse: a closure called before it was prepared. */
/* Expect: SIGABRT, says "libffi: fatal: closure called before it was prepared" */
#include "misuse.h"

int main(void)
{
  void *code;
  if (!ffi_closure_alloc(sizeof(ffi_closure), &code))
    return 9;
  return ((int (*)(int))code)(1);
}
