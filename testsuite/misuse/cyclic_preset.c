/* SPDX-License-Identifier: MIT */
/* Misuse: a struct of preset size, small enough for registers, that is its own member.  i386's System V convention
   has no struct in registers, so it takes the caller's word for the size and never looks inside. */
/* Expect: exit 0, prints "FFI_BAD_TYPEDEF FFI_BAD_TYPEDEF and works" */
#include "misuse.h"

int main(void)
{
  ffi_type *elements[] = {&ffi_type_sint, NULL, NULL};
  ffi_type type = {16, 8, FFI_TYPE_STRUCT, elements};
  elements[1] = &type;
#ifdef __i386__
  /* One that passes small structs by what they hold does look. */
  ffi_cif cif;
  ffi_type *arguments[] = {&type};
  show(ffi_prep_cif(&cif, FFI_THISCALL, 1, &ffi_type_void, arguments));
  show(ffi_prep_cif(&cif, FFI_THISCALL, 0, &type, NULL));
#else
  show_type(&type);
#endif
  return still_works();
}
