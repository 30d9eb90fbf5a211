// SPDX-License-Identifier: MIT
// The raw representation: all arguments in one array of words. What lies where is read from the plan alone.
#pragma once

#include <cstddef>

#include "abi/plan.h"
#include "ffi.h"

namespace ffi::raw {

// How wide values lie in the array. Both layouts put structs there by address.
enum class Layout : unsigned char {
  native,  // as many words as the value needs
  java,    // 8 bytes that are no pointer, as Java's long and double, take two words even where one holds them
};

// Bytes of the array.
[[nodiscard]] std::size_t size(const Plan &plan, Layout layout);
// Copy the values behind pointers into the array; narrow integers are extended to a word.
void pack(const Plan &plan, void **values, unsigned char *array, Layout layout);
// Point at the values where they lie in the array (structs: where the array points).
void unpack(const Plan &plan, unsigned char *array, void **values, Layout layout);

// Call a raw closure's function with the values packed. cif is handed on, not read.
void call(const Plan &plan, ffi_cif *cif, void (*fun)(), void *rvalue, void **values, void *user_data, Layout layout);

}  // namespace ffi::raw
