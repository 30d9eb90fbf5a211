// SPDX-License-Identifier: MIT
// What must hold of every convention, checked where it is defined, at compile time.
#pragma once

#include "abi/convention.h"
#include "base/bits.h"

namespace ffi {

// No two registers of a list share bytes of the image, and all of them lie inside it.
template <std::size_t N>
consteval bool places_are_distinct(const std::uint16_t (&places)[N], unsigned count, unsigned slot,
                                   std::size_t image_bytes) {
  for (unsigned i = 0; i < count; ++i) {
    if (places[i] + slot > image_bytes) return false;
    for (unsigned j = 0; j < i; ++j) {
      const unsigned low = places[i] < places[j] ? places[i] : places[j];
      const unsigned high = places[i] < places[j] ? places[j] : places[i];
      if (high - low < slot) return false;
    }
  }
  return true;
}

consteval bool is_sound(const Convention &convention, std::size_t image_bytes) {
  for (const RegisterFile &file : convention.files) {
    if (file.arguments > max_argument_registers || file.results > max_result_registers) return false;
    if (!places_are_distinct(file.argument, file.arguments, file.slot, image_bytes)) return false;
    if (!places_are_distinct(file.result, file.results, file.slot, image_bytes)) return false;
  }
  return convention.name != nullptr && convention.classify != nullptr &&
         is_power_of_two(convention.word) && is_power_of_two(convention.stack_align) &&
         is_power_of_two(convention.max_stack_align) && convention.home_bytes % convention.word == 0 &&
         (!convention.duplicate ||
          (convention.positional && convention.files[static_cast<unsigned>(File::vector)].arguments <=
                                        convention.files[static_cast<unsigned>(File::integer)].arguments)) &&
         (!convention.last_first || convention.max_stack_align == convention.word);
}

}  // namespace ffi
