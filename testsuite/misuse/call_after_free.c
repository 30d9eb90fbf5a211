/* SPDX-License-Identifier: MIT */
/* Misuse: a closure called after it was freed. */
/* Expect: SIGABRT, says "libffi: fatal: freed closure called" */
#include "misuse.h"

int main(void)
{
  ffi_closure_free(good_closure());
  return ((int (*)(int))good_code)(1);
}
