// SPDX-License-Identifier: MIT
// The marks, and the registration of handlers as pthread_atfork does it. That function itself is an
// object which glibc links into every library that uses it; it has no landing pads, so the linker
// would take IBT and BTI away from the whole library.
#include "base/forks.h"

#include <sys/mman.h>

// For C libraries whose headers are older.
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

extern "C" int __register_atfork(void (*prepare)(), void (*parent)(), void (*child)(), void *library);

namespace ffi::detail {

constinit ForkMarks fork_marks = {};

namespace {
constinit bool registered[sizeof fork_marks.of / sizeof *fork_marks.of] = {};
}

void set_fork_mark(Module module, const ForkHandlers &handlers, void (*mend)()) {
  ForkMark &mark = fork_mark(module);
  // Kernels before 4.14, which refuse, leave it to the handlers, and so do emulators that only say
  // that they have done it.
  madvise(&fork_marks, sizeof fork_marks, MADV_WIPEONFORK);
  // Under no lock: where the C library holds one of its own while handlers run, one of somebody
  // else's may be waiting for ours. The library is never unloaded (it is linked with -z nodelete),
  // so the handlers need no owner that takes them along.
  bool &done = registered[static_cast<unsigned>(module)];
  if (!__atomic_exchange_n(&done, true, __ATOMIC_RELAXED) &&
      __register_atfork(handlers.before, handlers.after_in_parent, handlers.after_in_child,
                        nullptr) != 0) {
    __atomic_store_n(&done, false, __ATOMIC_RELAXED);
  }
  // Wiped too, this lock is free in a child.
  for (unsigned turns = 1; !mark.setting.acquire_within(&turns); turns = 1000) {
  }
  if (__atomic_load_n(&mark.set, __ATOMIC_RELAXED) == unknown) {  // another thread may be at work
    mend();
    __atomic_store_n(&mark.set, whole, __ATOMIC_RELEASE);
  }
  mark.setting.release();
}

}  // namespace ffi::detail
