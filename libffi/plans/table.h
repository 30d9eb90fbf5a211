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
inline constexpr std::uint32_t short_entries = 256;

// A short signature, whole in one word: see ShortWord in plans/prepare.h.
struct ShortEntry {
  Whole64 word;  // 0: empty
  Ticket ticket;
  std::uint32_t stack_bytes;
};

// A shape and its plan: a Node, the key's words, the Plan.
struct Node {
  const Node *next;
  std::uint64_t digest;
  std::size_t key_bytes;

  std::uint64_t *key() { return reinterpret_cast<std::uint64_t *>(this + 1); }
  const std::uint64_t *key() const { return reinterpret_cast<const std::uint64_t *>(this + 1); }
  const Plan *plan() const {
    return reinterpret_cast<const Plan *>(reinterpret_cast<const unsigned char *>(key()) + key_bytes);
  }
};
static_assert(sizeof(Node) % alignof(std::uint64_t) == 0);

// Plans come in chunks: the first stands behind the table, so that one change of protection opens both.
inline constexpr std::size_t chunk_bytes = 65536;  // a multiple of every page size
static_assert(chunk_bytes % target::largest_page == 0);

// All that readers follow. Alone on its pages, so that these can be made read-only; untouched pages cost nothing.
struct alignas(target::largest_page) Root {
  ShortEntry shorts[short_entries];
  const Node *heads[buckets];          // of the chains
  const Plan *plans[most_plans + 1];   // by the index in their ticket; null where there is none
  std::uint32_t count;
  std::uint32_t chunks;                // mapped beyond the first
  unsigned char *next;                 // where the next node goes, in the newest chunk; null before the first
  std::size_t left;                    // bytes of that chunk behind it
  alignas(target::largest_page) unsigned char first_chunk[chunk_bytes];
};
extern Root root __attribute__((visibility("hidden")));

// Whether the table is ours: until its first plan anybody could have written there. Stands apart, where nobody could.
struct alignas(target::largest_page) Beginning {
  bool begun;
};
extern Beginning beginning __attribute__((visibility("hidden")));
inline bool has_begun() { return __atomic_load_n(&beginning.begun, __ATOMIC_ACQUIRE); }

// The plan that a ticket names if it is one: compare the plan's own. Null when there is none.
inline const Plan *candidate(Ticket ticket) {
  return __atomic_load_n(&root.plans[ticket & most_plans], __ATOMIC_ACQUIRE);
}

// The entry in which a short signature stands if it stands anywhere; compare the word.
inline const ShortEntry &short_entry(std::uint64_t word) {
  return root.shorts[(word * 0x9e3779b97f4a7c15u) >> 56];
}
static_assert(short_entries == 1u << 8);

// The plan of an interned shape, or null.
inline const Plan *find(const Key &key, std::uint64_t digest) {
  if (!has_begun()) [[unlikely]] return nullptr;
  const Node *node = __atomic_load_n(&root.heads[digest % buckets], __ATOMIC_ACQUIRE);
  for (; node != nullptr; node = node->next) {
    if (node->digest == digest && node->key_bytes == key.size() && key.equals(node->key())) return node->plan();
  }
  return nullptr;
}

// Add a plan for a shape (found already interned when another thread was faster). short_word is 0 or the whole signature. 0: the
// table is full, or memory or a change of protection was refused; callers then compile for each call.
Ticket add(const Key &key, std::uint64_t digest, std::uint64_t short_word, const Plan &plan);

// For ffi-doctor: plans held, bytes they take, and whether the pages are read-only.
struct Census {
  std::uint32_t plans;
  std::uint32_t refused;  // times that one could not be kept
  std::size_t bytes;
  bool read_only;
};
Census census();

}  // namespace ffi::plans
