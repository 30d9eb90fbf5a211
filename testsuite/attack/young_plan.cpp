// SPDX-License-Identifier: MIT
// Attack: have a young record name another plan, one that reads its arguments as something else. One that needs
// registers which the handler did not save would be stopped for that alone.
// Level: W
// Ends: abort: the record of a closure was overwritten
// Kernel: SIGSEGV
// Weakened: unprotected
#include "attack.h"

static void take_pointer(ffi_cif *, void *, void **, void *) {}

int main() {
  using namespace attack;
  Victim other;
  other.types[0] = &ffi_type_pointer;
  if (ffi_prep_cif(&other.cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, other.types) != FFI_OK ||
      ffi_prep_closure_loc(other.closure, &other.cif, take_pointer, nullptr, other.code) !=
          FFI_OK) {
    end(no_victim);
  }
  const Victim *const victim = young_victim();
  victim->record()->plan = other.record()->plan;
  victim->finish();
}
