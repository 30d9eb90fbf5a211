// SPDX-License-Identifier: MIT
// The list of signatures that are measured, and the check that a library gets each of them right.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "signature.h"

namespace bench {

int arrived = -1;

// The structs below are described to libffi by `members`; make() fills them with exact values.
#define BENCH_STRUCT(name_, ...)           \
  using members = std::tuple<__VA_ARGS__>; \
  bool operator==(const name_&) const = default;

struct I1 {
  int a;
  BENCH_STRUCT(I1, int)
  static I1 make(int s) { return {s}; }
};
struct L2 {
  long a, b;
  BENCH_STRUCT(L2, long, long)
  static L2 make(int s) { return {s, s + 1}; }
};
struct D2 {
  double a, b;
  BENCH_STRUCT(D2, double, double)
  static D2 make(int s) { return {s + 0.5, s + 1.5}; }
};
struct F3 {
  float a, b, c;
  BENCH_STRUCT(F3, float, float, float)
  static F3 make(int s) { return {s + 0.5f, s + 1.5f, s + 2.5f}; }
};
struct LD {
  long a;
  double b;
  BENCH_STRUCT(LD, long, double)
  static LD make(int s) { return {s, s + 0.5}; }
};
struct S4 {
  short a, b, c, d;
  BENCH_STRUCT(S4, short, short, short, short)
  static S4 make(int s) {
    const short t = static_cast<short>(s);
    return {t, t, t, t};
  }
};
struct Nest {
  I1 x;
  float y;
  double z;
  BENCH_STRUCT(Nest, I1, float, double)
  static Nest make(int s) { return {I1::make(s), s + 0.5f, s + 1.5}; }
};
struct Big {
  long a, b, c, d, e, f, g, h;
  BENCH_STRUCT(Big, long, long, long, long, long, long, long, long)
  static Big make(int s) { return {s, s, s, s, s, s, s, s}; }
};

// printf's kind of signature: one fixed argument, then int, double and long. The compiled callee
// and caller are replaced by variadic ones, because that is what such a function is in life.
using Variadic = int (*)(void*, ...);

static int variadic_target(void*, ...) {
  asm volatile("" ::: "memory");
  return Result<int>::constant;
}

static int variadic_checker(void* first, ...) {
  using Sent = Build<int, void*, int, double, long>;
  va_list list;
  va_start(list, first);
  const int i = va_arg(list, int);
  const double d = va_arg(list, double);
  const long l = va_arg(list, long);
  va_end(list);
  arrived = *Sent::values == std::tuple(first, i, d, l) ? 1 : 0;
  return Result<int>::constant;
}

static Signature variadic() {
  using Sent = Build<int, void*, int, double, long>;
  Signature s = Sent::make("int(void*, ...int,double,long)", false, false);
  s.fixed = 1;
  s.target = reinterpret_cast<Code>(variadic_target);
  s.checker = reinterpret_cast<Code>(variadic_checker);
  s.direct = [](Code code, long n) {
    auto f = reinterpret_cast<Variadic>(code);
    auto& [p, i, d, l] = *Sent::values;
    for (long k = 0; k < n; k++) {
      asm volatile("" : "+r"(f)::"memory");
      *static_cast<int*>(Sent::shared_result()) = f(p, i, d, l);
    }
  };
  return s;
}

const std::vector<Signature>& signatures() {
  using Ptr = void*;
  static const std::vector<Signature> all = {
      Maker<void()>::core("void()"),
      Maker<int(int)>::core("int(int)"),
      Maker<long(long, long)>::core("long(long x2)"),
      Maker<int(Ptr, Ptr)>::core("int(void* x2)"),
      Maker<long(long, long, long, long, long, long)>::core("long(long x6)"),
      Maker<int(int, int, int, int, int, int, int, int, int, int, int, int)>::core("int(int x12)"),
      Maker<short(short, short, short, short)>::core("short(short x4)"),
      Maker<double(double)>::core("double(double)"),
      Maker<double(double, double, double, double, double, double, double, double)>::core(
          "double(double x8)"),
      Maker<float(float, float, float, float)>::core("float(float x4)"),
      Maker<double(int, double, Ptr, float, long, double)>::core(
          "double(int,double,void*,float,long,double)"),
      Maker<I1(I1)>::core("{int}({int})"),
      Maker<S4(S4)>::core("{short x4}({short x4})"),
      Maker<L2(L2)>::core("{long,long}({long,long})"),
      Maker<D2(D2, D2)>::core("{double,double}({double,double} x2)"),
      Maker<F3(F3)>::core("{float x3}({float x3})"),
      Maker<LD(int, LD)>::core("{long,double}(int,{long,double})"),
      Maker<Nest(Nest)>::core("{{int},float,double}({{int},float,double})"),
      Maker<long(Big)>::wide("long({long x8})"),
      Maker<Big(Ptr)>::wide("{long x8}(void*)"),
      Maker<Big(Big)>::wide("{long x8}({long x8})"),
      variadic(),
      Maker<signed char(signed char, unsigned char, short, unsigned short)>::wide(
          "char(char,uchar,short,ushort)"),
      Maker<unsigned short(unsigned short, unsigned short)>::wide("ushort(ushort x2)"),
      Maker<long double(long double)>::wide("long double(long double)"),
      Maker<_Complex double(_Complex double)>::wide("complex double(complex double)"),
      Maker<_Complex float(_Complex float)>::wide("complex float(complex float)"),
#ifdef __SIZEOF_INT128__
      Maker<__int128(__int128)>::optional("int128(int128)"),
#endif
      Maker<Vec4(Vec4, Vec4)>::optional("vec4f(vec4f x2)"),
  };
  return all;
}

ffi_status prep(const Library& lib, const Signature& s, Prepared& p, ffi_cif* cif) {
  const unsigned count = static_cast<unsigned>(p.atypes.size());
  if (s.fixed < 0) return lib.prep_cif(cif, FFI_DEFAULT_ABI, count, p.rtype, p.atypes.data());
  return lib.prep_cif_var(cif, FFI_DEFAULT_ABI, static_cast<unsigned>(s.fixed), count, p.rtype,
                          p.atypes.data());
}

Prepared prepare(const Library& lib, const Signature& s) {
  Prepared p;
  p.make = std::make_unique<TypeMaker>(lib);
  s.types(*p.make, p.rtype, p.atypes);
  if (p.make->complete()) p.usable = prep(lib, s, p, &p.cif) == FFI_OK;
  if (!p.usable && !s.optional) {
    std::fprintf(stderr, "ffi-bench: %s: ffi_prep_cif refuses %s\n", lib.name.c_str(),
                 s.name.c_str());
    std::exit(1);
  }
  return p;
}

static void demand(bool good, const Library& lib, const Signature& s, const char* what) {
  if (good) return;
  std::fprintf(stderr, "ffi-bench: %s: %s: wrong %s; not worth timing\n", lib.name.c_str(),
               s.name.c_str(), what);
  std::exit(1);
}

void verify(const Library& lib, const Signature& s, Prepared& p) {
  std::vector<void*> values = s.values;
  arrived = -1;
  s.clear_result();
  lib.call(&p.cif, s.checker, s.result, values.data());
  demand(arrived == 1, lib, s, "arguments through ffi_call");
  // A narrow integral result is widened to ffi_arg; on a little-endian machine its low bytes stay
  // put.
  demand(s.result_right(), lib, s, "result through ffi_call");

  void* code = nullptr;
  auto* closure = static_cast<ffi_closure*>(lib.closure_alloc(sizeof(ffi_closure), &code));
  demand(closure != nullptr, lib, s, "closure: none given");
  demand(lib.prep_closure_loc(closure, &p.cif, s.check_handler, nullptr, code) == FFI_OK, lib, s,
         "closure: not prepared");
  arrived = -1;
  s.clear_result();
  s.direct(reinterpret_cast<Code>(code), 1);
  demand(arrived == 1, lib, s, "arguments through a closure");
  demand(s.result_right(), lib, s, "result through a closure");
  lib.closure_free(closure);
}

}  // namespace bench
