// SPDX-License-Identifier: MIT
// One signature with everything the groups need of it: a compiled callee, a compiled caller,
// values, a closure handler, and a check that arguments and result really arrive.
#pragma once

#include <cstring>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "types.h"

namespace bench {

using Code = void (*)();

struct Signature {
  std::string name;
  bool core = false;      // one of the rows that the project's goal is stated over
  bool optional = false;  // a library may refuse it (types newer than libffi 3.4)
  int fixed = -1;         // number of fixed arguments of a variadic signature

  std::function<void(TypeMaker&, ffi_type*&, std::vector<ffi_type*>&)> types;
  std::vector<void*> values;
  void* result = nullptr;
  Code target = nullptr;   // returns a constant
  Code checker = nullptr;  // compares what arrives with `values`, returns the constant
  std::function<void(Code, long)> direct;  // n calls of compiled code through a pointer
  void (*handler)(ffi_cif*, void*, void**, void*) = nullptr;        // the same as target
  void (*check_handler)(ffi_cif*, void*, void**, void*) = nullptr;  // the same as checker
  std::function<void()> clear_result;
  std::function<bool()> result_right;
};

extern int arrived;  // set by a checker: 1 all arguments as sent, 0 some not, -1 not called

template <class T>
bool same(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, Vec4>)
    return std::memcmp(&a, &b, sizeof a) == 0;
  else
    return a == b;
}

// Distinct bit patterns, small enough to be exact in every type.
template <class T>
T make_value(int seed) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<T>(0x1000L + seed);
  } else if constexpr (std::is_same_v<T, Vec4>) {
    const float f = static_cast<float>(seed);
    return Vec4{f, f + 1, f + 2, f + 3};
  } else if constexpr (std::is_class_v<T>) {
    return T::make(seed);
  } else {
    return static_cast<T>(seed * 3 + 1);
  }
}

template <class R>
struct Result {
  static inline R constant = make_value<R>(7);
};
template <>
struct Result<void> {};

// What a closure handler stores: integers narrower than ffi_arg widen, everything else is itself.
template <class R>
void store_result(void* where) {
  if constexpr (std::is_void_v<R>) {
    (void)where;
  } else if constexpr (std::is_integral_v<R> && sizeof(R) < sizeof(ffi_arg)) {
    *static_cast<ffi_arg*>(where) = static_cast<ffi_arg>(Result<R>::constant);
  } else {
    *static_cast<R*>(where) = Result<R>::constant;
  }
}

template <class R, class... A>
struct Callees {
  static inline std::tuple<A...>* sent = nullptr;

  [[gnu::noinline]] static R target(A...) {
    asm volatile("" ::: "memory");
    if constexpr (!std::is_void_v<R>) return Result<R>::constant;
  }
  [[gnu::noinline]] static R checker(A... a) {
    compare(std::index_sequence_for<A...>{}, a...);
    if constexpr (!std::is_void_v<R>) return Result<R>::constant;
  }
  template <size_t... I>
  static void compare(std::index_sequence<I...>, const A&... a) {
    arrived = (same(a, std::get<I>(*sent)) && ... && true) ? 1 : 0;
  }
};

template <class R, class... A>
struct Build {
  using Values = std::tuple<A...>;
  static inline Values* values = nullptr;

  template <size_t... I>
  static Values* fill(std::index_sequence<I...>) {
    return new Values{make_value<A>(static_cast<int>(I) + 1)...};
  }
  template <size_t... I>
  static void call(Code code, long n, std::index_sequence<I...>) {
    auto f = reinterpret_cast<R (*)(A...)>(code);
    for (long i = 0; i < n; i++) {
      asm volatile("" : "+r"(f)::"memory");  // arguments are loaded and the pointer read every time
      if constexpr (std::is_void_v<R>)
        f(std::get<I>(*values)...);
      else
        *static_cast<R*>(shared_result()) = f(std::get<I>(*values)...);
    }
  }
  template <size_t... I>
  static std::vector<void*> addresses(std::index_sequence<I...>) {
    return {static_cast<void*>(&std::get<I>(*values))...};
  }
  static void handle(ffi_cif*, void* ret, void**, void*) { store_result<R>(ret); }
  template <size_t... I>
  static void compare(void** args, std::index_sequence<I...>) {
    arrived = (same(*static_cast<A*>(args[I]), std::get<I>(*values)) && ... && true) ? 1 : 0;
  }
  static void check_handle(ffi_cif*, void* ret, void** args, void*) {
    compare(args, std::index_sequence_for<A...>{});
    store_result<R>(ret);
  }
  static void* shared_result() {
    alignas(64) static unsigned char room[512];
    return room;
  }

  static Signature make(std::string name, bool core, bool optional) {
    using Callee = Callees<R, A...>;
    values = fill(std::index_sequence_for<A...>{});
    Callee::sent = values;

    Signature s;
    s.name = std::move(name);
    s.core = core;
    s.optional = optional;
    s.types = [](TypeMaker& m, ffi_type*& r, std::vector<ffi_type*>& a) {
      r = TypeOf<R>::get(m);
      a = {TypeOf<A>::get(m)...};
    };
    s.values = addresses(std::index_sequence_for<A...>{});
    s.result = shared_result();
    s.target = reinterpret_cast<Code>(&Callee::target);
    s.checker = reinterpret_cast<Code>(&Callee::checker);
    s.direct = [](Code code, long n) { call(code, n, std::index_sequence_for<A...>{}); };
    s.handler = handle;
    s.check_handler = check_handle;
    s.clear_result = [] { std::memset(shared_result(), 0xa5, 512); };
    s.result_right = [] {
      if constexpr (std::is_void_v<R>)
        return true;
      else
        return same(*static_cast<R*>(shared_result()), Result<R>::constant);
    };
    return s;
  }
};

template <class F>
struct Maker;
template <class R, class... A>
struct Maker<R(A...)> {
  static Signature core(std::string name) { return Build<R, A...>::make(name, true, false); }
  static Signature wide(std::string name) { return Build<R, A...>::make(name, false, false); }
  static Signature optional(std::string name) { return Build<R, A...>::make(name, false, true); }
};

// Every signature that is measured (signatures.cpp).
const std::vector<Signature>& signatures();

// A cif of one signature for one library, with the types it refers to.
struct Prepared {
  std::unique_ptr<TypeMaker> make;
  ffi_type* rtype = nullptr;
  std::vector<ffi_type*> atypes;
  ffi_cif cif{};
  bool usable = false;  // false: the library does not offer the types (optional signatures only)
};
ffi_status prep(const Library& lib, const Signature& s, Prepared& p, ffi_cif* cif);
Prepared prepare(const Library& lib, const Signature& s);

// Calls once forwards, and once backwards through a closure, and ends the program if anything is
// lost.
void verify(const Library& lib, const Signature& s, Prepared& p);

}  // namespace bench
