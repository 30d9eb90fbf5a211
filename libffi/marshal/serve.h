// SPDX-License-Identifier: MIT
// A plan replayed backwards: an image to values, the closure's function, its result to the image.
#pragma once

#include "abi/plan.h"
#include "arch/room.h"
#include "trampfd-glue/glue.h"

namespace ffi {

// Run a closure's function on the arguments in `image' and at `stack_area', and leave the result in the image. What the function
// throws passes through. Allocates nothing but stack.
void serve(const glue::Binding &binding, arch::Image *image, unsigned char *stack_area);

}  // namespace ffi
