// SPDX-License-Identifier: MIT
// The intern table: one plan for each shape of signature, for the life of the process.
//
// Plans and the table that finds them lie in pages that are read-only but for the moment in which a plan is added, so a
// stray or hostile write cannot change how a call reads memory. Readers take no lock.
#pragma once

#include "abi/compile.h"
#include "plans/key.h"

namespace ffi::plans {

// Names a plan in a cif's `flags': 0 names none. The upper bits repeat part of the shape's digest, so that a number that
// comes from elsewhere is noticed.
using Ticket = std::uint32_t;

// The plan a ticket names, or null.
const Plan *find(Ticket ticket);

// The ticket of an interned shape, or 0.
Ticket find(const Key &key, std::uint64_t digest);

// Add a plan for a shape (found already interned when another thread was faster). 0: the table is full, or memory or a
// change of protection was refused; callers then compile for each call.
Ticket add(const Key &key, std::uint64_t digest, const Plan &plan);

// For ffi-doctor: plans held, bytes they take, and whether the pages are read-only.
struct Census {
  std::uint32_t plans;
  std::size_t bytes;
  bool read_only;
};
Census census();

}  // namespace ffi::plans
