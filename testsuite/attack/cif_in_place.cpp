// SPDX-License-Identifier: MIT
// Attack: change the cif and the types that a closure was prepared with, so that it reads
//   arguments that were not passed.
// Level: W
// Ends: unharmed
// Weakened: public
#include "attack.h"

static void look(ffi_cif *, void *result, void **arguments, void *) {
  if (*static_cast<int *>(arguments[0]) != 1) attack::end(attack::reached, "another argument");
  *static_cast<ffi_arg *>(result) = 43;
}

int main() {
  using namespace attack;
  Victim victim(look);
  static ffi_type wrong = {64, 16, FFI_TYPE_STRUCT, nullptr};
  static ffi_type *elements[] = {&ffi_type_longdouble, &ffi_type_longdouble, &ffi_type_longdouble,
                                 &ffi_type_longdouble, nullptr};
  wrong.elements = elements;
  victim.types[0] = &wrong;
  victim.cif.rtype = &wrong;
  victim.cif.bytes = 4096;
  victim.cif.flags = 0x12345;
  victim.finish();
}
