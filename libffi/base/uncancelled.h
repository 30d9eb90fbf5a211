// SPDX-License-Identifier: MIT
// Sections in which pthread_cancel() has to wait. Many functions of the C library end the thread that
// calls them if it was cancelled before; behind a lock, or halfway to abort(), it must go on.
#pragma once

#include <pthread.h>

namespace ffi {

class Uncancelled {
 public:
  Uncancelled() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~Uncancelled() { pthread_setcancelstate(before_, nullptr); }
  Uncancelled(const Uncancelled &) = delete;
  Uncancelled &operator=(const Uncancelled &) = delete;

 private:
  int before_;
};

}  // namespace ffi
