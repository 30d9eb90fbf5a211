// SPDX-License-Identifier: MIT
// The calling conventions of i386: registers and stack rules as data.
#pragma once

#include "abi/checks.h"
#include "arch/i386/image.h"

namespace ffi::i386 {

Status classify_c(const Convention &, const ffi_type &, Role, Passing *);
Status classify_fastcall(const Convention &, const ffi_type &, Role, Passing *);
Status classify_pascal(const Convention &, const ffi_type &, Role, Passing *);

inline constexpr std::uint16_t eax = offsetof(Image, gpr[0]);
inline constexpr std::uint16_t edx = offsetof(Image, gpr[1]);
inline constexpr std::uint16_t ecx = offsetof(Image, gpr[2]);
inline constexpr std::uint16_t result_eax = offsetof(Image, result_gpr[0]);
inline constexpr std::uint16_t result_edx = offsetof(Image, result_gpr[1]);

// What all rows share. System V psABI for i386, 2.2: arguments on the stack from the last to the first pushed, in words, which is
// all the alignment they get; results in eax, edx and st0; a result in memory by a hidden first argument, returned in eax.
inline constexpr Convention on_stack = {
    .model = {.pointer = 4, .long_double = 12, .long_double_alignment = 4, .wide_alignment = 4},
    .files = {{.slot = 4, .arguments = 0, .results = 2, .argument = {}, .result = {result_eax, result_edx}},
              {},
              {.slot = 16, .arguments = 0, .results = 1, .argument = {}, .result = {offsetof(Image, x87)}}},
    .max_in_registers = 0,
    .word = 4,
    .max_stack_align = 4,
    .stack_align = 16,
    .result_echo = result_eax,
    .classify = classify_c,
};

// System V psABI for i386, 2.2.3 and 2.2.5: whoever is called removes the hidden pointer of a result in memory.
inline constexpr Convention sysv = []() consteval {
  Convention row = on_stack;
  row.name = "i386-sysv";
  row.abi = 1;
  row.result_pointer_popped = true;
  return row;
}();
static_assert(is_sound(sysv, sizeof(Image)));

// GCC's ms_abi on i386 Linux: as System V, but the caller removes the hidden pointer too.
inline constexpr Convention ms_cdecl = []() consteval {
  Convention row = on_stack;
  row.name = "i386-ms-cdecl";
  row.abi = 8;
  return row;
}();
static_assert(is_sound(ms_cdecl, sizeof(Image)));

// GCC manual, "x86 Function Attributes": one argument in ecx, the callee removes the others. The hidden pointer is an argument
// like others and the first, so it is what ecx holds. Variadic functions have all arguments on the stack and remove
// nothing, not even the hidden pointer.
inline constexpr Convention thiscall = []() consteval {
  Convention row = on_stack;
  row.name = "i386-thiscall";
  row.abi = 3;
  row.files[0].arguments = 1;
  row.files[0].argument[0] = ecx;
  row.max_in_registers = 24;  // of an aggregate whose members matter
  row.callee_pops = true;
  row.variadic_abi = ms_cdecl.abi;
  row.classify = classify_fastcall;
  return row;
}();
static_assert(is_sound(thiscall, sizeof(Image)));

// Likewise with two registers.
inline constexpr Convention fastcall = []() consteval {
  Convention row = thiscall;
  row.name = "i386-fastcall";
  row.abi = 4;
  row.files[0].arguments = 2;
  row.files[0].argument[1] = edx;
  return row;
}();
static_assert(is_sound(fastcall, sizeof(Image)));

// The same manual: all arguments on the stack, removed by the callee unless the function is variadic.
inline constexpr Convention stdcall = []() consteval {
  Convention row = on_stack;
  row.name = "i386-stdcall";
  row.abi = 5;
  row.callee_pops = true;
  row.variadic_abi = sysv.abi;
  return row;
}();
static_assert(is_sound(stdcall, sizeof(Image)));

// Delphi Language Guide, "Program Control", and Free Pascal 3.2.2 where the guide is silent: the first argument lies highest, the
// callee removes them; the hidden pointer of a result follows the last argument; records over four bytes go by
// reference, and who is called makes the copy.
inline constexpr Convention pascal = []() consteval {
  Convention row = on_stack;
  row.name = "i386-pascal";
  row.abi = 6;
  row.last_first = true;
  row.callee_pops = true;
  row.callee_copies = true;
  row.result_echo = no_place;
  row.classify = classify_pascal;
  return row;
}();
static_assert(is_sound(pascal, sizeof(Image)));

// The same with the first three words in eax, edx and ecx, in that order.
inline constexpr Convention register_ = []() consteval {
  Convention row = pascal;
  row.name = "i386-register";
  row.abi = 7;
  row.files[0].arguments = 3;
  row.files[0].argument[0] = eax;
  row.files[0].argument[1] = edx;
  row.files[0].argument[2] = ecx;
  return row;
}();
static_assert(is_sound(register_, sizeof(Image)));

// Every convention of the room, by public ABI number.
inline constexpr const Convention *conventions[] = {&sysv,   &thiscall,  &fastcall, &stdcall,
                                                    &pascal, &register_, &ms_cdecl};

}  // namespace ffi::i386
