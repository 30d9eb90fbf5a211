// SPDX-License-Identifier: MIT
// The Backend concept: what a source of trampolines provides. Documented here and nowhere else.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "trampfd-glue/record.h"

namespace ffi::glue {

// In the order of preference; a lower one is chosen only when those above it were refused.
enum class Mode : std::uint8_t { none, kernel, table, legacy, fake };

enum Feature : std::uint32_t {
  builtin_table = 1,   // the library's own table serves the first closures
  memory_records = 2,  // records are in memory of the process: opened, written and sealed here
  counted_records = 8,  // what writes them counts its writes in the check word: odd while it writes
  own_records = 4,     // store() writes a record wherever it is; open() and seal() are not called
};

// A backend is a type without objects:
//
//   mode, features
//       What it is.
//   probe()
//       Can it serve this process? Called once, at the first use, before any table. Leaves the
//       process as it was when the answer is no, and notes in the diary each thing that was
//       refused, with its errno.
//   map_table(base)
//       Make a table at `base', in reserved address space of layout::stride bytes: code that
//       cannot be written, the allowlist's address before it, records after it, all zero, and
//       writable if they are memory_records, but not under policy strict. On failure nothing of it can be reached and the space
//       can be used again. Called under the pool's lock, at any time in the life of the process:
//       after a chroot, in a sandbox, without /proc.
//   open(page, bytes), seal(page, bytes)
//       Make pages of records writable, or read-only: 0 or errno. No byte changes.
//   store(record, value)
//       Write one record so that a call that runs meanwhile sees the old or the new one whole; 0 or
//       errno.
//   discard(page, bytes)
//       Zero pages of records that no closure uses, and give their memory back: 0 or errno.
//
// Whatever a backend does, a trampoline at base + layout::code_at + i * slot_bytes jumps with
// record i's address to the handler that the record names, or to handler 0.
template <typename B>
concept Backend = requires(unsigned char *base, void *page, std::size_t bytes, Record *record,
                           const Fields &value) {
  { B::mode } -> std::convertible_to<Mode>;
  { B::features } -> std::convertible_to<std::uint32_t>;
  { B::probe() } -> std::same_as<Status>;
  { B::map_table(base) } -> std::same_as<Status>;
  { B::open(page, bytes) } -> std::same_as<int>;
  { B::seal(page, bytes) } -> std::same_as<int>;
  { B::store(record, value) } -> std::same_as<int>;
  { B::discard(page, bytes) } -> std::same_as<int>;
};

// A backend as data, for the state page. The one place where a backend is called through a pointer:
// all of them stand in read-only memory.
struct Operations {
  Mode mode;
  std::uint32_t features;
  Status (*probe)();
  Status (*map_table)(unsigned char *base);
  int (*open)(void *page, std::size_t bytes);
  int (*seal)(void *page, std::size_t bytes);
  int (*store)(Record *record, const Fields &value);
  int (*discard)(void *page, std::size_t bytes);
};

template <Backend B>
inline constexpr Operations operations = {B::mode, B::features, B::probe, B::map_table,
                                          B::open, B::seal,     B::store, B::discard};

}  // namespace ffi::glue
