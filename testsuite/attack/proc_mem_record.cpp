// SPDX-License-Identifier: MIT
// Attack: write into a sealed record through /proc/self/mem.
// Level: W and SYS, without reading the key
// Ends: abort: the record of a closure was overwritten
// Kernel: refused
// Weakened: unprotected
#include "attack.h"

int main() {
  using namespace attack;
  const Victim victim;
  ffi_hardened_seal();
  const int mem = open("/proc/self/mem", O_RDWR);
  if (mem < 0) end(cannot_try, "no /proc/self/mem");
  void (*const function)() = reinterpret_cast<void (*)()>(attacker_function);
  const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(&victim.record()->fun));
  if (pwrite(mem, &function, sizeof function, at) != sizeof function)
    end(in_kernel_mode() ? refused : cannot_try, strerror(errno));
  victim.finish();
}
