// SPDX-License-Identifier: MIT
// Attack: a record names a handler that takes an ffi_closure, and so takes the record for one,
//   whose fields lie elsewhere.
// Level: W
// Ends: abort: the record of a closure was overwritten
// Kernel: SIGSEGV
// Weakened: unprotected
// Weakened (i386): nothing to take away: handlers of records find another stack than that one
#include "attack.h"

int main() {
  using namespace attack;
  Victim *const victim = young_victim();
  const auto as_closure = reinterpret_cast<ffi_closure *>(victim->record());
  as_closure->cif = &victim->cif;
  as_closure->fun = attacker_function;
  victim->record()->handler = ffi::arch::TableGeometry::record_handlers;
  victim->finish();
}
