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
  const auto &region = static_cast<const ffi::glue::Directory *>(ffi_test_address(1))->regions[1];
  namespace layout = ffi::glue::layout;
  const std::uintptr_t table =
      (reinterpret_cast<std::uintptr_t>(victim->code) - region.code) / layout::stride;
  static void (*const handlers[])() = {attacker, attacker, attacker, attacker};
  const std::uintptr_t header = region.code - layout::header_bytes + table * layout::stride;
  *reinterpret_cast<void (*const **)()>(header) = handlers;
  victim->finish();
}
