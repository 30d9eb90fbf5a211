// SPDX-License-Identifier: MIT
// A plan replayed forwards: values to an image, the call, the image to a result.
#pragma once

#include "abi/plan.h"

namespace ffi {

// Call fn. values[i] points to argument i, whose bytes are only read. rvalue receives the result, an integral one widened to a
// word, and may be null. chain goes to the static chain register. Whatever fn throws passes through.
void invoke(const Plan &plan, void (*fn)(), void *rvalue, void **values, void *chain);

}  // namespace ffi
