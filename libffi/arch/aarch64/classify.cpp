// SPDX-License-Identifier: MIT
// Classification for aarch64: Procedure Call Standard for the Arm 64-bit Architecture (AAPCS64), 2025Q4. Sections 5.9.5
// (homogeneous aggregates), 6.8.2 (stages B and C of parameter passing) and 6.9 (results).
#include "arch/aarch64/convention.h"
#include "types/leaves.h"

namespace ffi::aarch64 {
namespace {

constexpr std::size_t doubleword = 8;
constexpr std::size_t largest_composite = 16;  // B.4
constexpr unsigned most_members = 4;           // 5.9.5

// Whether a leaf has a type that lives in a SIMD and Floating-point register: floating point or a short vector (5.3, 5.4).
constexpr bool is_simd(const Leaf &leaf) {
  if (leaf.code == TypeCode::vector) return leaf.size == 8 || leaf.size == 16;
  return is_floating(leaf.code);
}

// The members of an HFA or HVA, or one floating-point or short vector value: they are passed alike (C.1 and C.2), a complex
// number like a struct of two (10.1.1). Of vectors only the size takes part in the comparison (5.9.5.2), and of members of a union
// that lie in one place only that place counts (5.9.5).
struct Members {
  Leaf first = {};
  unsigned count = 0;
  bool homogeneous = true;

  bool add(const Leaf &leaf) {
    if (count == 0) first = leaf;
    homogeneous = is_simd(leaf) && leaf.code == first.code && leaf.size == first.size && leaf.offset % first.size == 0 &&
                  leaf.offset / first.size <= count;
    if (homogeneous && leaf.offset / first.size == count) homogeneous = ++count <= most_members;
    return homogeneous;
  }
  // The test is applied after data layout is completed (5.9.5): padding disqualifies.
  bool fill(std::size_t size) const { return homogeneous && count != 0 && std::size_t{count} * first.size == size; }
};

// The leaves of a value that may be homogeneous; larger ones are not looked into.
Status find_members(const Convention &convention, const ffi_type &type, Members *members) {
  if (type.size > convention.max_in_registers) {
    members->homogeneous = false;
    return Status::ok;
  }
  return for_each_leaf(type, [&](const Leaf &leaf) { return members->add(leaf); });
}

// B.4, B.5, C.9 to C.12: general-purpose registers, or a copy in memory. Vectors that are not short ones go the same way, as
// compilers have it.
void in_general_registers(const ffi_type &type, Passing *out) {
  if (type.size == 0) return;  // GNU C: an empty struct is no argument
  if (type.size > largest_composite) {
    out->mode = Mode::reference;
    return;
  }
  out->mode = Mode::registers;
  for (std::size_t from = 0; from < type.size; from += doubleword) {
    const std::size_t rest = type.size - from;
    out->add(File::integer, rest < doubleword ? rest : doubleword, from);
  }
}

Status classify(const Convention &convention, const ffi_type &type, Role role, bool simd_registers, Passing *out) {
  out->start(type);
  if (code_of(type) == TypeCode::void_) {
    out->size = 0;
    return role == Role::result ? Status::ok : Status::bad_typedef;
  }
  Members members;
  if (const Status status = find_members(convention, type, &members); status != Status::ok) return status;
  out->place_as(natural_alignment(type));  // B.6
  if (!simd_registers || !members.fill(type.size)) {
    in_general_registers(type, out);
    return Status::ok;
  }
  out->mode = Mode::registers;
  for (unsigned i = 0; i < members.count; ++i) {
    out->add(File::vector, members.first.size, std::size_t{i} * members.first.size);
  }
  return Status::ok;
}

}  // namespace

// 6.9: a result travels as the first argument would; one in memory by the address in x8.
Status classify_aapcs64(const Convention &convention, const ffi_type &type, Role role, Passing *out) {
  return classify(convention, type, role, true, out);
}

// "Addendum: Variadic functions": SIMD and Floating-point registers carry no arguments, and no aggregate is homogeneous.
Status classify_win64_variadic(const Convention &convention, const ffi_type &type, Role role, Passing *out) {
  return classify(convention, type, role, role == Role::result, out);
}

}  // namespace ffi::aarch64
