// SPDX-License-Identifier: MIT
// The calling conventions of aarch64: registers and stack rules as data.
#pragma once

#include "abi/checks.h"
#include "arch/aarch64/image.h"

namespace ffi::aarch64 {

Status classify_aapcs64(const Convention &, const ffi_type &, Role, Passing *);
Status classify_win64_variadic(const Convention &, const ffi_type &, Role, Passing *);

#define AT(member) static_cast<std::uint16_t>(offsetof(Image, member))

// AAPCS64, 6.1.1: r0-r7 carry arguments (NGRN), r0 and r1 results.
inline constexpr RegisterFile general = {
    .slot = 8,
    .arguments = 8,
    .results = 2,
    .argument = {AT(gpr[0]), AT(gpr[1]), AT(gpr[2]), AT(gpr[3]), AT(gpr[4]), AT(gpr[5]), AT(gpr[6]), AT(gpr[7])},
    .result = {AT(gpr[0]), AT(gpr[1])}};

// AAPCS64, 6.1.2: v0-v7 carry arguments (NSRN), v0-v3 results.
inline constexpr RegisterFile simd = {
    .slot = 16,
    .arguments = 8,
    .results = 4,
    .argument = {AT(vector[0]), AT(vector[1]), AT(vector[2]), AT(vector[3]), AT(vector[4]), AT(vector[5]),
                 AT(vector[6]), AT(vector[7])},
    .result = {AT(vector[0]), AT(vector[1]), AT(vector[2]), AT(vector[3])}};

// AAPCS64, 6.8.2 and 6.9. Variadic arguments travel like named ones.
inline constexpr Convention sysv = {
    .name = "aarch64-sysv",
    .abi = 1,
    .model = {.pointer = 8, .long_double = 16, .long_double_alignment = 16, .wide_alignment = 8},
    .files = {general, simd, {}},
    .overflow = Overflow::close_file,  // C.3, C.13
    .even_pairs = true,                // C.10
    .max_in_registers = 64,            // an HFA of four quad-precision members
    .word = 8,
    .max_stack_align = 16,  // B.6, C.4, C.14
    .stack_align = 16,      // 6.4.5.1
    .result_pointer = AT(indirect),
    .classify = classify_aapcs64,
};
static_assert(is_sound(sysv, sizeof(Image)));

// The same on a big-endian machine.
inline constexpr Convention sysv_big_endian = [] {
  Convention convention = sysv;
  convention.name = "aarch64_be-sysv";
  convention.model.big_endian = true;
  return convention;
}();
static_assert(is_sound(sysv_big_endian, sizeof(Image)));

// "Overview of ARM64 ABI conventions", Microsoft. What is not variadic follows AAPCS64. All arguments of a variadic function, the
// named ones too, are laid out on an imaginary stack of which x0-x7 hold the first 64 bytes.
inline constexpr Convention win64_variadic = [] {
  Convention convention = sysv;
  convention.name = "aarch64-win64-variadic";
  convention.abi = private_abi | 2;
  convention.model.long_double = 8;
  convention.model.long_double_alignment = 8;
  convention.overflow = Overflow::split;
  convention.classify = classify_win64_variadic;
  return convention;
}();
static_assert(is_sound(win64_variadic, sizeof(Image)));

inline constexpr Convention win64 = [] {
  Convention convention = win64_variadic;
  convention.name = "aarch64-win64";
  convention.abi = 2;
  convention.overflow = Overflow::close_file;
  convention.classify = classify_aapcs64;
  convention.variadic_abi = win64_variadic.abi;
  return convention;
}();
static_assert(is_sound(win64, sizeof(Image)));

#undef AT

// Every convention of the room, by public ABI number, and those that these lead to.
inline constexpr const Convention *conventions[] = {&sysv, &win64, &win64_variadic};

}  // namespace ffi::aarch64
