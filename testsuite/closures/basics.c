/* SPDX-License-Identifier: MIT */
/* Area: closures. Purpose: what a handler gets and how its result comes back, for every scalar type
   and for structs; recursion; a comparison function for qsort. Expected: the same as a compiled
   function with that prototype; the public fields of the closure readable after it was prepared. */
/* { dg-do run } */
#include "ffitest.h"

static bool narrow; /* the handler writes the declared width only, not a whole ffi_arg */

#define INTEGERS(X)                                                                                \
  X(int8_t, ffi_type_sint8)                                                                        \
  X(uint8_t, ffi_type_uint8) X(int16_t, ffi_type_sint16) X(uint16_t, ffi_type_uint16)              \
      X(int32_t, ffi_type_sint32) X(uint32_t, ffi_type_uint32) X(int64_t, ffi_type_sint64)         \
          X(uint64_t, ffi_type_uint64)
#define DEFINE(type, ffi)                                                                          \
  static void negate_##type(ffi_cif *cif, void *result, void **values, void *user_data)            \
  {                                                                                                \
    type x = *(type *)values[0];                                                                   \
    CHECK_EQUAL(cif->nargs, 1);                                                                    \
    CHECK(user_data == &narrow);                                                                   \
    x = (type)(0ull - (unsigned long long)x);                                                      \
    if (narrow || sizeof(type) >= sizeof(ffi_arg))                                                 \
      memcpy(result, &x, sizeof x);                                                                \
    else                                                                                           \
      *(ffi_arg *)result = (ffi_arg)(ffi_sarg)x;                                                   \
  }                                                                                                \
  static void test_##type(void)                                                                    \
  {                                                                                                \
    ffi_cif cif;                                                                                   \
    ffi_type *types[] = {&ffi};                                                                    \
    void *code;                                                                                    \
    ffitest_prepare(&cif, &ffi, 1, types);                                                         \
    ffi_closure *closure = ffitest_closure(&cif, negate_##type, &narrow, &code);                   \
    CHECK(closure->cif == &cif && closure->fun == negate_##type && closure->user_data == &narrow); \
    static const long long values[] = {0,    1,      -1,      127,        128,                     \
                                       -128, 0x7fff, -0x8000, 0x7fffffff, -0x80000000ll};          \
    for (unsigned i = 0; i < 2 * sizeof values / sizeof *values; i++) {                            \
      narrow = i & 1;                                                                              \
      type x = (type)values[i / 2];                                                                \
      type got = ((type(*)(type))code)(x);                                                         \
      CHECK(got == (type)(0ull - (unsigned long long)x));                                          \
    }                                                                                              \
    ffi_closure_free(closure);                                                                     \
  }
INTEGERS(DEFINE)

static void describe(ffi_cif *cif, void *result, void **values, void *user_data)
{
  char *text = (char *)user_data;
  (void)cif;
  snprintf(text, 100, "%d %g %g %Lg %s %lld %d %d", *(int *)values[0], (double)*(float *)values[1],
           *(double *)values[2], *(long double *)values[3], *(char **)values[4],
           *(long long *)values[5], *(signed char *)values[6], *(unsigned short *)values[7]);
  *(double *)result = *(float *)values[1] + *(double *)values[2];
}

static void test_mixed(void)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_sint,    &ffi_type_float,  &ffi_type_double, &ffi_type_longdouble,
                       &ffi_type_pointer, &ffi_type_sint64, &ffi_type_sint8,  &ffi_type_uint16};
  char text[100];
  void *code;
  ffitest_prepare(&cif, &ffi_type_double, 8, types);
  ffi_closure *closure = ffitest_closure(&cif, describe, text, &code);
  double got = ((double (*)(int, float, double, long double, char *, long long, signed char,
                            unsigned short))code)(-7, 1.5f, -2.25, 1e10L, (char *)"word",
                                                  -1234567890123, -5, 65000);
  CHECK(got == -0.75);
  CHECK(!strcmp(text, "-7 1.5 -2.25 1e+10 word -1234567890123 -5 65000"));
  ffi_closure_free(closure);
}

static void no_result(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)result, (void)values;
  ++*(int *)user_data;
}

static void give_float(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)user_data;
  *(float *)result = *(float *)values[0] * 2;
}

static void give_long_double(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)user_data;
  *(long double *)result = *(long double *)values[0] * 2;
}

static void give_pointer(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)values;
  *(void **)result = user_data;
}

static void test_other_results(void)
{
  ffi_cif cif;
  void *code;
  int calls = 0;
  ffitest_prepare(&cif, &ffi_type_void, 0, NULL);
  ffi_closure *closure = ffitest_closure(&cif, no_result, &calls, &code);
  ((void (*)(void))code)();
  ((void (*)(void))code)();
  CHECK_EQUAL(calls, 2);
  ffi_closure_free(closure);

  ffi_type *f[] = {&ffi_type_float}, *l[] = {&ffi_type_longdouble};
  ffitest_prepare(&cif, &ffi_type_float, 1, f);
  closure = ffitest_closure(&cif, give_float, NULL, &code);
  CHECK(((float (*)(float))code)(1.25f) == 2.5f);
  ffi_closure_free(closure);

  ffitest_prepare(&cif, &ffi_type_longdouble, 1, l);
  closure = ffitest_closure(&cif, give_long_double, NULL, &code);
  for (int i = 0; i < 20; i++) /* more often than there are x87 registers */
    CHECK(((long double (*)(long double))code)(i + 0.5L) == 2 * i + 1);
  ffi_closure_free(closure);

  ffitest_prepare(&cif, &ffi_type_pointer, 0, NULL);
  closure = ffitest_closure(&cif, give_pointer, &calls, &code);
  CHECK(((void *(*)(void))code)() == &calls);
  ffi_closure_free(closure);
}

/* Structs through a closure: in one register, two, of both kinds, in memory. */
struct one { short a; char b; };
struct two { double d; int i; };
struct large { long l[7]; char c; };

static void give_back(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)user_data;
  memcpy(result, values[cif->nargs - 1], cif->rtype->size);
  memset(values[cif->nargs - 1], 0xdd,
         cif->rtype->size); /* the handler owns the values it is given */
}

static void test_structs(void)
{
  ffi_type *e1[] = {&ffi_type_sint16, &ffi_type_schar, NULL};
  ffi_type *e2[] = {&ffi_type_double, &ffi_type_sint, NULL};
  ffi_type *l = &ffi_type_slong, *e3[] = {l, l, l, l, l, l, l, &ffi_type_schar, NULL};
  ffi_type t1 = {0, 0, FFI_TYPE_STRUCT, e1}, t2 = {0, 0, FFI_TYPE_STRUCT, e2},
           t3 = {0, 0, FFI_TYPE_STRUCT, e3};
  ffi_type *types1[] = {&ffi_type_sint, &t1}, *types2[] = {&ffi_type_sint, &t2},
           *types3[] = {&ffi_type_sint, &t3};
  ffi_cif cif;
  void *code;

  ffitest_prepare(&cif, &t1, 2, types1);
  ffi_closure *closure = ffitest_closure(&cif, give_back, NULL, &code);
  struct one x1 = {-300, 'x'}, y1 = ((struct one(*)(int, struct one))code)(1, x1);
  CHECK(y1.a == -300 && y1.b == 'x' && x1.a == -300);
  ffi_closure_free(closure);

  ffitest_prepare(&cif, &t2, 2, types2);
  closure = ffitest_closure(&cif, give_back, NULL, &code);
  struct two x2 = {2.5, -9}, y2 = ((struct two(*)(int, struct two))code)(1, x2);
  CHECK(y2.d == 2.5 && y2.i == -9 && x2.d == 2.5);
  ffi_closure_free(closure);

  ffitest_prepare(&cif, &t3, 2, types3);
  closure = ffitest_closure(&cif, give_back, NULL, &code);
  struct large x3 = {{1, 2, 3, 4, 5, 6, 7}, 'z'},
               y3 = ((struct large(*)(int, struct large))code)(1, x3);
  CHECK(y3.l[0] == 1 && y3.l[6] == 7 && y3.c == 'z' && x3.l[6] == 7);
  ffi_closure_free(closure);
}

/* Twenty arguments, so that some lie on the stack. */
static void weigh(ffi_cif *cif, void *result, void **values, void *user_data)
{
  long long sum = 0;
  (void)user_data;
  for (unsigned i = 0; i < cif->nargs; i++)
    sum = sum * 3 + (i % 2 ? (long long)*(double *)values[i] : *(int *)values[i]);
  *(long long *)result = sum;
}

static void test_many_arguments(void)
{
  ffi_type *types[20];
  ffi_cif cif;
  void *code;
  long long want = 0;
  for (int i = 0; i < 20; i++) {
    types[i] = i % 2 ? &ffi_type_double : &ffi_type_sint;
    want = want * 3 + (i - 8);
  }
  ffitest_prepare(&cif, &ffi_type_sint64, 20, types);
  ffi_closure *closure = ffitest_closure(&cif, weigh, NULL, &code);
  long long got =
      ((long long (*)(int, double, int, double, int, double, int, double, int, double, int, double,
                      int, double, int, double, int, double, int, double))code)(
          -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  CHECK_EQUAL(got, want);
  ffi_closure_free(closure);
}

static void compare(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  int a = **(int **)values[0], b = **(int **)values[1];
  ++*(long *)user_data;
  *(ffi_sarg *)result = (a > b) - (a < b);
}

static void test_qsort(void)
{
  enum { COUNT = 1000 };
  static int numbers[COUNT];
  unsigned state = 12345;
  long comparisons = 0;
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_pointer, &ffi_type_pointer};
  void *code;
  for (int i = 0; i < COUNT; i++)
    numbers[i] = (int)(state = state * 1103515245 + 12345);
  ffitest_prepare(&cif, &ffi_type_sint, 2, types);
  ffi_closure *closure = ffitest_closure(&cif, compare, &comparisons, &code);
  qsort(numbers, COUNT, sizeof *numbers, (int (*)(const void *, const void *))code);
  for (int i = 1; i < COUNT; i++)
    CHECK(numbers[i - 1] <= numbers[i]);
  CHECK(comparisons >= COUNT - 1);
  ffi_closure_free(closure);
}

/* A closure that calls itself, through its code address and through ffi_call in turn. */
static void *factorial_code;
static void factorial(ffi_cif *cif, void *result, void **values, void *user_data)
{
  int n = *(int *)values[0];
  long long below = 1;
  CHECK(user_data == &factorial_code);
  if (n > 1 && n % 2) {
    below = ((long long (*)(int))factorial_code)(n - 1);
  } else if (n > 1) {
    int next = n - 1;
    ffi_call(cif, FFI_FN(factorial_code), &below, (void *[]){&next});
  }
  CHECK_EQUAL(*(int *)values[0], n);
  *(long long *)result = n * below;
}

static void test_recursion(void)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_sint};
  ffitest_prepare(&cif, &ffi_type_sint64, 1, types);
  ffi_closure *closure = ffitest_closure(&cif, factorial, &factorial_code, &factorial_code);
  CHECK_EQUAL(((long long (*)(int))factorial_code)(20), 2432902008176640000);
  ffi_closure_free(closure);
}

int main(void)
{
#define RUN(type, ffi) test_##type();
  INTEGERS(RUN)
  test_mixed();
  test_other_results();
  test_structs();
  test_many_arguments();
  test_qsort();
  test_recursion();
  return ffitest_end();
}
