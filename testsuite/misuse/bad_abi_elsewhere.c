/* SPDX-License-Identifier: MIT */
/* Misuse: a calling convention that does not exist, given to every other function that takes
   one. */
/* Expect: exit 0, prints "FFI_BAD_ABI FFI_BAD_ABI FFI_BAD_ABI and works" */
#include "misuse.h"

int main(void)
{
  ffi_cif cif;
  ffi_type *elements[] = {&ffi_type_sint, NULL}, type = {0, 0, FFI_TYPE_STRUCT, elements};
  size_t offset;
  show(ffi_prep_cif_var(&cif, FFI_LAST_ABI, 0, 0, &ffi_type_void, NULL));
  show(ffi_get_struct_offsets(FFI_LAST_ABI, &type, &offset));
  ffi_closure *closure = good_closure();
  cif = good_cif;
  cif.abi = FFI_LAST_ABI;
  show(ffi_prep_closure_loc(closure, &cif, doubled, NULL, good_code));
  ffi_closure_free(closure);
  return still_works();
}
