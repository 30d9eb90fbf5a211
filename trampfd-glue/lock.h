// SPDX-License-Identifier: MIT
// A lock of one word for sections that are short: no system call when it is free, sleep instead of
// spinning when it is not.
#pragma once

#include <sched.h>
#include <time.h>

#include <cstdint>

namespace ffi::glue {

class Lock {
 public:
  void acquire() {
    if (__atomic_exchange_n(&held_, 1, __ATOMIC_ACQUIRE) != 0) [[unlikely]]
      wait();
  }
  void release() { __atomic_store_n(&held_, 0, __ATOMIC_RELEASE); }

 private:
  // Sleeping, not only yielding: a waiter with a real-time priority would keep the holder off the
  // processor for ever.
  [[gnu::noinline, gnu::cold]] void wait() {
    unsigned turns = 0;
    do {
      while (__atomic_load_n(&held_, __ATOMIC_RELAXED) != 0) {
        ++turns;
        if (turns < 64) continue;
        if (turns < 128) {
          sched_yield();
        } else {
          const timespec moment = {0, 50000};
          nanosleep(&moment, nullptr);
        }
      }
    } while (__atomic_exchange_n(&held_, 1, __ATOMIC_ACQUIRE) != 0);
  }

  std::uint32_t held_ = 0;
};

class Holding {
 public:
  explicit Holding(Lock &lock) : lock_(lock) { lock_.acquire(); }
  ~Holding() { lock_.release(); }
  Holding(const Holding &) = delete;
  Holding &operator=(const Holding &) = delete;

 private:
  Lock &lock_;
};

}  // namespace ffi::glue
