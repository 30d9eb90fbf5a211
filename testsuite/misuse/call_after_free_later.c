/* SPDX-License-Identifier: MIT */
/* Misuse: a closure called after it was freed and others were made. */
/* Expect: SIGABRT, says "libffi: fatal: freed closure called" */
#include "misuse.h"

int main(void)
{
  void *code;
  ffi_closure *closure = good_closure();
  code = good_code;
  ffi_closure_free(closure);
  for (int i = 0; i < 3; i++)
    good_closure();
  return ((int (*)(int))code)(1);
}
