// SPDX-License-Identifier: MIT
// The calling conventions of x86-64: registers and stack rules as data.
#pragma once

#include "abi/checks.h"
#include "arch/x86_64/image.h"

namespace ffi::x86_64 {

Status classify_sysv(const Convention &, const ffi_type &, Role, Passing *);

#define AT(member) static_cast<std::uint16_t>(offsetof(Image, member))

// System V psABI for AMD64, section 3.2.3; figure 3.4 gives the order of registers.
inline constexpr Convention sysv = {
    .name = "x86_64-sysv",
    .abi = 2,
    .model = {.pointer = 8, .long_double = 16, .long_double_alignment = 16, .wide_alignment = 8},
    .files = {{.slot = 8,
               .arguments = 6,
               .results = 2,
               .argument = {AT(gpr[0]), AT(gpr[1]), AT(gpr[2]), AT(gpr[3]), AT(gpr[4]), AT(gpr[5])},
               .result = {AT(result_gpr[0]), AT(result_gpr[1])}},
              {.slot = 16,
               .arguments = 8,
               .results = 2,
               .argument = {AT(vector[0]), AT(vector[1]), AT(vector[2]), AT(vector[3]), AT(vector[4]),
                            AT(vector[5]), AT(vector[6]), AT(vector[7])},
               .result = {AT(vector[0]), AT(vector[1])}},
              {.slot = 16, .arguments = 0, .results = 2, .argument = {}, .result = {AT(x87[0]), AT(x87[1])}}},
    .overflow = Overflow::keep_open,
    .max_in_registers = 16,  // of an aggregate whose members matter
    .word = 8,
    .max_stack_align = 64,  // GNU C realigns the caller's frame for over-aligned structs
    .stack_align = 16,
    .result_echo = AT(result_gpr[0]),
    .vector_count = AT(vector_count),
    .classify = classify_sysv,
};
static_assert(is_sound(sysv, sizeof(Image)));

#undef AT

// Every convention of the room, by public ABI number.
inline constexpr const Convention *conventions[] = {&sysv};

}  // namespace ffi::x86_64
