// SPDX-License-Identifier: MIT
// The fatal line: its text, its signal, and that it works where little else does.
#include "base/fatal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "testsuite/unit/main/helpers/child.h"

namespace ffi {
namespace {

TEST(Fatal, WritesOneLineAndAborts) {
  const test::ChildEnd end = test::in_child([]() -> int { fatal("the text"); });
  EXPECT_EQ(end.signal, SIGABRT);
  EXPECT_EQ(end.errors, "libffi: fatal: the text\n");
}

TEST(Fatal, NeedsNoMemory) {
  const test::ChildEnd end = test::in_child([]() -> int {
    const rlimit none = {0, 0};
    setrlimit(RLIMIT_DATA, &none);
    fatal("no memory left");
  });
  EXPECT_EQ(end.signal, SIGABRT);
  EXPECT_EQ(end.errors, "libffi: fatal: no memory left\n");
}

TEST(Fatal, AbortsEvenWithNowhereToWrite) {
  const test::ChildEnd end = test::in_child([]() -> int {
    close(STDERR_FILENO);
    fatal("nobody reads this");
  });
  EXPECT_EQ(end.signal, SIGABRT);
  EXPECT_EQ(end.errors, "");
}

TEST(Fatal, WorksInASignalHandler) {
  const test::ChildEnd end = test::in_child([]() -> int {
    signal(SIGUSR1, [](int) { fatal("in a handler"); });
    raise(SIGUSR1);
    return 0;
  });
  EXPECT_EQ(end.signal, SIGABRT);
  EXPECT_EQ(end.errors, "libffi: fatal: in a handler\n");
}

}  // namespace
}  // namespace ffi
