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

struct Diary {
  std::uint32_t refusals;
  Refusal refusal[24];
  std::uint32_t sealed;         // mseal worked on everything it was tried on: 1
  std::uint64_t caller_memory;  // trampolines written into memory of the caller's
  std::uint64_t tables;         // copied
  std::uint64_t seals;          // pages of records made read-only
  std::uint64_t opens;          // and writable again
  std::uint64_t returns;        // and given back to the system
};

extern Diary diary;

// Write down that `step' was refused. The same refusal is written once.
void note(Mode mode, const char *step, int error);

inline void count(std::uint64_t &what, std::uint64_t by = 1) {
  __atomic_fetch_add(&what, by, __ATOMIC_RELAXED);
}

}  // namespace ffi::glue
