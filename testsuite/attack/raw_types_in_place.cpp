// SPDX-License-Identifier: MIT
// Attack: change the cif and the types that a raw closure was prepared with, so that its array is
//   filled from other memory than the arguments'.
// Level: W
// Ends: unharmed
// Weakened: public
#include "attack.h"

static void look(ffi_cif *, void *result, ffi_raw *array, void *) {
  if (array[0].sint != 1 || array[1].sint != -2) attack::end(attack::reached, "other arguments");
  *static_cast<ffi_arg *>(result) = 43;
}

int main() {
  using namespace attack;
  static ffi_type *types[] = {&ffi_type_sint, &ffi_type_sshort};
  ffi_cif cif;
  void *code;
  auto *const closure =
      static_cast<ffi_raw_closure *>(ffi_closure_alloc(sizeof(ffi_raw_closure), &code));
  if (closure == nullptr ||
      ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, types) != FFI_OK ||
      ffi_prep_raw_closure_loc(closure, &cif, look, nullptr, code) != FFI_OK) {
    end(no_victim);
  }
  // In the same registers as far as there are any, so that the handler has saved them.
  static ffi_type *elements[] = {&ffi_type_slong, &ffi_type_slong, nullptr};
  static ffi_type wrong = {2 * sizeof(long), alignof(long), FFI_TYPE_STRUCT, elements};
  types[0] = &wrong;
  types[1] = &ffi_type_slong;
  cif.bytes = 4096;
  cif.flags = 0x12345;
  const auto call = reinterpret_cast<int (*)(int, short)>(code);
  end(call(1, -2) == 43 ? unharmed : reached, "the result is another");
}
