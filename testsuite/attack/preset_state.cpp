// SPDX-License-Identifier: MIT
// Attack: before the first closure is made, write a state page of one's own, with operations that go
//   where the attacker wants, and say that all has been chosen.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  static ffi::glue::Operations operations;
  operations.map_table = [](unsigned char *) -> ffi::Status { attacker(); };
  auto *const state = static_cast<ffi::glue::State *>(ffi_test_address(0));
  state->operations = &operations;
  state->policy = ffi::glue::Policy::aged;
  state->mode = ffi::glue::Mode::table;
  state->page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  state->slot_bits = 6;
  state->ready = 1;
  const Victim victim;
  victim.finish();
}
