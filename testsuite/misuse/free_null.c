/* SPDX-License-Identifier: MIT */
/* Misuse: NULL freed, where libffi 3.8.0 crashes. */
/* Expect: exit 0, prints "freed and works" */
#include "misuse.h"

int main(void)
{
  ffi_closure_free(NULL);
  ffi_call_plan_free(NULL);
  puts("freed");
  return still_works();
}
