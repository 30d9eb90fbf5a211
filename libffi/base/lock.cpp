// SPDX-License-Identifier: MIT
// Waiting for a lock, and holding it across a fork.
#include "base/lock.h"

#include <sched.h>
#include <time.h>

#include "base/fatal.h"
#include "base/uncancelled.h"

namespace ffi {

constinit thread_local unsigned char detail::thread_anchor = 0;

namespace {

// Sleeping, not only yielding: a waiter with a real-time priority would keep the holder off the
// processor for ever.
void wait_a_moment(unsigned turn) {
  if (turn < 64) return;
  if (turn < 128) {
    sched_yield();
  } else {
    sleep_a_moment();
  }
}

}  // namespace

void sleep_a_moment() {
  const Uncancelled behind_a_lock;
  const timespec moment = {0, 50000};
  nanosleep(&moment, nullptr);
}

bool Lock::acquire_within(unsigned *turns) {
  for (unsigned turn = 0;; ++turn) {
    if (!is_held() && try_acquire()) return true;
    if (is_mine()) fatal("a signal handler makes or frees closures inside a function that does");
    if (*turns == 0) return false;
    --*turns;
    wait_a_moment(turn);
  }
}

void Lock::acquire_for_fork(unsigned *turns) {
  if (!is_mine()) for_fork_ = acquire_within(turns);
}

void Lock::release_after_fork() {
  if (!is_mine() || !for_fork_) return;
  for_fork_ = false;
  release();
}

void Lock::free_stuck() {
  if (!is_stuck()) return;
  for_fork_ = false;
  release();
}

}  // namespace ffi
