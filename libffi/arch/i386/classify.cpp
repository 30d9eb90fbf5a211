// SPDX-License-Identifier: MIT
// Classification for i386: System V psABI for i386, 2.2.3 "Parameter Passing" and 2.2.5 "Returning values", and what the other
// conventions put in registers.
#include "arch/i386/convention.h"
#include "types/leaves.h"

namespace ffi::i386 {
namespace {

constexpr std::size_t word = 4;

// Types that this machine's C compilers do not have.
bool is_foreign(TypeCode code) {
  return code == TypeCode::vector || code == TypeCode::uint128 || code == TypeCode::sint128;
}

// How the types that no convention here treats in its own way begin. False: there is nothing left to decide.
bool begin(const ffi_type &type, Role role, Passing *out, Status *status) {
  out->start(type);
  *status = Status::ok;
  const TypeCode code = code_of(type);
  if (code == TypeCode::void_) {
    out->size = 0;
    if (role != Role::result) *status = Status::bad_typedef;
    return false;
  }
  if (is_foreign(code)) *status = Status::bad_typedef;
  return *status == Status::ok;
}

void in_words(Passing *out) {
  out->mode = Mode::registers;
  for (std::size_t from = 0; from < out->size; from += word) {
    out->add(File::integer, out->size - from < word ? out->size - from : word, from);
  }
}

// 2.2.5, table 2.4: integers in eax and edx, floating point in st0.
void scalar_result(const ffi_type &type, Passing *out) {
  if (is_floating(code_of(type))) {
    out->mode = Mode::registers;
    out->add(File::x87, type.size, 0);
  } else {
    in_words(out);
  }
}

// 2.2.5: structs in memory, whatever their size; table 2.4: _Complex float in eax and edx, wider ones in memory.
void c_result(const ffi_type &type, Passing *out) {
  const TypeCode code = code_of(type);
  if (!is_aggregate(code)) {
    scalar_result(type, out);
  } else if (code == TypeCode::complex && type.size <= 2 * word) {
    in_words(out);
  } else {
    out->mode = Mode::reference;
  }
}

// 2.2.3: every argument is a whole number of words on the stack. An empty struct of GNU C is none.
void on_the_stack(const ffi_type &type, Passing *out) {
  out->mode = type.size == 0 ? Mode::ignore : Mode::memory;
}

// A struct that is one floating point number, real or complex.
Status is_one_float(const ffi_type &type, bool *one) {
  *one = false;
  return for_each_leaf(type, [&](const Leaf &leaf) {
    const std::size_t whole = leaf.of_complex ? leaf.size * std::size_t{2} : leaf.size;
    *one = is_floating(leaf.code) && leaf.offset < whole && whole == type.size;
    return *one;
  });
}

// GCC's fastcall: integers of up to a word travel in registers. Wider integers and structs lie on the stack and nevertheless use up as
// many registers as they have words; floating point numbers use up none, alone or as a struct's only member.
Status fastcall_argument(const Convention &convention, const ffi_type &type, Passing *out) {
  const TypeCode code = code_of(type);
  if (is_integral(code) && type.size <= word) {
    in_words(out);
    return Status::ok;
  }
  on_the_stack(type, out);
  if (is_floating(code) || code == TypeCode::complex) return Status::ok;
  bool one_float = false;
  if (code == TypeCode::struct_ && type.size != 0 && type.size <= convention.max_in_registers) {
    if (const Status status = is_one_float(type, &one_float); status != Status::ok) return status;
  }
  if (!one_float) {
    const std::size_t words = (type.size + word - 1) / word;
    out->spent = static_cast<std::uint8_t>(words < UINT8_MAX ? words : UINT8_MAX);
  }
  return Status::ok;
}

}  // namespace

Status classify_c(const Convention &, const ffi_type &type, Role role, Passing *out) {
  Status status;
  if (!begin(type, role, out, &status)) return status;
  if (role == Role::result) {
    c_result(type, out);
  } else {
    on_the_stack(type, out);
  }
  return Status::ok;
}

Status classify_fastcall(const Convention &convention, const ffi_type &type, Role role, Passing *out) {
  Status status;
  if (!begin(type, role, out, &status)) return status;
  if (role != Role::result) return fastcall_argument(convention, type, out);
  c_result(type, out);
  return Status::ok;
}

// Delphi Language Guide, "Parameter passing" and "Handling Function Results": ordinals and pointers are register parameters, the
// other values lie on the stack, records over a word by reference. Free Pascal returns every record by the hidden
// pointer. C's complex types are records here.
Status classify_pascal(const Convention &, const ffi_type &type, Role role, Passing *out) {
  Status status;
  if (!begin(type, role, out, &status)) return status;
  const TypeCode code = code_of(type);
  if (role == Role::result) {
    if (is_aggregate(code)) {
      out->mode = Mode::reference;
    } else {
      scalar_result(type, out);
    }
  } else if (is_integral(code) && type.size <= word) {
    in_words(out);
  } else if (is_aggregate(code) && type.size > word) {
    out->mode = Mode::reference;
  } else {
    on_the_stack(type, out);
  }
  return Status::ok;
}

}  // namespace ffi::i386
