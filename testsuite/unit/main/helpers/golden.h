// SPDX-License-Identifier: MIT
// Golden files: signatures and where everything goes, in one line each.
// testsuite/golden/x86_64-sysv.txt shows the form.
#pragma once

#include <string>

#include "tools/ffi-explain/placement.h"

namespace ffi::test {

// Arguments and result of an explained signature, as golden files write them.
std::string brief(const explain::Explained &explained);

// Check every signature of testsuite/golden/NAME.txt against the convention NAME. A file with fewer
// signatures than `at_least' fails: that the file is found and read is part of the test.
void check_golden(const std::string &name, unsigned at_least);

}  // namespace ffi::test
