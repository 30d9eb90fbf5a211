/* SPDX-License-Identifier: MIT */
/* Misuse: the code address freed in place of the closure. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

int main(void)
{
  good_closure();
  ffi_closure_free(good_code);
}
