// SPDX-License-Identifier: MIT
// The fake backend, for tests: no code at all, and records that only store() can write, as in
// kernel mode.
#pragma once

#include "trampfd-glue/backend.h"

namespace ffi::glue::backends {

struct Fake {
  static constexpr Mode mode = Mode::fake;
  static constexpr std::uint32_t features = own_records;
  static Status probe();
  static Status map_table(unsigned char *base);
  static int open(void *page, std::size_t bytes);
  static int seal(void *page, std::size_t bytes);
  static int store(Record *record, const Fields &value);
  static int discard(void *page, std::size_t bytes);

  // What a trampoline would do: the record, and in *handler which handler it would reach.
  static const Record *jump(const void *code, std::uint32_t *handler);

  // What the next calls answer, and how many were made.
  struct Script {
    bool refuse_probe, refuse_tables, refuse_stores;
    unsigned tables, stores, discards, opens;
  };
  static Script script;
};
static_assert(Backend<Fake>);

}  // namespace ffi::glue::backends
