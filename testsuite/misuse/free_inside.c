/* SPDX-License-Identifier: MIT */
/* Misuse: an address inside a closure freed. */
/* Expect: SIGABRT, says "libffi: fatal: closure freed twice or never allocated by ffi_closure_alloc" */
#include "misuse.h"

int main(void)
{
  ffi_closure_free((char *)good_closure() + 8);
}
