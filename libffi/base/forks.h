// SPDX-License-Identifier: MIT
// Locks and forks. A child has one thread and the memory of all: locks that none of its threads
// will release, and behind them work that was half done.
//
// Handlers hold a module's locks across a fork. But they do not run for every fork: not for one
// that had begun when they were registered, not for _Fork() and the bare system call, and not for a
// copy of the library in another of the loader's namespaces. So each module has a mark, on a page
// that the kernel wipes in children. Who takes a lock sees to it first that the mark is set.
#pragma once

#include <cstdint>

#include "base/lock.h"
#include "base/target.h"

namespace ffi {

// Who has locks.
enum class Module : unsigned { plans, glue };

namespace detail {
enum Whole : std::uint32_t { unknown, whole, at_work };
struct ForkMark {
  std::uint32_t set;  // a Whole
  Lock setting;
};
struct alignas(target::largest_page) ForkMarks {
  ForkMark of[2];
};
extern ForkMarks fork_marks;
[[nodiscard]] inline ForkMark &fork_mark(Module module) {
  return fork_marks.of[static_cast<unsigned>(module)];
}

struct ForkHandlers {
  void (*before)(), (*after_in_parent)(), (*after_in_child)();
};
void set_fork_mark(Module module, const ForkHandlers &handlers, void (*mend)());
}  // namespace detail

// What a module does about forks is a type without objects:
//
//   module
//       Which it is.
//   locks(use, turns)
//       Calls use(lock, turns) with each lock, in the order in which they are taken.
//   mend()
//       In a child: frees the locks that are stuck, and completes or undoes what they protected.
//       Nobody is inside the module but, perhaps, the function that a forking signal handler
//       interrupted in this thread; its locks are not stuck.
using LockUse = void (*)(Lock &lock, unsigned *turns);
template <typename Care>
class Forks {
 public:
  // Each lock of the module is free, or somebody will release it.
  [[nodiscard]] static bool are_locks_whole() {
    return __atomic_load_n(&mark().set, __ATOMIC_ACQUIRE) != detail::unknown;
  }
  // Make it so.
  static void make_locks_whole() {
    detail::set_fork_mark(Care::module, {before, after_in_parent, after_in_child}, Care::mend);
  }

  // Likewise, and the module has said that it has done whatever else comes first in a process.
  [[nodiscard]] static bool is_at_work() {
    return __atomic_load_n(&mark().set, __ATOMIC_ACQUIRE) == detail::at_work;
  }
  static void set_at_work() { __atomic_store_n(&mark().set, detail::at_work, __ATOMIC_RELEASE); }

 private:
  [[nodiscard]] static detail::ForkMark &mark() { return detail::fork_mark(Care::module); }

  static void before() {
    if (mark().setting.is_mine()) return;
    if (!are_locks_whole()) make_locks_whole();
    unsigned turns = 20000;  // a second
    mark().setting.acquire_for_fork(&turns);
    Care::locks([](Lock &lock, unsigned *left) { lock.acquire_for_fork(left); }, &turns);
  }
  static void after_in_parent() {
    Care::locks([](Lock &lock, unsigned *) { lock.release_after_fork(); }, nullptr);
    mark().setting.release_after_fork();
  }
  static void after_in_child() {
    after_in_parent();
    __atomic_store_n(&mark().set, detail::unknown, __ATOMIC_RELEASE);
  }
};

// Holds a lock of a module for as long as it lives. While it waits a signal handler may fork, and the
// child wait for nobody.
template <typename Care>
class Guard {
 public:
  explicit Guard(Lock &lock) : lock_(lock) {
    if (!lock.try_acquire()) [[unlikely]]
      wait();
  }
  ~Guard() { lock_.release(); }
  Guard(const Guard &) = delete;
  Guard &operator=(const Guard &) = delete;

 private:
  [[gnu::noinline, gnu::cold]] void wait() {
    unsigned turns;
    do {
      if (!Forks<Care>::are_locks_whole()) Forks<Care>::make_locks_whole();
      turns = 200;
    } while (!lock_.acquire_within(&turns));
  }

  Lock &lock_;
};

}  // namespace ffi
