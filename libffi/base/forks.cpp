// SPDX-License-Identifier: MIT
// Fork handlers, registered as pthread_atfork does. That function itself is an object which glibc links into every library that
// uses it; it has no landing pads, so the linker would take IBT and BTI away from the whole library.
#include "base/at_fork.h"

extern "C" int __register_atfork(void (*prepare)(), void (*parent)(), void (*child)(), void *library);

namespace ffi {

// The library is never unloaded (it is linked with -z nodelete), so the handlers need no owner that takes them along.
bool at_fork(void (*prepare)(), void (*parent)(), void (*child)()) {
  return __register_atfork(prepare, parent, child, nullptr) == 0;
}

}  // namespace ffi
