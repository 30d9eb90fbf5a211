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
  // Its handler saves every register, so that none is missing when arguments are read from elsewhere.
  Victim victim(look);
  static ffi_type *types[] = {&ffi_type_sint, &ffi_type_double};
  if (ffi_prep_cif(&victim.cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, types) != FFI_OK ||
      ffi_prep_closure_loc(victim.closure, &victim.cif, look, nullptr, victim.code) != FFI_OK) {
    end(no_victim);
  }
  static ffi_type wrong = {64, 16, FFI_TYPE_STRUCT, nullptr};
  static ffi_type *elements[] = {&ffi_type_longdouble, &ffi_type_longdouble, &ffi_type_longdouble,
                                 &ffi_type_longdouble, nullptr};
  wrong.elements = elements;
  types[0] = &wrong;
  victim.cif.rtype = &wrong;
  victim.cif.bytes = 4096;
  victim.cif.flags = 0x12345;
  const auto call = reinterpret_cast<int (*)(int, double)>(victim.code);
  end(call(1, 2.5) == 43 ? unharmed : reached, "the result is another");
}
