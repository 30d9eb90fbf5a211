// SPDX-License-Identifier: MIT
// Records: writing one so that a running call sees the old or the new one whole, and the call
// path's check.
#include "trampfd-glue/record.h"

#include <ffi.h>
#include <sched.h>
#include <time.h>

#include "base/fatal.h"
#include "base/lock.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

// For how long a call waits for a record to be whole before it takes the writer for dead: seconds.
// A writer needs nanoseconds, but it can lose the processor while it writes.
constexpr std::int64_t patience = 3;

[[nodiscard]] std::int64_t seconds() {
  timespec now;
  return clock_gettime(CLOCK_MONOTONIC_COARSE, &now) == 0 ? std::int64_t{now.tv_sec} : 0;
}

[[nodiscard]] Binding binding_of(const Fields &record) {
  return {record.plan,      record.cif,     record.fun,
          record.user_data, record.handler, Traits::of(record.traits).source};
}

// Policy `open': what the public closure says now. The compiled plan holds for the cif it was made
// from alone.
template <typename Closure>
[[nodiscard]] Binding public_binding(const Fields &record) {
  const auto *const closure = static_cast<const Closure *>(record.closure);
  Binding binding = binding_of(record);
  binding.fun = reinterpret_cast<void (*)()>(closure->fun);
  binding.user_data = closure->user_data;
  if (closure->cif != record.cif) {
    binding.cif = closure->cif;
    binding.plan = nullptr;
  }
  return binding;
}

[[nodiscard]] Binding open_binding(const Fields &record) {
  switch (Traits::of(record.traits).source) {
    case Source::raw: return public_binding<ffi_raw_closure>(record);
    case Source::java_raw: return public_binding<ffi_java_raw_closure>(record);
    case Source::pointers: break;
  }
  return public_binding<ffi_closure>(record);
}

// What each write changes. Where somebody else writes the records, the check word counts the writes.
[[nodiscard]] std::uint64_t stamp_of(const Fields &copy) {
  return state().counted_records ? std::uint64_t{copy.check} : copy.traits;
}

[[nodiscard]] bool is_being_written(const Fields &copy) {
  return (state().counted_records ? copy.check : Traits::of(copy.traits).version) & 1;
}

[[nodiscard]] bool count_is_still(const Fields &copy, const Record *record) {
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  return __atomic_load_n(&record->check, __ATOMIC_RELAXED) == copy.check;
}

[[nodiscard]] bool whole(const Fields &copy, const Record *record) {
  if (Traits::of(copy.traits).life != Life::bound || is_being_written(copy)) return false;
  if (state().counted_records) return count_is_still(copy, record);
  if (state().policy != Policy::open) return copy.check == check_of(copy, record, state().key);
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  return __atomic_load_n(&record->traits, __ATOMIC_RELAXED) == copy.traits;
}

// The copy was torn by a writer, the slot was freed, or somebody changed the record.
[[gnu::noinline, gnu::cold]] Fields read_again(const Record *record) {
  std::uint64_t settled = 0;
  const std::int64_t until = seconds() + patience;
  for (unsigned looks = 0; looks < 1000 || seconds() <= until; ++looks) {
    const Fields copy = read_record<__ATOMIC_ACQUIRE>(record);
    if (whole(copy, record)) return copy;
    // Twice the same stamp, of nobody who is writing, and not whole: no writer explains that.
    const bool writing = is_being_written(copy);
    if (!writing && looks != 0 && settled == stamp_of(copy)) break;
    settled = writing ? ~stamp_of(copy) : stamp_of(copy);
    if (looks < 100) {
      sched_yield();
    } else {
      sleep_a_moment();
    }
  }
  ffi_closure_trap(record);
}

[[nodiscard, gnu::noinline]] Binding enter_with_care(const Record *record) {
  Fields copy = read_record<__ATOMIC_ACQUIRE>(record);
  if (!whole(copy, record)) [[unlikely]]
    copy = read_again(record);
  return state().policy == Policy::open ? open_binding(copy) : binding_of(copy);
}

}  // namespace

// A valid check word says all there is to say: that the record is bound, and that no writer tore
// it. So does an even count that stays, of records that nobody else can write. The rest of the work
// is for what has neither.
Binding enter(const Record *record) {
  if (state().check_decides) [[likely]] {
    const Fields copy = read_record(record);
    if (copy.check == check_of(copy, record, state().key)) [[likely]]
      return binding_of(copy);
  } else if (state().counted_records) {
    const Fields copy = read_record<__ATOMIC_ACQUIRE>(record);
    if (Traits::of(copy.traits).life == Life::bound && (copy.check & 1) == 0 &&
        count_is_still(copy, record)) [[likely]]
      return binding_of(copy);
  }
  return enter_with_care(record);
}

extern "C" void ffi_closure_trap(const Record *record) {
  const Fields copy = read_record(record);
  if (Traits::of(copy.traits).life == Life::bound || copy.handler != 0) {
    fatal("the record of a closure was overwritten");
  }
  if (is_allocated(record)) fatal("closure called before it was prepared");
  fatal("freed closure called");
}

}  // namespace ffi::glue
