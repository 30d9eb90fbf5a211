// SPDX-License-Identifier: MIT
// aarch64's types, built for its data model on any host, and a plan as one line of text.
#pragma once

#include <string>
#include <vector>

#include "arch/aarch64/convention.h"
#include "testsuite/unit/abi/invented.h"
#include "testsuite/unit/main/helpers/list.h"
#include "types/layout.h"

namespace ffi::test::aarch64_types {

inline constexpr DataModel model = aarch64::sysv.model;

inline ffi_type of(TypeCode code, std::size_t size) {
  return {size, static_cast<unsigned short>(size), static_cast<unsigned short>(code), nullptr};
}

inline ffi_type nothing{1, 1, FFI_TYPE_VOID, nullptr};
inline ffi_type sint8 = of(TypeCode::sint8, 1);
inline ffi_type uint8 = of(TypeCode::uint8, 1);
inline ffi_type sint16 = of(TypeCode::sint16, 2);
inline ffi_type uint16 = of(TypeCode::uint16, 2);
inline ffi_type plain_int = of(TypeCode::int_, 4);
inline ffi_type sint32 = of(TypeCode::sint32, 4);
inline ffi_type uint32 = of(TypeCode::uint32, 4);
inline ffi_type sint64 = of(TypeCode::sint64, 8);
inline ffi_type pointer = of(TypeCode::pointer, model.pointer);
inline ffi_type sint128 = of(TypeCode::sint128, 16);
inline ffi_type single = of(TypeCode::float_, 4);
inline ffi_type real = of(TypeCode::double_, 8);
inline ffi_type quad = of(TypeCode::longdouble, model.long_double);

inline Aggregate complex_single({&single}, FFI_TYPE_COMPLEX);
inline Aggregate complex_real({&real}, FFI_TYPE_COMPLEX);
inline Aggregate complex_quad({&quad}, FFI_TYPE_COMPLEX);
inline Vector two_ints_wide(&sint32, 2);      // 8 bytes: a short vector
inline Vector eight_bytes_wide(&uint8, 8);    // likewise
inline Vector four_singles_wide(&single, 4);  // 16 bytes: the other
inline Vector two_reals_wide(&real, 2);       // likewise
inline Vector four_bytes_wide(&uint8, 4);     // too short
inline Vector four_reals_wide(&real, 4);      // too long

inline Aggregate empty({});
inline Aggregate hollow({&empty, &empty});
inline Aggregate singles_after_nothing({&empty, &hollow, &single, &single});
inline Aggregate one_byte({&uint8});
inline Aggregate three_bytes({&uint8, &uint8, &uint8});
inline Aggregate three_ints({&sint32, &sint32, &sint32});
inline Aggregate two_longs({&sint64, &sint64});
inline Aggregate three_longs({&sint64, &sint64, &sint64});
inline Aggregate one_sint128({&sint128});
inline Aggregate one_single({&single});
inline Aggregate two_singles({&single, &single});
inline Aggregate three_singles({&single, &single, &single});
inline Aggregate four_singles({&single, &single, &single, &single});
inline Aggregate five_singles({&single, &single, &single, &single, &single});
inline Aggregate two_reals({&real, &real});
inline Aggregate four_reals({&real, &real, &real, &real});
inline Aggregate two_quads({&quad, &quad});
inline Aggregate four_quads({&quad, &quad, &quad, &quad});
inline Aggregate nested_singles({&one_single, &two_singles});
inline Aggregate complex_and_single({&complex_single, &single});
inline Aggregate single_and_real({&single, &real});
inline Aggregate single_and_int({&single, &sint32});
inline Aggregate two_short_vectors({&two_ints_wide, &eight_bytes_wide});
inline Aggregate two_long_vectors({&four_singles_wide, &two_reals_wide});
inline Aggregate vectors_of_both_sizes({&two_ints_wide, &four_singles_wide});
inline Aggregate vector_and_real({&two_ints_wide, &real});
inline Aggregate two_narrow_vectors({&four_bytes_wide, &four_bytes_wide});

// Declared with an alignment of 16 for the whole: before that it was 8. Within another struct it counts as 16.
inline Aggregate adjusted({&sint64}, FFI_TYPE_STRUCT, 16, 16);
inline Aggregate around_adjusted({&adjusted});
// Singles in a struct that is larger than they are.
inline Aggregate padded_singles({&single, &single}, FFI_TYPE_STRUCT, 16, 16);
// Packed, with a member that would be aligned to 16 otherwise.
inline ffi_type packed_sint128 = realigned(sint128, 1);
inline Aggregate packed({&packed_sint128});
// What C++ makes of a struct without members: one byte.
inline Aggregate empty_class({}, FFI_TYPE_STRUCT, 1, 1);

inline std::string place(const Move &move) {
  if (move.flags & stack) return "[" + std::to_string(move.at) + "]";
  std::string name;
  std::size_t into = 0;
  if (move.at >= offsetof(aarch64::Image, vector)) {
    const std::size_t at = move.at - offsetof(aarch64::Image, vector);
    const char *const width = move.size == 4 ? "s" : move.size == 8 ? "d" : "q";
    name = width + std::to_string(at / 16);
    into = at % 16;
  } else if (move.at == offsetof(aarch64::Image, indirect)) {
    name = "x8";
  } else if (move.at < sizeof aarch64::Image::gpr) {
    name = "x" + std::to_string(move.at / 8);
    into = move.at % 8;
  } else {
    name = "?" + std::to_string(move.at);
  }
  return into == 0 ? name : name + "@" + std::to_string(into);
}

inline std::string extension(const Move &move) {
  // How a float fills its vector register is no business of the convention's.
  const bool in_vector = (move.flags & stack) == 0 && move.at >= offsetof(aarch64::Image, vector);
  switch (in_vector ? Op::word : move.op) {
    case Op::sext8: return "/sext8";
    case Op::sext16: return "/sext16";
    case Op::sext32: return "/sext32";
    case Op::zext8: return "/zext8";
    case Op::zext16: return "/zext16";
    case Op::zext32: return "/zext32";
    default: return "";
  }
}

// "0:x0+x1 1:s0 2:[0] -> <x8>; stack 16". An ampersand marks the address of a copy, a dash no place at all, @ bytes into a
// register, and brackets the place of the address that a result in memory goes to.
inline std::string text(const Plan &plan) {
  std::string line;
  for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
    const Move &move = plan.moves()[i];
    if (move.flags & first) {
      line += std::to_string(move.value) + ":";
    } else {
      line.back() = '+';
    }
    if (move.op == Op::reference) line += "&";
    line += move.op != Op::reference && move.size == 0 ? "-" : place(move) + extension(move);
    line += " ";
  }
  line += "->";
  for (std::uint32_t i = 0; i < plan.result_moves; ++i) {
    line += (i == 0 ? " " : "+") + place(plan.results()[i]) + extension(plan.results()[i]);
  }
  if (plan.flags & hidden_result) {
    Move address{};
    address.at = plan.result_pointer_at;
    address.flags = static_cast<std::uint8_t>(plan.result_pointer_flags);
    line += " <" + place(address) + ">";
  }
  if (plan.stack_bytes != 0) line += "; stack " + std::to_string(plan.stack_bytes);
  return line;
}

// A signature, laid out, classified and compiled.
struct Placed {
  Placed(const Convention &convention, ffi_type *result, const std::vector<ffi_type *> &arguments)
      : passings(arguments.size()) {
    const auto classify = [&](ffi_type *type, Role role, Passing *out) {
      if (is_aggregate(code_of(*type)) && lay_out(*type) != Status::ok) return Status::bad_typedef;
      return convention.classify(convention, *type, role, out);
    };
    if (classify(result, Role::result, &result_passing) != Status::ok) refused = "bad result";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (classify(arguments[i], Role::named_argument, &passings[i]) != Status::ok) refused = "bad argument";
    }
    if (refused.empty()) made = std::make_unique<Made>(convention, passings, result_passing);
  }

  std::vector<Passing> passings;
  Passing result_passing{};
  std::string refused;
  std::unique_ptr<Made> made;
};

inline std::string placed(const Convention &convention, ffi_type *result, const std::vector<ffi_type *> &arguments) {
  const Placed made(convention, result, arguments);
  if (!made.refused.empty()) return made.refused;
  return made.made->status == Status::ok ? text(made.made->plan()) : "not compiled";
}

// `count' times the same, and then others.
inline std::vector<ffi_type *> after(unsigned count, ffi_type *filler, std::vector<ffi_type *> others) {
  others.insert(others.begin(), count, filler);
  return others;
}

// What placed() says of `count' words or reals in registers.
inline std::string filled(unsigned count, char bank) {
  std::string line;
  for (unsigned i = 0; i < count; ++i) line += std::to_string(i) + ":" + bank + std::to_string(i) + " ";
  return line;
}

}  // namespace ffi::test::aarch64_types
