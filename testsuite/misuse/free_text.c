/* SPDX-License-Identifier: MIT */
/* Misuse: a function freed. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

int main(void);
int main(void)
{
  good_closure();
  ffi_closure_free((void *)&main);
}
