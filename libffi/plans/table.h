// SPDX-License-Identifier: MIT
// The intern table: one plan for each shape of signature, for the life of the process.
//
// Plans and the table that finds them lie in pages that are read-only but for the moment in which a plan is added, so a
// stray or hostile write cannot change how a call reads memory. Readers take no lock.
#pragma once

#include "abi/plan.h"
#include "base/target.h"
#include "plans/key.h"

namespace ffi::plans {

// Names a plan in a cif's `flags': 0 names none. The upper bits repeat part of the shape's digest, so that a number that
// comes from elsewhere is noticed.
using Ticket = std::uint32_t;

inline constexpr unsigned index_bits = 15;
inline constexpr std::uint32_t most_plans = (1u << index_bits) - 1;
inline constexpr std::uint32_t buckets = 1024;

struct Node;

// All that readers follow. Alone on its pages, so that these can be made read-only; untouched pages cost nothing.
struct alignas(target::largest_page) Root {
  std::uint32_t heads[buckets];        // the first index of each hash chain
  const Plan *plans[most_plans + 1];   // by the index in their ticket; null where there is none
  const Node *nodes[most_plans + 1];   // the same, with what the table alone needs
  std::uint32_t count;
  unsigned char *chunk;                // where the next node goes
  std::size_t chunk_left;
  std::size_t bytes;
};
extern Root root __attribute__((visibility("hidden")));

// The plan a ticket names, or null.
inline const Plan *find(Ticket ticket) {
  const Plan *const plan = __atomic_load_n(&root.plans[ticket & most_plans], __ATOMIC_ACQUIRE);
  return plan != nullptr && plan->ticket == ticket ? plan : nullptr;
}

// The plan of an interned shape, or null.
const Plan *find(const Key &key, std::uint64_t digest);

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
