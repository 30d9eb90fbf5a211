// SPDX-License-Identifier: MIT
// Attack: a record's handler index leads out of the allowlist, to an address that the attacker
//   wrote somewhere after it.
// Level: W
// Ends: abort: the record of a closure was overwritten
// Kernel: SIGSEGV
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim *const victim = young_victim();
  const auto allowlist = reinterpret_cast<std::uintptr_t>(ffi_test_address(2));
  void *room = nullptr;
  for (std::uintptr_t far = 1 << 24; far < 1ul << 28 && room == nullptr; far += 1 << 20) {
    void *const wanted = page_of(reinterpret_cast<void *>(allowlist + far));
    void *const got = mmap(wanted, 4096, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == wanted) room = got;
  }
  if (room == nullptr) end(cannot_try, "no room after the library");
  for (std::size_t i = 0; i < 4096 / sizeof(void *); ++i)
    static_cast<void (**)()>(room)[i] = attacker;
  const std::uintptr_t distance = reinterpret_cast<std::uintptr_t>(room) + 2048 - allowlist;
  victim->record()->handler = static_cast<std::uint32_t>(distance / sizeof(void *));
  victim->finish();
}
