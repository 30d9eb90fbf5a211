// SPDX-License-Identifier: MIT
// The calling conventions of x86-64: registers and stack rules as data.
#pragma once

#include "abi/checks.h"
#include "arch/x86_64/image.h"

namespace ffi::x86_64 {

Status classify_sysv(const Convention &, const ffi_type &, Role, Passing *);
Status classify_win64(const Convention &, const ffi_type &, Role, Passing *);

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

// "x64 calling convention", Microsoft, as GCC's ms_abi has it on Linux. A cif does not say whether the function that it calls
// has a prototype or an ellipsis there, so every argument in a vector register is duplicated, as "Varargs" and "Unprototyped
// functions" ask; callees of other functions ignore what the integer register holds.
// gcc and clang disagree in two types: vectors of 8 bytes (gcc passes them like integers of their size, as the text does with
// __m64; clang by reference and returns them in xmm0) and results of long double (gcc: in memory; clang: in st0). gcc's way is
// taken. A struct of no bytes, which only GNU C has, is passed by reference by both; as a result it is nothing, as in gcc.
inline constexpr Convention gnuw64 = {
    .name = "x86_64-gnuw64",
    .abi = 4,
    .model = sysv.model,
    .files = {{.slot = 8,
               .arguments = 4,
               .results = 1,
               .argument = {AT(gpr[3]), AT(gpr[2]), AT(gpr[4]), AT(gpr[5])},
               .result = {AT(result_gpr[0])}},
              {.slot = 16,
               .arguments = 4,
               .results = 1,
               .argument = {AT(vector[0]), AT(vector[1]), AT(vector[2]), AT(vector[3])},
               .result = {AT(vector[0])}},
              {}},
    .positional = true,
    .duplicate = true,
    .max_in_registers = 0,  // of an aggregate whose members matter: none do
    .word = 8,
    .max_stack_align = 8,
    .stack_align = 16,
    .home_bytes = 32,
    .preserves_vectors = true,
    .result_echo = AT(result_gpr[0]),
    .classify = classify_win64,
};
static_assert(is_sound(gnuw64, sizeof(Image)));

// The same for Windows' own C, whose long double is a double. One of the host's 16 bytes, which is no type there, travels as
// GCC has it.
inline constexpr Convention win64 = [] {
  Convention convention = gnuw64;
  convention.name = "x86_64-win64";
  convention.abi = 3;
  convention.model.long_double = 8;
  convention.model.long_double_alignment = 8;
  return convention;
}();
static_assert(is_sound(win64, sizeof(Image)));

#undef AT

// Every convention of the room, by public ABI number.
inline constexpr const Convention *conventions[] = {&sysv, &win64, &gnuw64};

}  // namespace ffi::x86_64
