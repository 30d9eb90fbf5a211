// SPDX-License-Identifier: MIT
// A record: where one trampoline goes, apart from the public closure, with a keyed check over all
// of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "arch/room.h"
#include "trampfd-glue/glue.h"

namespace ffi::glue {

// What a record's trampoline may do. Zeroed memory is a slot that goes nowhere.
enum class Life : std::uint8_t { empty, freed, bound };

struct Fields {
  Whole64 check;
  const void *plan;
  void *cif;
  void (*fun)();
  void *user_data;
  void *closure;          // the public ffi_closure
  std::uint32_t handler;  // index into the allowlist; the trampoline reads it
  std::uint32_t traits;   // Traits, packed: one store publishes them
};
struct alignas(arch::TableGeometry::record_bytes) Record : Fields {};
static_assert(sizeof(Record) == arch::TableGeometry::record_bytes);

// Record::traits. The version is odd while the record is being written.
struct Traits {
  Source source;
  Life life;
  std::uint16_t version;

  static constexpr Traits of(std::uint32_t packed) {
    return {static_cast<Source>(packed & 0xff), static_cast<Life>(packed >> 8 & 0xff),
            static_cast<std::uint16_t>(packed >> 16)};
  }
  constexpr std::uint32_t packed() const {
    return static_cast<std::uint32_t>(source) | static_cast<std::uint32_t>(life) << 8 |
           static_cast<std::uint32_t>(version) << 16;
  }
};

// The secret of the check: one word for each word it covers. Lives in the state page.
struct Key {
  std::uintptr_t word[8];
};

// The check over a record that stands at `where': a sum of products of (word + key word), twice as
// wide as a word and folded to 64 bits, the NH family of universal hashes (Black et al., UMAC,
// 1999). Whoever cannot read the key forges one with probability about 2^-64 (2^-32 on 32-bit
// machines) a try, and a failed try ends the process.
[[nodiscard]] inline std::uint64_t check_of(const Fields &record, const Record *where,
                                            const Key &key) {
#ifdef __SIZEOF_INT128__
  __extension__ using Wide = unsigned __int128;
#else
  using Wide = std::uint64_t;
#endif
  static_assert(sizeof(Wide) == 2 * sizeof(std::uintptr_t), "a product is whole");
  const auto word = [](auto *pointer) { return reinterpret_cast<std::uintptr_t>(pointer); };
  const auto product = [&key](int i, std::uintptr_t a, std::uintptr_t b) {
    return static_cast<Wide>(a + key.word[i]) * static_cast<std::uintptr_t>(b + key.word[i + 1]);
  };
  const Wide sum = product(0, word(record.plan), word(record.cif)) +
                   product(2, word(record.fun), word(record.user_data)) +
                   product(4, word(record.closure), record.handler) +
                   product(6, word(where), record.traits);
  if constexpr (sizeof(Wide) == sizeof(std::uint64_t)) return static_cast<std::uint64_t>(sum);
  return static_cast<std::uint64_t>(sum) ^ static_cast<std::uint64_t>(sum >> 32 >> 32);
}

// Copy a record that another thread may be writing. A torn copy fails its check; where the check
// word or the version counts the writes instead, these have to be read before the rest.
template <int order = __ATOMIC_RELAXED>
[[nodiscard]] inline Fields read_record(const Record *from) {
  Fields copy;
  copy.check = __atomic_load_n(&from->check, order);
  copy.traits = __atomic_load_n(&from->traits, order);
  copy.plan = __atomic_load_n(&from->plan, __ATOMIC_RELAXED);
  copy.cif = __atomic_load_n(&from->cif, __ATOMIC_RELAXED);
  copy.fun = __atomic_load_n(&from->fun, __ATOMIC_RELAXED);
  copy.user_data = __atomic_load_n(&from->user_data, __ATOMIC_RELAXED);
  copy.closure = __atomic_load_n(&from->closure, __ATOMIC_RELAXED);
  copy.handler = __atomic_load_n(&from->handler, __ATOMIC_RELAXED);
  return copy;
}

// Write a record in writable memory. `value' needs no check and no version: both are made here.
[[gnu::always_inline]] inline void write_record(Record *at, const Fields &value, const Key &key) {
  Traits traits = Traits::of(value.traits);
  const auto version = static_cast<std::uint16_t>(Traits::of(at->traits).version & 0xfffe);
  traits.version = static_cast<std::uint16_t>(version + 1);
  __atomic_store_n(&at->traits, traits.packed(), __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  traits.version = static_cast<std::uint16_t>(version + 2);
  Fields next = value;
  next.traits = traits.packed();
  const std::uint64_t check = traits.life == Life::bound ? check_of(next, at, key) : 0;
  __atomic_store_n(&at->check, check, __ATOMIC_RELAXED);
  __atomic_store_n(&at->plan, next.plan, __ATOMIC_RELAXED);
  __atomic_store_n(&at->cif, next.cif, __ATOMIC_RELAXED);
  __atomic_store_n(&at->fun, next.fun, __ATOMIC_RELAXED);
  __atomic_store_n(&at->user_data, next.user_data, __ATOMIC_RELAXED);
  __atomic_store_n(&at->closure, next.closure, __ATOMIC_RELAXED);
  __atomic_store_n(&at->handler, next.handler, __ATOMIC_RELAXED);
  __atomic_store_n(&at->traits, next.traits, __ATOMIC_RELEASE);
}

// Where every trampoline ends that may go nowhere, reached through entry 0 of the allowlist: says
// why, and aborts.
extern "C" [[noreturn]] void ffi_closure_trap(const Record *record);

}  // namespace ffi::glue
