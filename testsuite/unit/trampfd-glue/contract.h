// SPDX-License-Identifier: MIT
// The contract of the glue as cases, each of which runs in a process of its own: mode and policy
// are chosen once per process.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "trampfd-glue/glue.h"

namespace ffi::glue::test {

struct Case {
  const char *name;
  void (*run)();
  bool needs_code;    // trampolines that can be called: not the fake backend's
  bool needs_memory;  // records that the process itself writes
};

extern const Case cases[];
extern const unsigned case_count;

// In a case: end the process, with a line that names the place, unless the condition holds.
#define REQUIRE(condition)                                                    \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      _exit(1);                                                               \
    }                                                                         \
  } while (0)

}  // namespace ffi::glue::test
