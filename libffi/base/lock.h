// SPDX-License-Identifier: MIT
// A lock for sections that are short: no system call when it is free, sleep instead of spinning when
// it is not. It names its holder, so that a forked child can tell what none of its threads will
// release.
#pragma once

#include <cstdint>

namespace ffi {

namespace detail {
extern constinit thread_local unsigned char thread_anchor;
}

// The calling thread: another number in every thread that lives, never 0, and in a forked child
// still that of the thread that forked.
[[nodiscard]] inline std::uintptr_t this_thread() {
  return reinterpret_cast<std::uintptr_t>(&detail::thread_anchor);
}

// 50 microseconds, for who waits for another thread.
void sleep_a_moment();

class Lock {
 public:
  [[nodiscard]] bool try_acquire() {
    if (__atomic_exchange_n(&held_, 1, __ATOMIC_ACQUIRE) != 0) return false;
    __atomic_store_n(&holder_, this_thread(), __ATOMIC_RELAXED);
    return true;
  }
  void release() {
    __atomic_store_n(&holder_, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&held_, 0, __ATOMIC_RELEASE);
  }

  // Tries, and waits, at most so many times; takes of `turns' what it needs of them.
  [[nodiscard]] bool acquire_within(unsigned *turns);

  // For a signal handler that interrupted the holder, but not at the instruction before or after.
  [[nodiscard]] bool is_mine() const {
    return __atomic_load_n(&holder_, __ATOMIC_RELAXED) == this_thread();
  }

  // Around a fork. A signal handler that forks may have interrupted a holder of locks, and two of
  // them would wait for each other for ever: a lock that is not had in time stays with its holder.
  void acquire_for_fork(unsigned *turns);
  void release_after_fork();

  // In a child: held by a thread that the child does not have.
  [[nodiscard]] bool is_stuck() const { return is_held() && !is_mine(); }
  void free_stuck();

 private:
  [[nodiscard]] bool is_held() const { return __atomic_load_n(&held_, __ATOMIC_RELAXED) != 0; }

  std::uintptr_t holder_ = 0;
  std::uint32_t held_ = 0;
  bool for_fork_ = false;
};

}  // namespace ffi
