// SPDX-License-Identifier: MIT
// i386's types, built for its data model on any host, and a plan as one line of text.
#pragma once

#include <string>
#include <vector>

#include "arch/i386/convention.h"
#include "testsuite/unit/abi/invented.h"
#include "testsuite/unit/main/helpers/list.h"
#include "types/layout.h"

namespace ffi::test::i386_types {

inline constexpr DataModel model = i386::sysv.model;

inline ffi_type of(TypeCode code, std::size_t size, unsigned alignment) {
  return {size, static_cast<unsigned short>(alignment), static_cast<unsigned short>(code), nullptr};
}

inline ffi_type nothing{1, 1, FFI_TYPE_VOID, nullptr};
inline ffi_type sint8 = of(TypeCode::sint8, 1, 1);
inline ffi_type uint8 = of(TypeCode::uint8, 1, 1);
inline ffi_type sint16 = of(TypeCode::sint16, 2, 2);
inline ffi_type uint16 = of(TypeCode::uint16, 2, 2);
inline ffi_type plain_int = of(TypeCode::int_, 4, 4);
inline ffi_type sint32 = of(TypeCode::sint32, 4, 4);
inline ffi_type sint64 = of(TypeCode::sint64, 8, model.wide_alignment);
inline ffi_type pointer = of(TypeCode::pointer, model.pointer, model.pointer);
inline ffi_type single = of(TypeCode::float_, 4, 4);
inline ffi_type real = of(TypeCode::double_, 8, model.wide_alignment);
inline ffi_type extended = of(TypeCode::longdouble, model.long_double, model.long_double_alignment);

inline Aggregate complex_single({&single}, FFI_TYPE_COMPLEX);
inline Aggregate complex_real({&real}, FFI_TYPE_COMPLEX);
inline Aggregate complex_extended({&extended}, FFI_TYPE_COMPLEX);
inline Aggregate empty({});
inline Aggregate one_byte({&uint8});
inline Aggregate three_bytes({&uint8, &uint8, &uint8});
inline Aggregate one_int({&sint32});
inline Aggregate two_ints({&sint32, &sint32});
inline Aggregate three_ints({&sint32, &sint32, &sint32});
inline Aggregate one_single({&single});
inline Aggregate one_real({&real});
inline Aggregate nested_real({&one_real});
inline Aggregate one_extended({&extended});
inline Aggregate two_singles({&single, &single});
inline Aggregate one_complex({&complex_single});
inline Aggregate byte_and_real({&uint8, &real});

inline std::string place(const Move &move) {
  static constexpr struct {
    std::uint16_t at;
    const char *name;
  } registers[] = {{i386::eax, "eax"},   {i386::edx, "edx"},
                   {i386::ecx, "ecx"},   {i386::result_eax, "eax"},
                   {i386::result_edx, "edx"}, {offsetof(i386::Image, x87), "st0"}};
  if (move.flags & stack) return "[" + std::to_string(move.at) + "]";
  for (const auto &entry : registers) {
    if (entry.at == move.at) return entry.name;
  }
  return "?" + std::to_string(move.at);
}

inline std::string extension(Op op) {
  switch (op) {
    case Op::sext8: return "/sext8";
    case Op::sext16: return "/sext16";
    case Op::zext8: return "/zext8";
    case Op::zext16: return "/zext16";
    default: return "";
  }
}

inline std::string width(const Plan &plan) {
  if (plan.flags & result_float) return " float";
  if (plan.flags & result_double) return " double";
  return plan.flags & result_x87 ? " extended" : "";
}

// "0:ecx 1:[0] -> eax+edx; pops 8". An argument by reference has an ampersand, copied by the callee a star too; a dash stands for no
// place, and a hidden result pointer for its place in brackets of its own.
inline std::string text(const Plan &plan) {
  std::string line;
  for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
    const Move &move = plan.moves()[i];
    if (move.flags & first) {
      line += std::to_string(move.value) + ":";
    } else {
      line.back() = '+';
    }
    if (move.op == Op::reference) line += move.flags & gather ? "*&" : "&";
    line += move.op != Op::reference && move.size == 0 ? "-" : place(move) + extension(move.op);
    line += " ";
  }
  line += "->";
  for (std::uint32_t i = 0; i < plan.result_moves; ++i) {
    line += (i == 0 ? " " : "+") + place(plan.results()[i]) + extension(plan.results()[i].op);
  }
  line += width(plan);
  if (plan.flags & hidden_result) {
    Move pointer{};
    pointer.at = plan.result_pointer_at;
    pointer.flags = static_cast<std::uint8_t>(plan.result_pointer_flags);
    line += " <" + place(pointer) + ">";
    if (plan.result_echo_at == i386::result_eax) line += " echo";
  }
  return line + "; pops " + std::to_string(plan.callee_pops);
}

// Lay out, classify and compile.
inline std::string placed(const Convention &convention, ffi_type *result, std::vector<ffi_type *> arguments) {
  std::vector<Passing> passings(arguments.size());
  Passing result_passing{};
  const auto classify = [&](ffi_type *type, Role role, Passing *out) {
    if (is_aggregate(code_of(*type)) && lay_out(*type) != Status::ok) return Status::bad_typedef;
    return convention.classify(convention, *type, role, out);
  };
  if (classify(result, Role::result, &result_passing) != Status::ok) return "bad result";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (classify(arguments[i], Role::named_argument, &passings[i]) != Status::ok) return "bad argument";
  }
  const Made made(convention, passings, result_passing);
  if (made.status != Status::ok) return "not compiled";
  return text(made.plan());
}

}  // namespace ffi::test::i386_types
