/* SPDX-License-Identifier: MIT */
/* Misuse: NULL for the cif, wherever a status can be returned. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF NULL and works" */
#include "misuse.h"

int main(void)
{
  ffi_closure *closure = good_closure();
  show(ffi_prep_cif(NULL, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL));
  show(ffi_prep_cif_var(NULL, FFI_DEFAULT_ABI, 0, 0, &ffi_type_void, NULL));
  show(ffi_prep_closure_loc(closure, NULL, doubled, NULL, good_code));
  puts(ffi_call_plan_alloc(NULL) ? "a plan" : "NULL");
  ffi_closure_free(closure);
  return still_works();
}
