// SPDX-License-Identifier: MIT
// The fatal line. It goes out in one writev, so that lines of several threads do not mix.
#include "base/fatal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/uncancelled.h"

namespace ffi {

void fatal(const char *text) {
  const Uncancelled to_the_end;
  static const char prefix[] = "libffi: fatal: ";
  static const char newline[] = "\n";
  const iovec parts[] = {{const_cast<char *>(prefix), sizeof prefix - 1},
                         {const_cast<char *>(text), strlen(text)},
                         {const_cast<char *>(newline), 1}};
  // Nothing can be done about a failed write: the signal below is the message then.
  [[maybe_unused]] const auto written = writev(STDERR_FILENO, parts, 3);
  abort();
}

}  // namespace ffi
