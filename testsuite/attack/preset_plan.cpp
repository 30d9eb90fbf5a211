// SPDX-License-Identifier: MIT
// Attack: before the first signature is prepared, enter a plan of the attacker's into the table, which
//   reads an argument elsewhere.
// Level: W
// Ends: unharmed
// Weakened: unprotected
#include <sys/wait.h>

#include "attack.h"
#include "plans/table.h"

int main() {
  using namespace attack;
  auto &root = *static_cast<ffi::plans::Root *>(ffi_test_address(3));
  // What the table will say is learnt from one that a child has made.
  const std::size_t bytes = sizeof root;
  auto *const made = static_cast<ffi::plans::Root *>(
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const pid_t child = fork();
  if (child == 0) {
    const Victim victim;
    memcpy(static_cast<void *>(made), &root, bytes);
    _exit(0);
  }
  int status;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) end(cannot_try, "no child");
  for (std::size_t i = 0; i < ffi::plans::short_entries; ++i) {
    ffi::plans::ShortEntry entry = made->shorts[i];
    if (entry.word == 0) continue;
    const std::uint32_t index = entry.ticket & ffi::plans::most_plans;
    const auto into = reinterpret_cast<std::uintptr_t>(made->plans[index]) -
                      reinterpret_cast<std::uintptr_t>(&root);
    auto *const plan = reinterpret_cast<ffi::Plan *>(reinterpret_cast<std::uintptr_t>(made) + into);
    const_cast<ffi::Move *>(plan->moves())->at += sizeof(void *);
    // Under the next number, which the first preparation does not use.
    plan->ticket = ++entry.ticket;
    root.shorts[i] = entry;
    root.plans[index + 1] = plan;
  }
  const Victim first;  // whose signature is the first
  const Victim victim;
  victim.finish();
}
