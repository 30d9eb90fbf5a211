/* SPDX-License-Identifier: MIT */
/* Misuse: raw and Go closures for a cif of no calling convention. */
/* Expect: exit 0, prints "FFI_BAD_ABI FFI_BAD_ABI and works" */
#include "misuse.h"

int main(void)
{
  ffi_raw_closure *raw = ffi_closure_alloc(sizeof(ffi_raw_closure), &good_code);
  ffi_cif cif;
  void *code = good_code;
  ffi_closure_free(good_closure());
  cif = good_cif;
  cif.abi = FFI_LAST_ABI;
  show(ffi_prep_raw_closure_loc(raw, &cif, NULL, NULL, code));
#if FFI_GO_CLOSURES
  ffi_go_closure go;
  show(ffi_prep_go_closure(&go, &cif, doubled));
#else
  show(FFI_BAD_ABI);
#endif
  ffi_closure_free(raw);
  return still_works();
}
