// SPDX-License-Identifier: MIT
// Attack: overwrite the allowlist's address in the page before a copied table.
// Level: W
// Ends: SIGSEGV
// Weakened: unprotected
#include "attack.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/layout.h"

int main() {
  using namespace attack;
  const Victim *const victim = victim_in_copy();
  namespace layout = ffi::glue::layout;
  const auto code = reinterpret_cast<std::uintptr_t>(victim->code);
  const auto &directory = *static_cast<const ffi::glue::Directory *>(ffi_test_address(1));
  const auto &region = directory.regions[directory.count - 1];  // the one of the newest closure
  const std::uintptr_t table = (code - region.code) / layout::stride;
  static void (*const handlers[])() = {attacker, attacker, attacker, attacker};
  const std::uintptr_t header = region.code - layout::header_bytes + table * layout::stride;
  *reinterpret_cast<void (*const **)()>(header) = handlers;
  victim->finish();
}
