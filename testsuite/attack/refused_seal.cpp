// SPDX-License-Identifier: MIT
// Attack: overwrite a record that could not be made read-only when it was time, and that the program
//   has had sealed since.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"
#include "trampfd-glue/map.h"

int main() {
  using namespace attack;
  const Victim *const victim = young_victim();
  if (&ffi_test_refuse != nullptr) {
    ffi_test_refuse = [](int call) {
      return call == static_cast<int>(ffi::glue::sys::Call::protect) ? ENOMEM : 0;
    };
    ffi_hardened_seal();
    ffi_test_refuse = nullptr;
  }
  ffi_hardened_seal();
  victim->record()->fun = reinterpret_cast<void (*)()>(attacker_function);
  victim->finish();
}
