// SPDX-License-Identifier: MIT
// C++ exceptions through every kind of call and closure: thrown by the callee or the handler,
// caught by whoever called the library. Destructors run, callee-saved registers and the stack are
// as before, and the next call works.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "ffitest.h"

namespace {

struct Large {
  long values[12];
};

int destroyed;
struct Witness {
  ~Witness() { destroyed++; }
};

[[noreturn]] void raise(const char *what) {
  Witness witness;
  throw std::runtime_error(what);
}

int thrower(int x) {
  Witness witness;
  if (x >= 0) raise("from the callee");
  return x;
}

double spilling_thrower(int a, double b, long c, float d, Large e, long f, long g, long h, long i,
                        long j, double k)
{
  Witness witness;
  if (a + b + double(c) + d + double(e.values[11]) + double(f + g + h + i + j) + k > 0)
    raise("from the stack");
  return k;
}

Large large_thrower(int x) {
  Witness witness;
  if (x >= 0) raise("instead of a large result");
  return Large();
}

void throwing_handler(ffi_cif *, void *, void **values, void *user_data) {
  Witness witness;
  raise((*static_cast<std::string *>(user_data) + std::to_string(*static_cast<int *>(values[0])))
            .c_str());
}

// Calls a closure through ffi_call: the exception of the inner one crosses both.
void passing_handler(ffi_cif *cif, void *result, void **values, void *user_data) {
  Witness witness;
  ffi_call(cif, FFI_FN(user_data), result, values);
}

#if !FFI_NATIVE_RAW_API
void throwing_raw_handler(ffi_cif *, void *, ffi_raw *, void *) { raise("from the raw handler"); }
#endif

// Run call, which must throw what; everything else in the frame must survive.
template <typename Call>
void expect(const char *what, int witnesses, Call call) {
  volatile long fence[4] = {11, 22, 33, 44};
  long a = fence[0], b = fence[1], c = fence[2], d = fence[3];
  destroyed = 0;
  bool caught = false;
  try {
    call();
  } catch (const std::runtime_error &error) {
    caught = true;
    CHECK(std::string(error.what()) == what);
  }
  CHECK(caught);
  CHECK_EQUAL(destroyed, witnesses);
  CHECK(a == fence[0] && b == fence[1] && c == fence[2] && d == fence[3]);
}

ffi_cif int_cif, spill_cif, large_cif;
ffi_type *ints[] = {&ffi_type_sint};
ffi_type *L = &ffi_type_slong, *large_elements[] = {L, L, L, L, L, L, L, L, L, L, L, L, nullptr};
ffi_type large_type = {0, 0, FFI_TYPE_STRUCT, large_elements};
ffi_type *spill_types[] = {
    &ffi_type_sint,  &ffi_type_double, L, &ffi_type_float, &large_type, L, L, L, L, L,
    &ffi_type_double};

void test_calls() {
  int x = 1;
  void *values[] = {&x};
  ffi_sarg result;
  expect("from the callee", 2, [&] { ffi_call(&int_cif, FFI_FN(thrower), &result, values); });
  expect("from the callee", 2, [&] { ffi_call(&int_cif, FFI_FN(thrower), nullptr, values); });

  double b = 2, k = 3, got;
  long c = 4, f = 5;
  float d = 6;
  Large e = {{0}}, large;
  void *many[] = {&x, &b, &c, &d, &e, &f, &f, &f, &f, &f, &k};
  expect("from the stack", 2, [&] { ffi_call(&spill_cif, FFI_FN(spilling_thrower), &got, many); });
  expect("instead of a large result", 2,
         [&] { ffi_call(&large_cif, FFI_FN(large_thrower), &large, values); });
  expect("instead of a large result", 2,
         [&] { ffi_call(&large_cif, FFI_FN(large_thrower), nullptr, values); });

#if FFI_VERSION_NUMBER >= 30800
  ffi_call_plan *plan = ffi_call_plan_alloc(&spill_cif);
  REQUIRE(plan != nullptr);
  expect("from the stack", 2,
         [&] { ffi_call_plan_invoke(plan, FFI_FN(spilling_thrower), &got, many); });
  ffi_call_plan_free(plan);
#endif
  ffi_raw raw;
  raw.sint = 1;
  expect("from the callee", 2, [&] { ffi_raw_call(&int_cif, FFI_FN(thrower), &result, &raw); });
#if FFI_GO_CLOSURES
  expect("from the callee", 2,
         [&] { ffi_call_go(&int_cif, FFI_FN(thrower), &result, values, &x); });
#endif

  x = -5;
  ffi_call(&int_cif, FFI_FN(thrower), &result, values);
  CHECK_EQUAL(result, -5);
}

void test_closures() {
  std::string text = "from the handler ";
  void *code, *outer_code;
  ffi_closure *closure = ffitest_closure(&int_cif, throwing_handler, &text, &code);
  ffi_closure *outer = ffitest_closure(&int_cif, passing_handler, code, &outer_code);
  for (int round = 0; round < 100; round++) {
    expect("from the handler 7", 2, [&] { reinterpret_cast<int (*)(int)>(code)(7); });
    expect("from the handler 8", 3, [&] { reinterpret_cast<int (*)(int)>(outer_code)(8); });
    int x = 9;
    ffi_sarg result;
    void *values[] = {&x};
    expect("from the handler 9", 3,
           [&] { ffi_call(&int_cif, FFI_FN(outer_code), &result, values); });
  }
  ffi_closure_free(outer);
  ffi_closure_free(closure);

  closure = ffitest_closure(&large_cif, throwing_handler, &text, &code);
  expect("from the handler 5", 2, [&] { reinterpret_cast<Large (*)(int)>(code)(5); });
  ffi_closure_free(closure);

  closure = ffitest_closure(&spill_cif, throwing_handler, &text, &code);
  expect("from the handler 4", 2, [&] {
    reinterpret_cast<decltype(&spilling_thrower)>(code)(4, 0, 0, 0, Large(), 0, 0, 0, 0, 0, 0);
  });
  ffi_closure_free(closure);

  // A closure in a table made later, not in the first one.
  static ffi_closure *many[3000];
  for (ffi_closure *&one : many) one = ffitest_closure(&int_cif, throwing_handler, &text, &code);
  expect("from the handler 6", 2, [&] { reinterpret_cast<int (*)(int)>(code)(6); });
  for (ffi_closure *one : many) ffi_closure_free(one);

#if !FFI_NATIVE_RAW_API
  auto *raw = static_cast<ffi_raw_closure *>(ffi_closure_alloc(sizeof(ffi_raw_closure), &code));
  REQUIRE(raw != nullptr &&
          ffi_prep_raw_closure_loc(raw, &int_cif, throwing_raw_handler, nullptr, code) == FFI_OK);
  expect("from the raw handler", 1, [&] { reinterpret_cast<int (*)(int)>(code)(7); });
  ffi_closure_free(raw);
#endif
}

#if FFI_GO_CLOSURES
ffi_go_closure go;
void throwing_go_handler(ffi_cif *, void *, void **, void *) { raise("from the Go handler"); }

void test_go_closure() {
  REQUIRE(ffi_prep_go_closure(&go, &int_cif, throwing_go_handler) == FFI_OK);
  int x = 1;
  void *values[] = {&x};
  ffi_sarg result;
  expect("from the Go handler", 1,
         [&] { ffi_call_go(&int_cif, FFI_FN(go.tramp), &result, values, &go); });
}
#endif

#ifdef __x86_64__
// The Microsoft convention, in which callers keep more in registers.
#define MS __attribute__((ms_abi))
int MS microsoft_thrower(int x) { return thrower(x); }

void test_microsoft() {
  ffi_cif cif;
  REQUIRE(ffi_prep_cif(&cif, FFI_GNUW64, 1, &ffi_type_sint, ints) == FFI_OK);
  int x = 1;
  void *values[] = {&x};
  ffi_sarg result;
  expect("from the callee", 2, [&] { ffi_call(&cif, FFI_FN(microsoft_thrower), &result, values); });
  std::string text = "from the handler ";
  void *code, *outer_code;
  ffi_closure *closure = ffitest_closure(&cif, throwing_handler, &text, &code);
  ffi_closure *outer = ffitest_closure(&cif, passing_handler, code, &outer_code);
  expect("from the handler 7", 2, [&] { reinterpret_cast<int MS (*)(int)>(code)(7); });
  expect("from the handler 8", 3, [&] { reinterpret_cast<int MS (*)(int)>(outer_code)(8); });
  ffi_closure_free(outer);
  ffi_closure_free(closure);
}
#endif

}  // namespace

int main() {
  ffitest_prepare(&int_cif, &ffi_type_sint, 1, ints);
  ffitest_prepare(&large_cif, &large_type, 1, ints);
  ffitest_prepare(&spill_cif, &ffi_type_double, 11, spill_types);
  test_calls();
  test_closures();
#if FFI_GO_CLOSURES
  test_go_closure();
#endif
#ifdef __x86_64__
  test_microsoft();
#endif
  return ffitest_end();
}
