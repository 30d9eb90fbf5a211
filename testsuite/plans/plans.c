/* SPDX-License-Identifier: MIT */
/* Area: plans. Purpose: call plans for every kind of signature; one plan used by many threads;
   sizes; NULL. Expected: the same results as ffi_call; a plan does not depend on values or on the
   function. */
/* { dg-do run } */
#include "ffitest.h"

#if FFI_VERSION_NUMBER < 30800
int main(void) { ffitest_unsupported("this libffi has no call plans"); }
#else
#include <pthread.h>

struct small { short a; float b; };
struct medium { double a; long b; };
struct large { long a[10]; };

static int plus(int x, int y) { return x + y; }
static int minus(int x, int y) { return x - y; }
static signed char narrow(short x) { return (signed char)x; }
static double many(int a, double b, long c, float d, struct small e, struct medium f,
                   struct large g, long double h, unsigned char i, double j, int k, long l, int m,
                   double n)
{
  return a + b + (double)c + d + e.a + e.b + f.a + (double)f.b + (double)g.a[9] + (double)h + i +
         j + k + (double)l + m + n;
}
static struct medium give_medium(struct medium x) { return (struct medium){x.a * 2, x.b * 3}; }
static struct large give_large(struct large x)
{
  x.a[0] = -x.a[9];
  return x;
}

static ffi_call_plan *plan_for(ffi_cif *cif)
{
  ffi_call_plan *plan = ffi_call_plan_alloc(cif);
  REQUIRE(plan != NULL);
  CHECK(ffi_call_plan_size(plan) > 0);
  return plan;
}

static void test_functions(void)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint};
  ffitest_prepare(&cif, &ffi_type_sint, 2, types);
  ffi_call_plan *plan = plan_for(&cif);
  for (int i = 0; i < 100; i++) {
    int x = i * i, y = -i;
    ffi_sarg got = 0;
    ffi_call_plan_invoke(plan, FFI_FN(plus), &got, (void *[]){&x, &y});
    CHECK_EQUAL(got, x + y);
    ffi_call_plan_invoke(plan, FFI_FN(minus), &got, (void *[]){&x, &y});
    CHECK_EQUAL(got, x - y);
    ffi_call_plan_invoke(plan, FFI_FN(minus), NULL, (void *[]){&x, &y});
  }
  ffi_call_plan_free(plan);

  ffi_type *shorts[] = {&ffi_type_sint16};
  ffitest_prepare(&cif, &ffi_type_sint8, 1, shorts);
  plan = plan_for(&cif);
  for (int i = -400; i < 400; i += 37) {
    short x = (short)i;
    ffi_sarg got = 0x55555555;
    ffi_call_plan_invoke(plan, FFI_FN(narrow), &got, (void *[]){&x});
    CHECK_EQUAL(got, (signed char)x);
  }
  ffi_call_plan_free(plan);
}

static ffi_type *small_elements[] = {&ffi_type_sint16, &ffi_type_float, NULL};
static ffi_type *medium_elements[] = {&ffi_type_double, &ffi_type_slong, NULL};
#define LONG &ffi_type_slong
static ffi_type *large_elements[] = {LONG, LONG, LONG, LONG, LONG, LONG,
                                     LONG, LONG, LONG, LONG, NULL};
static ffi_type small = {0, 0, FFI_TYPE_STRUCT, small_elements};
static ffi_type medium = {0, 0, FFI_TYPE_STRUCT, medium_elements};
static ffi_type large = {0, 0, FFI_TYPE_STRUCT, large_elements};

static ffi_call_plan *shared;
static struct small e = {-3, 2.5f};
static struct medium f = {1.25, 40};
static struct large g = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 900}};

static void *invoke_shared(void *argument)
{
  int a = (int)(intptr_t)argument, k = 7, m = -8;
  double b = 0.5, j = 100.25, n = 1e6;
  long c = 1234567, l = -99;
  float d = -1.5f;
  long double h = 3.5L;
  unsigned char i = 255;
  for (int round = 0; round < 500; round++, a++) {
    double got = 0;
    ffi_call_plan_invoke(shared, FFI_FN(many), &got,
                         (void *[]){&a, &b, &c, &d, &e, &f, &g, &h, &i, &j, &k, &l, &m, &n});
    CHECK(got == many(a, b, c, d, e, f, g, h, i, j, k, l, m, n));
  }
  return NULL;
}

static void test_shared(void)
{
  ffi_type *types[] = {&ffi_type_sint,  &ffi_type_double, LONG,           &ffi_type_float,
                       &small,          &medium,          &large,         &ffi_type_longdouble,
                       &ffi_type_uint8, &ffi_type_double, &ffi_type_sint, LONG,
                       &ffi_type_sint,  &ffi_type_double};
  ffi_cif cif;
  pthread_t threads[4];
  ffitest_prepare(&cif, &ffi_type_double, 14, types);
  shared = plan_for(&cif);
  for (int t = 0; t < 4; t++)
    REQUIRE(pthread_create(&threads[t], NULL, invoke_shared, (void *)(intptr_t)(t * 1000)) == 0);
  for (int t = 0; t < 4; t++)
    pthread_join(threads[t], NULL);
  ffi_call_plan_free(shared);
}

static void test_structs(void)
{
  ffi_cif cif;
  ffi_type *mediums[] = {&medium}, *larges[] = {&large};
  ffitest_prepare(&cif, &medium, 1, mediums);
  ffi_call_plan *plan = plan_for(&cif);
  struct medium m;
  ffi_call_plan_invoke(plan, FFI_FN(give_medium), &m, (void *[]){&f});
  CHECK(m.a == 2.5 && m.b == 120);
  ffi_call_plan_free(plan);
  ffitest_prepare(&cif, &large, 1, larges);
  plan = plan_for(&cif);
  struct large l;
  ffi_call_plan_invoke(plan, FFI_FN(give_large), &l, (void *[]){&g});
  CHECK(l.a[0] == -900 && l.a[9] == 900 && g.a[0] == 0);
  ffi_call_plan_invoke(plan, FFI_FN(give_large), NULL, (void *[]){&g});
  ffi_call_plan_free(plan);
}

/* Plans through a closure: called back by the plan's own call. */
static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  CHECK(user_data == &shared);
  *(ffi_sarg *)result = *(int *)values[0] * *(int *)values[1];
}

static void test_closure(void)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint};
  void *code;
  ffitest_prepare(&cif, &ffi_type_sint, 2, types);
  ffi_closure *closure = ffitest_closure(&cif, handler, &shared, &code);
  ffi_call_plan *plan = plan_for(&cif);
  int x = 12, y = -12;
  ffi_sarg got = 0;
  ffi_call_plan_invoke(plan, FFI_FN(code), &got, (void *[]){&x, &y});
  CHECK_EQUAL(got, -144);
  ffi_call_plan_free(plan);
  ffi_closure_free(closure);
}

int main(void)
{
  test_functions();
  test_shared();
  test_structs();
  test_closure();
  ffi_call_plan_free(NULL);
  CHECK_EQUAL(ffi_call_plan_size(NULL), 0);
  return ffitest_end();
}
#endif
