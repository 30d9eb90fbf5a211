// SPDX-License-Identifier: MIT
// The state page: which mode and policy are in force, and the key. Read-only but while the first
// closure that is asked for has them chosen.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/span.h"
#include "trampfd-glue/backend.h"
#include "trampfd-glue/forks.h"
#include "trampfd-glue/record.h"

namespace ffi::glue {

// From the narrowest to the widest; README.md says what each stops.
enum class Policy : std::uint8_t { strict = 1, aged = 2, open = 3 };

struct State {
  std::uint32_t ready;  // written last
  Policy policy;
  Mode mode;
  bool counted_records;    // of the mode's features, for the call path
  bool check_decides;      // a valid check word is all that a call needs to see
  bool read_only;          // the page's own protection
  std::uint8_t slot_bits;  // 1 << slot_bits records share a page
  const Operations *operations;  // nullptr: no mode can serve
  std::size_t page_bytes;
  Key key;
};

namespace detail {
union alignas(arch::TableGeometry::page_bytes) StatePage {
  State state;
  unsigned char whole[arch::TableGeometry::page_bytes];
};
extern StatePage state_page;
}  // namespace detail

// All zero until start() has returned.
[[nodiscard]] inline const State &state() { return detail::state_page.state; }

[[nodiscard]] inline bool started() {
  return __atomic_load_n(&state().ready, __ATOMIC_ACQUIRE) != 0;
}

// Likewise, and locks can be taken: false in a forked child until it has called start() too.
[[nodiscard]] inline bool at_work() { return Forks<ForkCare>::is_at_work(); }

// Held while they are chosen, before all other locks of the glue; and the page closed again in a child
// forked before that was done.
[[nodiscard]] Lock &choice_lock();
void mend_choice();

// Choose policy and mode, once: the first backend of the list that the build, the environment and
// the system allow.
void start();
void start_with(Span<const Operations *const> backends);

// Whether there may be closures, of this process or of one that it was forked from.
[[nodiscard]] inline bool has_closures() {
  if (at_work()) [[likely]]
    return true;
  if (!started()) return false;
  start();
  return true;
}

}  // namespace ffi::glue
