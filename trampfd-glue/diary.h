// SPDX-License-Identifier: MIT
// The diary: what was refused and how much there is, for ffi-doctor and the query functions.
// Nothing is decided by it.
#pragma once

#include <cstdint>

#include "trampfd-glue/backend.h"

namespace ffi::glue {

struct Refusal {
  Mode mode;
  int error;         // errno, or 0 where no system call refused
  const char *step;  // what could not be done: a static string
};

// As wide as the machine counts atomically.
using Count = std::uintptr_t;

struct Diary {
  std::uint32_t refusals;
  Refusal refusal[24];
  std::uint32_t sealed;         // mseal worked on everything it was tried on: 1
  Count caller_memory;  // trampolines written into memory of the caller's
  Count unplanned;      // closures bound without a plan
  Count tables;         // copied
  Count seals;          // pages of records made read-only
  Count opens;          // and writable again
  Count returns;        // and given back to the system
};

extern Diary diary;

// Write down that `step' was refused. The same refusal is written once.
void note(Mode mode, const char *step, int error);

inline void count(Count &what, Count by = 1) {
  __atomic_fetch_add(&what, by, __ATOMIC_RELAXED);
}

}  // namespace ffi::glue
