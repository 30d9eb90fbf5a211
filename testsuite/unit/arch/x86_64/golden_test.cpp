// SPDX-License-Identifier: MIT
// The golden placements of x86-64's conventions.
#include <gtest/gtest.h>

#include "testsuite/unit/main/helpers/golden.h"

TEST(Golden, X86_64SystemV) { ffi::test::check_golden("x86_64-sysv", 90); }
TEST(Golden, X86_64GnuW64) { ffi::test::check_golden("x86_64-gnuw64", 51); }
TEST(Golden, X86_64Win64) { ffi::test::check_golden("x86_64-win64", 4); }
