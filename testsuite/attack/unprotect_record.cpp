// SPDX-License-Identifier: MIT
// Attack: make a sealed record writable and overwrite its function, without reading the key.
// Level: W and SYS
// Ends: abort: the record of a closure was overwritten
// Kernel: refused
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim *const victim = victim_in_copy();
  ffi_hardened_seal();
  void *const page = page_of(victim->record());
  if (mprotect(page, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), PROT_READ | PROT_WRITE) != 0)
    end(refused, strerror(errno));
  victim->record()->fun = reinterpret_cast<void (*)()>(attacker_function);
  victim->finish();
}
