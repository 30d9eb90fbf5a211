// SPDX-License-Identifier: MIT
// The glue's contract over the kernel's backend, as TAP: the cases of testsuite/unit, each in a process of its own.
#include "testsuite/unit/trampfd-glue/contract.h"

#include <stdlib.h>
#include <unistd.h>

#include "testsuite/unit/main/helpers/child.h"
#include "trampfd-glue/state.h"

int main() {
  using namespace ffi::glue;
  unsigned points = 0, failures = 0;
  // Half of what all may take, which is more in a slow kernel.
  const char *const limit = getenv("LIMIT");
  const unsigned seconds = limit ? static_cast<unsigned>(atoi(limit)) / 2 : 120;
  for (unsigned i = 0; i < test::case_count; ++i) {
    const test::Case &one = test::cases[i];
    if (one.needs_memory) continue;
    const auto end = ffi::test::in_child(
        [&one] {
          start();
          REQUIRE(state().mode == Mode::kernel);
          one.run();
          return 0;
        },
        seconds);
    if (!end.clean())
      printf("# status %d, signal %d: %s\n", end.status, end.signal, end.errors.c_str());
    failures += !end.clean();
    printf("%s %u - %s\n", end.clean() ? "ok" : "not ok", ++points, one.name);
    fflush(stdout);
  }
  printf("1..%u\n", points);
  return failures != 0;
}
