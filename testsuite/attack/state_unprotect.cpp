// SPDX-License-Identifier: MIT
// Attack: make the state page writable.
// Level: SYS
// Ends: refused
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  require_mseal();
  const Victim victim;
  void *const state = ffi_test_address(0);
  if (mprotect(state, ffi::arch::TableGeometry::page_bytes, PROT_READ | PROT_WRITE) != 0) {
    end(refused, strerror(errno));
  }
  static_cast<ffi::glue::State *>(state)->policy = ffi::glue::Policy::open;
  static_cast<ffi::glue::State *>(state)->check_decides = false;
  victim.closure->fun = attacker_function;
  victim.finish();
}
