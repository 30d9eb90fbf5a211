// SPDX-License-Identifier: MIT
// What the rest of the library asks of the glue: a closure with a trampoline, its binding, and its
// end.
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "trampfd-glue/cache.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/glue.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

constexpr const char not_a_closure[] =
    "closure freed twice or never allocated by ffi_closure_alloc";
constexpr const char overwritten[] = "the record of a closure was overwritten";

// A closure's first word: where its trampoline is, while it has one.
[[nodiscard]] void *first_word(const void *closure) {
  void *word;
  memcpy(&word, closure, sizeof word);
  return word;
}

[[nodiscard]] bool belongs_to(const Slot &slot, const void *closure) {
  return __atomic_load_n(slot.closure, __ATOMIC_ACQUIRE) == closure;
}

// The slot that this closure has. A large one says itself where its slot is.
[[nodiscard]] bool find_closure(const void *closure, Slot *slot) {
  return (find_cell(closure, slot) || find(first_word(closure), slot)) &&
         belongs_to(*slot, closure);
}

// The closure decides, not the code address: some callers pass another name of the closure for it.
[[nodiscard]] bool find_slot(const void *closure, const void *code, Slot *slot) {
  if (find(code, slot)) {
    if (!belongs_to(*slot, closure)) fatal("closure prepared with the code address of another one");
    return true;
  }
  return find_closure(closure, slot);
}

[[nodiscard]] Lock &lock_of(const Slot &slot) {
  Cache *const owner = __atomic_load_n(&slot.page->owner, __ATOMIC_RELAXED);
  if (owner == nullptr) fatal(not_a_closure);
  return owner->lock;
}

[[nodiscard]] bool is_bound(const Fields &record) {
  return Traits::of(record.traits).life == Life::bound;
}

// A record names the closure that has its slot, or none. Caught here, one that was overwritten does
// no harm; what else it says is about to be replaced and is not looked at.
void check_record(const Slot &slot, const void *closure) {
  const Record &record = *slot.record;
  if (is_bound(record) ? record.closure != closure : record.handler != arch::trap_handler)
    fatal(overwritten);
}

// Under the owner's lock. The new content of a record, and its page protected again as policy says.
[[nodiscard, gnu::always_inline]] inline int replace(const Slot &slot, const Fields &value) {
  if (state().operations->features & own_records) [[unlikely]] {
    const Fields copy = value;  // so that the other way needs none in memory
    return state().operations->store(slot.record, copy);
  }
  Cache *const owner = slot.page->owner;
  const bool was_young = slot.page->young;
  if (const int error = open_page(owner, slot.page); error != 0) return error;
  write_record(slot.record, value, state().key);
  // What is freed as soon as it was made does not even ask what time it is.
  if (Traits::of(value.traits).life == Life::bound || !was_young) settle(owner, slot.page);
  return 0;
}

[[nodiscard, gnu::always_inline]] inline Status bind_slot(const Slot &slot, void *closure,
                                                          const Binding &binding) {
  const Traits traits = {binding.source, Life::bound, 0};
  const Fields record = {0,       binding.plan,    binding.cif,    binding.fun, binding.user_data,
                         closure, binding.handler, traits.packed()};
  const Holding held(lock_of(slot));
  if (!belongs_to(slot, closure)) fatal(not_a_closure);
  check_record(slot, closure);
  return replace(slot, record) == 0 ? Status::ok : Status::no_memory;
}

// A signal handler of this thread that calls a closure while it is bound anew would wait for the
// writer it interrupted.
[[nodiscard, gnu::noinline]] Status bind_again(const Slot &slot, void *closure,
                                               const Binding &binding) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const Status status = bind_slot(slot, closure, binding);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return status;
}

}  // namespace

void *allocate(std::size_t size, void **code) {
  if (!at_work()) start();
  if (state().operations == nullptr) return nullptr;
  Cache *const cache = own_cache();
  void *large = nullptr;
  if (size > layout::cell_bytes) {
    large = malloc(size);
    if (large == nullptr) return nullptr;
  }
  void *closure = nullptr;
  Slot slot;
  bool taken;
  {
    const Holding held(cache->lock);
    taken = take_slot(cache, &slot);
    if (taken) {
      // A slot given away twice would bind a closure that somebody else holds.
      if (*slot.closure != nullptr || is_bound(*slot.record)) overwritten_bookkeeping();
      closure = large != nullptr ? large : slot.cell;
      __atomic_store_n(slot.closure, closure, __ATOMIC_RELEASE);
      ++cache->allocated;
    }
  }
  if (!taken) {
    free(large);
    return nullptr;
  }
  *code = slot.code;
  memcpy(closure, &slot.code, sizeof slot.code);
  return closure;
}

void release(void *closure) {
  if (closure == nullptr) return;
  Slot slot;
  if (!has_closures() || !find_closure(closure, &slot)) fatal(not_a_closure);
  {
    const Holding held(lock_of(slot));
    if (!belongs_to(slot, closure)) fatal(not_a_closure);
    check_record(slot, closure);
    if (is_bound(*slot.record)) {
      constexpr Traits gone = {Source::pointers, Life::freed, 0};
      const Fields freed = {
          0, nullptr, nullptr, nullptr, nullptr, nullptr, arch::trap_handler, gone.packed()};
      // A record that cannot be made to trap, in a sandbox that refuses mprotect, keeps its
      // closure: lost memory, but no trampoline to something that is gone.
      if (replace(slot, freed) != 0) return;
    }
    Cache *const owner = slot.page->owner;
    __atomic_store_n(slot.closure, nullptr, __ATOMIC_RELEASE);
    ++owner->released;
    rest_slot(owner, slot.id);
  }
  if (closure != slot.cell) free(closure);
}

Status bind(void *closure, void *code, const Binding &binding) {
  Slot slot;
  if (!has_closures() || !find_slot(closure, code, &slot)) return Status::not_ours;
  if (binding.handler == arch::trap_handler ||
      binding.handler >= arch::TableGeometry::record_handlers) {
    fatal("a closure was bound to a handler that takes no record");
  }
  if (is_bound(*slot.record)) [[unlikely]] {
    const Slot bound = slot;  // whose address may be known, unlike that of the other
    return bind_again(bound, closure, binding);
  }
  return bind_slot(slot, closure, binding);
}

void note_caller_memory() { count(diary.caller_memory); }
void note_unplanned() { count(diary.unplanned); }

}  // namespace ffi::glue
