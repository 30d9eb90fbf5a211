// SPDX-License-Identifier: MIT
// What becomes of the glue's locks in a fork.
#pragma once

#include "base/forks.h"

namespace ffi::glue {

struct ForkCare {
  static constexpr Module module = Module::glue;
  static void locks(LockUse use, unsigned *turns);
  static void mend();
};

using Holding = Guard<ForkCare>;

}  // namespace ffi::glue
