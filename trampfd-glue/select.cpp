// SPDX-License-Identifier: MIT
// The choice of policy and mode at first use, and the sealing of the page that holds it.
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bit>

#include "fficonfig.h"
#include "trampfd-glue/backends/kernel/backend.h"
#include "trampfd-glue/backends/legacy/backend.h"
#include "trampfd-glue/backends/table/backend.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/forks.h"
#include "trampfd-glue/map.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

constexpr const Operations *built_backends[] = {
#if FFI_MODE_KERNEL
    &operations<backends::Kernel>,
#endif
#if FFI_MODE_TABLE
    &operations<backends::Table>,
#endif
#if FFI_MODE_LEGACY
    &operations<backends::Legacy>,
#endif
};

constinit Lock choice;

// The environment narrows and never widens; in set-uid programs it says nothing.
[[nodiscard]] Policy choose_policy() {
  const auto built = Policy::FFI_CLOSURE_POLICY;
  const char *const asked = secure_getenv("FFI_CLOSURE_POLICY");
  if (asked == nullptr) return built;
  Policy wish = built;
  if (strcmp(asked, "strict") == 0) wish = Policy::strict;
  if (strcmp(asked, "aged") == 0) wish = Policy::aged;
  return wish < built ? wish : built;
}

[[nodiscard]] const char *name_of(Mode mode) {
  switch (mode) {
    case Mode::kernel: return "kernel";
    case Mode::table: return "table";
    case Mode::legacy: return "legacy";
    case Mode::fake: return "fake";
    case Mode::none: break;
  }
  return "none";
}

// FFI_TRAMPOLINE_MODE is a list of modes with commas.
[[nodiscard]] bool is_asked_for(Mode mode) {
  const char *list = secure_getenv("FFI_TRAMPOLINE_MODE");
  if (list == nullptr || *list == '\0' || mode == Mode::fake) return true;
  const char *const name = name_of(mode);
  const std::size_t length = strlen(name);
  for (;;) {
    const std::size_t word = strcspn(list, ",");
    if (word == length && memcmp(list, name, length) == 0) return true;
    if (list[word] == '\0') return false;
    list += word + 1;
  }
}

[[nodiscard]] bool is_permitted(Mode mode, Policy policy) {
  if (!is_asked_for(mode)) {
    note(mode, "be used: FFI_TRAMPOLINE_MODE does not name it", 0);
    return false;
  }
  if (mode == Mode::legacy && policy == Policy::strict) {
    note(mode, "be used under policy strict", 0);
    return false;
  }
  return true;
}

// Where getrandom has nothing to give (before 3.17, early in boot, in a sandbox) the kernel's 16
// bytes of the program's start are stretched: no worse than the stack protector's secret, which
// comes from the same place.
void make_key(Key *key) {
  if (sys::random(key, sizeof *key) == 0) return;
  std::uint64_t seed[2] = {0x243f6a8885a308d3, 0x13198a2e03707344};  // digits of pi
  if (const unsigned long at = getauxval(AT_RANDOM); at != 0) {
    memcpy(seed, reinterpret_cast<const void *>(at), sizeof seed);
  }
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  seed[0] += static_cast<std::uint64_t>(now.tv_nsec) << 32 ^ static_cast<std::uint64_t>(now.tv_sec);
  for (std::uintptr_t &word :
       key->word) {  // SplitMix64's step and finish (Steele, Lea, Flood, 2014)
    seed[0] += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = seed[0] ^ seed[1];
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    seed[1] += word = static_cast<std::uintptr_t>(mixed ^ mixed >> 31);
  }
}

[[nodiscard]] int open_state() {
  detail::StatePage &page = detail::state_page;
  return sys::protect(page.whole, sizeof page.whole, PROT_READ | PROT_WRITE);
}

[[nodiscard]] int close_state() {
  detail::StatePage &page = detail::state_page;
  return sys::protect(page.whole, sizeof page.whole, PROT_READ);
}

void protect_state(State *draft) {
  if (const int error = close_state(); error != 0) {
    note(draft->mode, "make the state page read-only", error);
    draft->read_only = false;
    return;
  }
  detail::StatePage &page = detail::state_page;
  if (const int error = sys::mseal(page.whole, sizeof page.whole); error != 0) {
    note(draft->mode, "seal the state page", error);
  } else {
    diary.sealed = 1;
  }
}

void choose(Span<const Operations *const> backends) {
  if (const int error = open_state(); error != 0) {
    note(Mode::none, "open the state page", error);
    return;
  }
  State *const draft = &detail::state_page.state;
  *draft = {};  // what a parent may have begun
  draft->page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  draft->slot_bits =
      static_cast<std::uint8_t>(std::countr_zero(draft->page_bytes / sizeof(Record)));
  draft->policy = choose_policy();
  make_key(&draft->key);
  for (const Operations *const backend : backends) {
    if (!is_permitted(backend->mode, draft->policy)) continue;
    draft->mode = backend->mode;
    if (backend->probe() != Status::ok) continue;
    draft->operations = backend;
    draft->counted_records = (backend->features & counted_records) != 0;
    draft->check_decides = draft->policy != Policy::open && !draft->counted_records;
    break;
  }
  if (draft->operations == nullptr) draft->mode = Mode::none;
  draft->read_only = true;  // said before it is, because it cannot be said afterwards
  __atomic_store_n(&draft->ready, 1, __ATOMIC_RELEASE);
  protect_state(draft);
}

}  // namespace

void start_with(Span<const Operations *const> backends) {
  if (!Forks<ForkCare>::are_locks_whole()) Forks<ForkCare>::make_locks_whole();
  const Holding held(choice);
  if (!started()) choose(backends);
  Forks<ForkCare>::set_at_work();
}

Lock &choice_lock() { return choice; }

void mend_choice() {
  // Half done, it is done again by whoever needs it.
  [[maybe_unused]] const int error = close_state();
}

void start() { start_with({built_backends, sizeof built_backends / sizeof *built_backends}); }

}  // namespace ffi::glue
