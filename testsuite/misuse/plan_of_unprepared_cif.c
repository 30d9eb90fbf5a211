/* SPDX-License-Identifier: MIT */
/* Misuse: a call plan for a cif that was never prepared. */
/* Expect: exit 0, prints "NULL and works" */
#include "misuse.h"

int main(void)
{
  ffi_cif cif;
  memset(&cif, 0, sizeof cif);
  puts(ffi_call_plan_alloc(&cif) ? "a plan" : "NULL");
  return still_works();
}
