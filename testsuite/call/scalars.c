/* SPDX-License-Identifier: MIT */
/* Area: ffi_call. Purpose: scalar arguments and results of every type, in every number, in
   registers and on the stack. Expected: what the compiled function would see and give; small
   integers widened to a whole ffi_arg. */
/* { dg-do run } */
#include <limits.h>

#include "ffitest.h"

/* No header has a descriptor of this code; programs make their own. */
static ffi_type plain_int = {sizeof(int), _Alignof(int), FFI_TYPE_INT, NULL};

/* Identity functions over each integer type, with the extremes. */
#define INTEGERS(X) \
  X(int8_t, ffi_type_sint8, INT8_MIN, INT8_MAX) \
  X(uint8_t, ffi_type_uint8, 0, UINT8_MAX) \
  X(int16_t, ffi_type_sint16, INT16_MIN, INT16_MAX) \
  X(uint16_t, ffi_type_uint16, 0, UINT16_MAX) \
  X(int32_t, ffi_type_sint32, INT32_MIN, INT32_MAX) \
  X(uint32_t, ffi_type_uint32, 0, UINT32_MAX) \
  X(int, plain_int, INT_MIN, INT_MAX) \
  X(int64_t, ffi_type_sint64, INT64_MIN, INT64_MAX) \
  X(uint64_t, ffi_type_uint64, 0, UINT64_MAX)

#define DEFINE_IDENTITY(type, ffi, low, high) \
  static type same_##type(type x) { return x; } \
  static void test_##type(void) \
  { \
    ffi_cif cif; \
    ffi_type *types[] = {&ffi}; \
    ffitest_prepare(&cif, &ffi, 1, types); \
    const type values[] = {(type)(low), (type)(high), 0, 1, (type)-1, (type)((type)(high) / 3)}; \
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) { \
      type x = values[i]; \
      void *avalue[] = {&x}; \
      union { ffi_arg word; uint64_t whole; } result = {.whole = 0xa5a5a5a5a5a5a5a5u}; \
      ffi_call(&cif, FFI_FN(same_##type), &result, avalue); \
      if (sizeof(type) < sizeof(ffi_arg)) \
        CHECK(result.word == (ffi_arg)(ffi_sarg)values[i]); \
      else \
        CHECK(!memcmp(&result, &values[i], sizeof(type))); \
      CHECK(x == values[i]); \
    } \
  }
INTEGERS(DEFINE_IDENTITY)

static unsigned nothing_calls;
static void nothing(void) { nothing_calls++; }

static void test_void(void)
{
  ffi_cif cif;
  ffitest_prepare(&cif, &ffi_type_void, 0, NULL);
  uint64_t untouched = 0x1122334455667788u;
  ffi_call(&cif, nothing, &untouched, NULL);
  ffi_call(&cif, nothing, NULL, NULL);
  CHECK_EQUAL(nothing_calls, 2);
  CHECK(untouched == 0x1122334455667788u);
}

/* A function of n ints, n doubles, or both in turn, that folds its arguments so that each place
   counts. */
#define A(t, i) t a##i
#define FOLD(i) sum = sum * 3 + (double)a##i;
#define LIST8(f, t) f(t, 0), f(t, 1), f(t, 2), f(t, 3), f(t, 4), f(t, 5), f(t, 6), f(t, 7)
#define LIST20(f, t)                                                                               \
  LIST8(f, t), f(t, 8), f(t, 9), f(t, 10), f(t, 11), f(t, 12), f(t, 13), f(t, 14), f(t, 15),       \
      f(t, 16), f(t, 17), f(t, 18), f(t, 19)
#define FOLD8 FOLD(0) FOLD(1) FOLD(2) FOLD(3) FOLD(4) FOLD(5) FOLD(6) FOLD(7)
#define FOLD20                                                                                     \
  FOLD8 FOLD(8) FOLD(9) FOLD(10) FOLD(11) FOLD(12) FOLD(13) FOLD(14) FOLD(15) FOLD(16) FOLD(17)    \
      FOLD(18) FOLD(19)
static double ints8(LIST8(A, int)) { double sum = 0; FOLD8 return sum; }
static double ints20(LIST20(A, int)) { double sum = 0; FOLD20 return sum; }
static double doubles8(LIST8(A, double)) { double sum = 0; FOLD8 return sum; }
static double doubles20(LIST20(A, double)) { double sum = 0; FOLD20 return sum; }
static double floats20(LIST20(A, float)) { double sum = 0; FOLD20 return sum; }
static double shorts20(LIST20(A, short)) { double sum = 0; FOLD20 return sum; }
static double chars20(LIST20(A, signed char)) { double sum = 0; FOLD20 return sum; }
static double mixed20(int a0, double a1, float a2, short a3, double a4, long long a5, float a6,
                      signed char a7, int a8, double a9, float a10, short a11, double a12,
                      long long a13, float a14, signed char a15, int a16, double a17, float a18,
                      short a19)
{
  double sum = 0;
  FOLD20
  return sum;
}

static void fold(void (*function)(void), unsigned count, ffi_type **kinds, unsigned kind_count)
{
  union { int i; short h; signed char c; double d; float f; long long l; } value[20];
  void *avalue[20];
  ffi_type *types[20];
  double expected = 0, got = -1;
  for (unsigned i = 0; i < count; i++) {
    double x = i % 2 ? -(double)i : i + 1;
    types[i] = kinds[i % kind_count];
    avalue[i] = &value[i];
    memset(&value[i], 0xee, sizeof value[i]);
    switch (types[i]->type) {
    case FFI_TYPE_SINT8: value[i].c = (signed char)x; break;
    case FFI_TYPE_SINT16: value[i].h = (short)x; break;
    case FFI_TYPE_SINT32: value[i].i = (int)x; break;
    case FFI_TYPE_SINT64: value[i].l = (long long)x; break;
    case FFI_TYPE_FLOAT: value[i].f = (float)x; break;
    default: value[i].d = x; break;
    }
    expected = expected * 3 + x;
  }
  ffi_cif cif;
  ffitest_prepare(&cif, &ffi_type_double, count, types);
  ffi_call(&cif, function, &got, avalue);
  CHECK(got == expected);
}

static void test_many(void)
{
  ffi_type *ints[] = {&ffi_type_sint32}, *doubles[] = {&ffi_type_double},
           *floats[] = {&ffi_type_float};
  ffi_type *shorts[] = {&ffi_type_sint16}, *chars[] = {&ffi_type_sint8};
  ffi_type *mixed[] = {&ffi_type_sint32, &ffi_type_double, &ffi_type_float, &ffi_type_sint16,
                       &ffi_type_double, &ffi_type_sint64, &ffi_type_float, &ffi_type_sint8};
  fold(FFI_FN(ints8), 8, ints, 1);
  fold(FFI_FN(ints20), 20, ints, 1);
  fold(FFI_FN(doubles8), 8, doubles, 1);
  fold(FFI_FN(doubles20), 20, doubles, 1);
  fold(FFI_FN(floats20), 20, floats, 1);
  fold(FFI_FN(shorts20), 20, shorts, 1);
  fold(FFI_FN(chars20), 20, chars, 1);
  fold(FFI_FN(mixed20), 20, mixed, 8);
}

static float halved(float x) { return x / 2; }
static double third(double x) { return x / 3; }
static long double squared(long double x, int y) { return x * x + y; }
static void *next_pointer(void *p) { return (char *)p + 1; }
static _Bool opposite(_Bool b) { return !b; }

static void test_floating_and_pointers(void)
{
  ffi_cif cif;
  ffi_type *f[] = {&ffi_type_float}, *d[] = {&ffi_type_double}, *p[] = {&ffi_type_pointer},
           *b[] = {&ffi_type_uint8};
  ffi_type *l[] = {&ffi_type_longdouble, &ffi_type_sint};

  struct { float value, fence; } fr = {0, 77};
  float fx = -12.5f;
  ffitest_prepare(&cif, &ffi_type_float, 1, f);
  ffi_call(&cif, FFI_FN(halved), &fr.value, (void *[]){&fx});
  CHECK(fr.value == -6.25f && fr.fence == 77);

  struct { double value, fence; } dr = {0, 77};
  double dx = 1e300;
  ffitest_prepare(&cif, &ffi_type_double, 1, d);
  ffi_call(&cif, FFI_FN(third), &dr.value, (void *[]){&dx});
  CHECK(dr.value == third(dx) && dr.fence == 77);

  struct { long double value, fence; } lr = {0, 77};
  long double lx = 3.25L;
  int plus = -4;
  ffitest_prepare(&cif, &ffi_type_longdouble, 2, l);
  ffi_call(&cif, FFI_FN(squared), &lr.value, (void *[]){&lx, &plus});
  CHECK(lr.value == squared(lx, plus) && lr.fence == 77);
  ffi_call(&cif, FFI_FN(squared), NULL, (void *[]){&lx, &plus});

  void *px = &cif, *pr = NULL;
  ffitest_prepare(&cif, &ffi_type_pointer, 1, p);
  ffi_call(&cif, FFI_FN(next_pointer), &pr, (void *[]){&px});
  CHECK(pr == (char *)&cif + 1);

  for (unsigned i = 0; i < 2; i++) {
    _Bool bx = i;
    ffi_arg br = (ffi_arg)-1;
    ffitest_prepare(&cif, &ffi_type_uint8, 1, b);
    ffi_call(&cif, FFI_FN(opposite), &br, (void *[]){&bx});
    CHECK_EQUAL(br, !i);
  }
}

/* A callee whose result leaves garbage above its width in the result register. */
static long long wide_garbage(long long x) { return x; }

static void test_result_width(void)
{
  static const struct { ffi_type *type; long long want;
  } rows[] = {{&ffi_type_sint8, -2},
              {&ffi_type_uint8, 0xfe},
              {&ffi_type_sint16, -0x4302},
              {&ffi_type_uint16, 0xbcfe},
              {&ffi_type_sint32, (int)0x89ffbcfe},
              {&ffi_type_uint32, 0x89ffbcfe}};
  ffi_type *types[] = {&ffi_type_sint64};
  long long x = 0x1234567789ffbcfe;
  for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
    ffi_cif cif;
    ffi_arg got = 0;
    ffitest_prepare(&cif, rows[i].type, 1, types);
    ffi_call(&cif, FFI_FN(wide_garbage), &got, (void *[]){&x});
    CHECK_EQUAL((ffi_sarg)got, (ffi_sarg)rows[i].want);
  }
}

int main(void)
{
#define RUN(type, ffi, low, high) test_##type();
  INTEGERS(RUN)
  test_void();
  test_many();
  test_floating_and_pointers();
  test_result_width();
  return ffitest_end();
}
