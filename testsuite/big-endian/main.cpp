// SPDX-License-Identifier: MIT
// Calls and closures on big-endian aarch64, without a C library, which nobody packages for it. Each
// signature is called through its plan, and as a closure by compiled code: what one side sent, the
// other has to see.
#include <utility>

#include "abi/compile.h"
#include "arch/aarch64/convention.h"
#include "base/fatal.h"
#include "marshal/invoke.h"
#include "marshal/serve.h"
#include "types/layout.h"

static_assert(ffi::target::big_endian);

// ---- Instead of a C library --------------------

extern "C" {

long system_call(long number, long first, const void *second, unsigned long third);
void trampoline();

// Volatile: the compiler must not make calls of these functions of them.
void *memcpy(void *to, const void *from, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    static_cast<volatile char *>(to)[i] = static_cast<const char *>(from)[i];
  return to;
}
void *memset(void *to, int byte, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    static_cast<volatile char *>(to)[i] = static_cast<char>(byte);
  return to;
}
void *malloc(std::size_t) { return nullptr; }
void free(void *) {}

}  // extern "C"

asm(R"(
  .text
  .globl _start, system_call, trampoline
_start:
  bl  run_all
  mov x8, #94
  svc #0
system_call:
  mov x8, x0
  mov x0, x1
  mov x1, x2
  mov x2, x3
  svc #0
  ret
trampoline:
  b   ffi_closure_sysv_vectors
)");

namespace ffi {

void print(const char *text) {
  std::size_t size = 0;
  while (text[size] != 0) ++size;
  system_call(64, 1, text, size);  // write
}

void fatal(const char *text) {
  print(text);
  system_call(94, 1, nullptr, 0);  // exit_group
  __builtin_trap();
}

namespace {

// ---- Types --------------------

template <typename T, unsigned count>
struct Array {
  T members[count];
};
struct Mixed {
  float a;
  int b;
};
using Bytes3 = Array<unsigned char, 3>;
using Ints3 = Array<int, 3>;
using Longs3 = Array<long, 3>;
using Floats3 = Array<float, 3>;
using Doubles2 = Array<double, 2>;
typedef int Vector8 __attribute__((vector_size(8)));
typedef short Vector16 __attribute__((vector_size(16)));

template <unsigned short code, ffi_type *...members>
ffi_type *aggregate() {
  static ffi_type *list[] = {members..., nullptr};
  static ffi_type type{0, 0, code, list};
  if (type.size == 0 && lay_out(type) != Status::ok) fatal("a type without a layout\n");
  return &type;
}

template <typename T>
ffi_type *type_of();
#define TYPE(type, ...) \
  template <>           \
  ffi_type *type_of<type>() { return __VA_ARGS__; }
#define STRUCT(type, ...) TYPE(type, aggregate<FFI_TYPE_STRUCT, __VA_ARGS__>())
#define VECTOR(type, ...) TYPE(type, aggregate<FFI_TYPE_VECTOR, __VA_ARGS__>())
#define TWO(member) &ffi_type_##member, &ffi_type_##member
#define THREE(member) TWO(member), &ffi_type_##member
TYPE(signed char, &ffi_type_sint8)
TYPE(unsigned char, &ffi_type_uint8)
TYPE(short, &ffi_type_sint16)
TYPE(unsigned short, &ffi_type_uint16)
TYPE(int, &ffi_type_sint32)
TYPE(unsigned, &ffi_type_uint32)
TYPE(long, &ffi_type_sint64)
TYPE(float, &ffi_type_float)
TYPE(double, &ffi_type_double)
TYPE(long double, &ffi_type_longdouble)
STRUCT(Bytes3, THREE(uint8))
STRUCT(Ints3, THREE(sint32))
STRUCT(Longs3, THREE(sint64))
STRUCT(Floats3, THREE(float))
STRUCT(Doubles2, TWO(double))
STRUCT(Mixed, &ffi_type_float, &ffi_type_sint32)
VECTOR(Vector8, TWO(sint32))
VECTOR(Vector16, THREE(sint16), THREE(sint16), TWO(sint16))

// ---- One signature at a time --------------------

constexpr unsigned most = 16;
struct Value {
  alignas(16) unsigned char bytes[32];
};
Value sent[most], seen[most], returned;
std::size_t sizes[most];
alignas(16) unsigned char plan_memory[4096];
const Plan &plan = *reinterpret_cast<const Plan *>(plan_memory);
void (*closure_function)(ffi_cif *, void *, void **, void *);

bool same(const void *left, const void *right, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    if (static_cast<const unsigned char *>(left)[i] != static_cast<const unsigned char *>(right)[i])
      return false;
  return true;
}

bool all_seen() {
  bool good = true;
  for (unsigned i = 0; i < plan.nargs; ++i)
    good = good && same(sent[i].bytes, seen[i].bytes, sizes[i]);
  memset(seen, 0, sizeof seen);
  return good;
}

void fill(Value *value) {
  static unsigned state = 12345;
  for (unsigned char &byte : value->bytes)
    byte = static_cast<unsigned char>((state = state * 1103515245 + 12345) >> 16);
}

template <typename T>
T value_of(const Value &from) {
  return read<T>(from.bytes);
}

// Narrow integers are returned as an ffi_arg.
template <typename R>
auto widened(R result) {
  if constexpr (std::is_integral_v<R>) return static_cast<ffi_sarg>(result);
  else return result;
}

template <typename R, typename... A>
R callee(A... values) {
  unsigned i = 0;
  (memcpy(seen[i++].bytes, &values, sizeof values), ...);
  return value_of<R>(returned);
}

template <typename R>
void served(ffi_cif *, void *rvalue, void **values, void *) {
  for (unsigned i = 0; i < plan.nargs; ++i) memcpy(seen[i].bytes, values[i], sizes[i]);
  write(static_cast<unsigned char *>(rvalue), widened(value_of<R>(returned)));
}

template <typename R, typename... A, unsigned... index>
R call_trampoline(std::integer_sequence<unsigned, index...>) {
  return reinterpret_cast<R (*)(A...)>(&trampoline)(value_of<A>(sent[index])...);
}

void compile_plan(ffi_type *const *types, unsigned nargs) {
  const Convention &convention = aarch64::sysv_big_endian;
  Passing passings[most + 1];
  for (unsigned i = 0; i <= nargs; ++i) {
    const Role role = i == nargs ? Role::result : Role::named_argument;
    const Status status = convention.classify(convention, *types[i], role, &passings[i]);
    if (status != Status::ok) fatal("a type that cannot be classified\n");
    if (i < nargs) sizes[i] = types[i]->size;
  }
  const Signature signature{passings, nargs, passings[nargs]};
  if (plan_bound(convention, signature) > sizeof plan_memory ||
      compile(convention, signature, reinterpret_cast<Plan *>(plan_memory)) != Status::ok)
    fatal("a signature that cannot be compiled\n");
}

void report(bool good, const char *what, const char *signature) {
  print(good ? "PASS: " : "FAIL: ");
  print(what);
  print(signature);
  print("\n");
}

template <typename R, typename... A>
void check(const char *signature) {
  static_assert(sizeof...(A) <= most);
  ffi_type *const types[] = {type_of<A>()..., type_of<R>()};
  compile_plan(types, sizeof...(A));
  void *values[most];
  for (unsigned i = 0; i < sizeof...(A); ++i) {
    fill(&sent[i]);
    values[i] = sent[i].bytes;
  }
  fill(&returned);
  const R expected = value_of<R>(returned);

  Value result;
  invoke(plan, reinterpret_cast<void (*)()>(&callee<R, A...>), result.bytes, values, nullptr);
  const auto wide = widened(expected);
  report(all_seen() && same(result.bytes, &wide, sizeof wide), "a call of ", signature);

  closure_function = &served<R>;
  const R got = call_trampoline<R, A...>(std::make_integer_sequence<unsigned, sizeof...(A)>());
  report(all_seen() && same(&got, &expected, sizeof got), "a closure of ", signature);
}
#define CHECK(...) check<__VA_ARGS__>(#__VA_ARGS__)

}  // namespace

namespace arch {

void ffi_enter_record(const glue::Record *, Image *image, unsigned char *stack) {
  glue::Binding binding{};
  binding.plan = &plan;
  binding.fun = reinterpret_cast<void (*)()>(closure_function);
  serve(binding, image, stack);
}
void ffi_enter_memory(const ffi_closure *, Image *, unsigned char *) { fatal("another door\n"); }
void ffi_enter_go(const ffi_go_closure *, Image *, unsigned char *) { fatal("another door\n"); }
extern "C" void ffi_closure_trap() { fatal("another door\n"); }

}  // namespace arch

extern "C" int run_all() {
  CHECK(signed char, signed char, unsigned char, short, unsigned short, int, unsigned, long);
  CHECK(unsigned char, long, long, long, long, long, long, long, long, signed char, unsigned short,
        int, Bytes3, unsigned);
  CHECK(short, float, double, int);
  CHECK(unsigned short, long double, float, double);
  CHECK(int, Vector8, Vector16, float);
  CHECK(unsigned, Floats3, Doubles2, Mixed, Bytes3);
  CHECK(long, Ints3, Longs3, int);
  CHECK(float, float, float, float, float, float, float, float, float, float, double, Floats3,
        Doubles2, float);
  CHECK(double, int, double, long, float);
  CHECK(long double, long double);
  CHECK(Bytes3, Bytes3);
  CHECK(Ints3, Ints3, Ints3, Ints3, Ints3, Ints3);
  CHECK(Longs3, Longs3);
  CHECK(Floats3, Floats3, Floats3, Floats3, short);
  CHECK(Doubles2, Doubles2, float);
  CHECK(Mixed, Mixed);
  CHECK(Vector8, Vector8);
  CHECK(Vector16, Vector16);
  return 0;
}

}  // namespace ffi
