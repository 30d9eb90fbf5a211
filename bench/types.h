// SPDX-License-Identifier: MIT
// From a C++ type to the ffi_type that describes it, built with one library's own basic types.
#pragma once

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

#include "library.h"

namespace bench {

// Makes and owns the aggregate types of one signature for one library.
class TypeMaker {
 public:
  explicit TypeMaker(const Library& lib) : lib_(lib) {}

  ffi_type* basic(const char* symbol) {
    ffi_type* t = lib_.type(symbol);
    if (t == nullptr) complete_ = false;
    return t;
  }

  ffi_type* aggregate(unsigned short code, std::vector<ffi_type*> elements) {
    auto node = std::make_unique<Node>();
    node->elements = std::move(elements);
    node->elements.push_back(nullptr);
    node->type.type = code;
    node->type.elements = node->elements.data();
    nodes_.push_back(std::move(node));
    return &nodes_.back()->type;
  }

  // Takes the layout away again, so that the next ffi_prep_cif has to work it out.
  void forget_layouts() {
    for (auto& node : nodes_) {
      node->type.size = 0;
      node->type.alignment = 0;
    }
  }

  bool complete() const { return complete_; }  // false: the library lacks one of the types
  bool has_aggregates() const { return !nodes_.empty(); }

 private:
  struct Node {
    ffi_type type{};
    std::vector<ffi_type*> elements;
  };
  const Library& lib_;
  std::vector<std::unique_ptr<Node>> nodes_;
  bool complete_ = true;
};

// A struct names its members' types as `using members = std::tuple<...>`.
template <class T>
struct TypeOf {
  template <class... M>
  static ffi_type* members(TypeMaker& make, std::tuple<M...>*) {
    return make.aggregate(FFI_TYPE_STRUCT, {TypeOf<M>::get(make)...});
  }
  static ffi_type* get(TypeMaker& make) {
    return members(make, static_cast<typename T::members*>(nullptr));
  }
};

#define BENCH_BASIC_TYPE(type_, symbol_)                                  \
  template <>                                                             \
  struct TypeOf<type_> {                                                  \
    static ffi_type* get(TypeMaker& make) { return make.basic(symbol_); } \
  }
BENCH_BASIC_TYPE(void, "ffi_type_void");
BENCH_BASIC_TYPE(signed char, "ffi_type_sint8");
BENCH_BASIC_TYPE(unsigned char, "ffi_type_uint8");
BENCH_BASIC_TYPE(short, "ffi_type_sint16");
BENCH_BASIC_TYPE(unsigned short, "ffi_type_uint16");
BENCH_BASIC_TYPE(int, "ffi_type_sint32");
BENCH_BASIC_TYPE(unsigned, "ffi_type_uint32");
BENCH_BASIC_TYPE(float, "ffi_type_float");
BENCH_BASIC_TYPE(double, "ffi_type_double");
BENCH_BASIC_TYPE(long double, "ffi_type_longdouble");
BENCH_BASIC_TYPE(void*, "ffi_type_pointer");
BENCH_BASIC_TYPE(_Complex float, "ffi_type_complex_float");
BENCH_BASIC_TYPE(_Complex double, "ffi_type_complex_double");
#undef BENCH_BASIC_TYPE

template <>
struct TypeOf<long> {
  static ffi_type* get(TypeMaker& make) {
    return make.basic(sizeof(long) == 8 ? "ffi_type_sint64" : "ffi_type_sint32");
  }
};

#ifdef __SIZEOF_INT128__
template <>
struct TypeOf<__int128> {
  static ffi_type* get(TypeMaker& make) { return make.basic("ffi_type_sint128"); }
};
#endif

// Vectors are written FFI_TYPE_VECTOR (18) since libffi 3.8; older libraries refuse the code.
typedef float Vec4 __attribute__((vector_size(16)));
template <>
struct TypeOf<Vec4> {
  static ffi_type* get(TypeMaker& make) {
    ffi_type* lane = make.basic("ffi_type_float");
    return make.aggregate(18, {lane, lane, lane, lane});
  }
};

}  // namespace bench
