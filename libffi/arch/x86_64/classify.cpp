// SPDX-License-Identifier: MIT
// Classification for x86-64: System V psABI for AMD64, section 3.2.3 "Parameter Passing", and Microsoft's "x64 calling convention".
#include "arch/x86_64/convention.h"
#include "types/leaves.h"

namespace ffi::x86_64 {
namespace {

enum class Class : std::uint8_t { none, integer, sse, sseup, x87, x87up, memory };

constexpr std::size_t eightbyte = 8;
constexpr std::size_t most_eightbytes = 2;  // no supported type keeps more than two in registers

// "Classification", step 4: how two fields that share an eightbyte combine.
constexpr Class merge(Class a, Class b) {
  if (a == b || b == Class::none) return a;                              // (a), (b)
  if (a == Class::none) return b;                                        // (b)
  if (a == Class::memory || b == Class::memory) return Class::memory;    // (c)
  if (a == Class::integer || b == Class::integer) return Class::integer; // (d)
  const auto is_x87 = [](Class c) { return c == Class::x87 || c == Class::x87up; };
  if (is_x87(a) || is_x87(b)) return Class::memory;                      // (e)
  return Class::sse;                                                     // (f)
}

// "Classification", step 1: the classes of a scalar's eightbytes.
struct ScalarClasses {
  Class first = Class::integer;
  Class second = Class::none;
};

struct ScalarTable {
  ScalarClasses of[static_cast<unsigned>(TypeCode::count)];

  consteval ScalarTable() : of{} {
    const auto set = [&](TypeCode code, Class first, Class second) {
      of[static_cast<unsigned>(code)] = {first, second};
    };
    set(TypeCode::float_, Class::sse, Class::none);
    set(TypeCode::double_, Class::sse, Class::none);
    set(TypeCode::longdouble, Class::x87, Class::x87up);
    set(TypeCode::uint128, Class::integer, Class::integer);
    set(TypeCode::sint128, Class::integer, Class::integer);
  }
};
constexpr ScalarTable scalar_table;

struct Eightbytes {
  Class classes[most_eightbytes] = {};

  bool put(std::size_t index, Class value) {
    if (index >= most_eightbytes) return false;
    classes[index] = merge(classes[index], value);
    return classes[index] != Class::memory;
  }

  // Step 1 for one leaf. False: the whole value is of class MEMORY.
  bool add(const Leaf &leaf) {
    // Unaligned fields make the whole MEMORY. The natural alignment of a leaf is its size.
    if (leaf.offset & (leaf.size - 1u)) return false;
    const std::size_t index = leaf.offset / eightbyte;
    if (leaf.code == TypeCode::vector) {
      return put(index, Class::sse) && (leaf.size == 8 || (leaf.size == 16 && put(index + 1, Class::sseup)));
    }
    const ScalarClasses classes = scalar_table.of[static_cast<unsigned>(leaf.code)];
    return put(index, classes.first) && (classes.second == Class::none || put(index + 1, classes.second));
  }

  // "Classification", step 5, the post-merger cleanup. False: MEMORY.
  bool clean() {
    if (classes[0] == Class::x87up) return false;                                    // (b)
    if (classes[1] == Class::x87up && classes[0] != Class::x87) return false;        // (b)
    if (classes[0] == Class::sseup) classes[0] = Class::sse;                         // (d)
    if (classes[1] == Class::sseup && classes[0] != Class::sse) classes[1] = Class::sse;  // (d)
    return true;
  }
};

std::size_t upto(std::size_t size, std::size_t from, std::size_t limit) {
  const std::size_t rest = size - from;
  return rest < limit ? rest : limit;
}

// "Passing" and "Returning of Values": eightbytes to registers.
void assign(const Eightbytes &value, std::size_t size, Role role, Passing *out) {
  out->mode = Mode::registers;
  for (std::size_t i = 0; i < most_eightbytes; ++i) {
    const std::size_t from = i * eightbyte;
    if (from >= size) break;
    switch (value.classes[i]) {
      case Class::integer: out->add(File::integer, upto(size, from, eightbyte), from); break;
      case Class::sse: {
        const bool wide = i == 0 && value.classes[1] == Class::sseup;
        out->add(File::vector, upto(size, from, wide ? 16 : eightbyte), from);
        break;
      }
      case Class::x87:
        // X87 is passed in memory (Passing, 1) and returned in %st0 (Returning, 4).
        if (role != Role::result) {
          out->mode = Mode::memory;
          return;
        }
        out->add(File::x87, upto(size, from, 16), from);
        break;
      case Class::none:    // padding takes no register
      case Class::sseup:   // travels with the SSE before it
      case Class::x87up:
      case Class::memory: break;
    }
  }
  if (out->count == 0) out->mode = Mode::ignore;
}

Mode memory_mode(Role role) { return role == Role::result ? Mode::reference : Mode::memory; }

// x87 registers are loaded and stored in their own width: a long double of another machine's size is none here.
bool is_foreign(const Convention &convention, TypeCode code, std::size_t size) {
  return code == TypeCode::longdouble && size != convention.model.long_double;
}

// Complex numbers are structs of two parts, but for long double: COMPLEX_X87.
bool complex_longdouble(const ffi_type &type) {
  return code_of(type) == TypeCode::complex && code_of(*type.elements[0]) == TypeCode::longdouble;
}

// __m256 and wider depend on how the callee was compiled; 4-byte vectors differ between compilers.
bool is_foreign_vector(const ffi_type &type) {
  return code_of(type) == TypeCode::vector && type.size != 8 && type.size != 16;
}

// How void and the types that no convention passes begin. False: there is nothing left to decide.
bool begin(const ffi_type &type, Role role, Passing *out, Status *status) {
  out->start(type);
  if (code_of(type) == TypeCode::void_) {
    out->size = 0;
    *status = role == Role::result ? Status::ok : Status::bad_typedef;
    return false;
  }
  *status = is_foreign_vector(type) ? Status::bad_typedef : Status::ok;
  return *status == Status::ok;
}

}  // namespace

Status classify_sysv(const Convention &convention, const ffi_type &type, Role role, Passing *out) {
  Status status;
  if (!begin(type, role, out, &status)) return status;
  if (complex_longdouble(type)) {
    if (is_foreign(convention, TypeCode::longdouble, type.size / 2)) return Status::bad_typedef;
    out->mode = memory_mode(role);
    if (role == Role::result) {  // Returning, 6: real part in %st0, imaginary part in %st1
      out->mode = Mode::registers;
      out->add(File::x87, type.size / 2, 0);
      out->add(File::x87, type.size / 2, type.size / 2);
    }
    return Status::ok;
  }
  if (type.size > most_eightbytes * eightbyte) {
    out->mode = memory_mode(role);
    return Status::ok;
  }
  Eightbytes value;
  bool memory = false;
  bool foreign = false;
  status = for_each_leaf(type, [&](const Leaf &leaf) __attribute__((always_inline)) {
    foreign = is_foreign(convention, leaf.code, leaf.size);
    memory = !value.add(leaf);
    return !memory && !foreign;
  });
  if (status != Status::ok || foreign) return status != Status::ok ? status : Status::bad_typedef;
  if (memory || !value.clean()) {
    out->mode = memory_mode(role);
    return Status::ok;
  }
  assign(value, type.size, role, out);
  return Status::ok;
}

// "Parameter passing": floating point in a vector register; what has the size of an integer like one, whatever it is made of;
// anything else by reference. "Return values": likewise, but that vectors, and GCC's __int128, of 16 bytes are returned in xmm0.
Status classify_win64(const Convention &, const ffi_type &type, Role role, Passing *out) {
  Status status;
  if (!begin(type, role, out, &status)) return status;
  const TypeCode code = code_of(type);
  const bool is_result = role == Role::result;
  const bool real = is_floating(code) && type.size <= eightbyte;
  const bool wide = type.size == 16 && (code == TypeCode::vector || is_integral(code));
  if (real || (is_result && wide)) {
    out->mode = Mode::registers;
    out->add(File::vector, type.size, 0);
  } else if (type.size <= eightbyte && is_power_of_two(type.size)) {
    out->mode = Mode::registers;
    out->add(File::integer, type.size, 0);
  } else if (!is_result || type.size != 0) {
    out->mode = Mode::reference;
  }
  return Status::ok;
}

}  // namespace ffi::x86_64
