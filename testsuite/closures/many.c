/* SPDX-License-Identifier: MIT */
/* Area: closures. Purpose: thousands of closures at once, freed in any order and made again;
   objects larger than an ffi_closure that begin with one. Expected: distinct code addresses,
   each reaching its own data; none disturbs another; the memory behind a wrapper is the
   caller's to use. */
/* { dg-do run } */
#include "ffitest.h"

enum { COUNT = 5000 };
static ffi_closure *closures[COUNT];
static void *codes[COUNT];
static int data[COUNT];

static void give_number(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = *(int *)user_data + *(int *)values[0];
}

static int by_address(const void *a, const void *b)
{
  uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;
  return (x > y) - (x < y);
}

static void check_all(void)
{
  for (int i = 0; i < COUNT; i++)
    if (closures[i])
      CHECK_EQUAL(((int (*)(int))codes[i])(i), data[i] + i);
}

static void check_distinct(void)
{
  static uintptr_t sorted[COUNT];
  for (int i = 0; i < COUNT; i++)
    sorted[i] = (uintptr_t)codes[i];
  qsort(sorted, COUNT, sizeof *sorted, by_address);
  for (int i = 1; i < COUNT; i++)
    CHECK(sorted[i - 1] != sorted[i]);
}

static void test_thousands(ffi_cif *cif)
{
  unsigned state = 99;
  for (int i = 0; i < COUNT; i++) {
    data[i] = i * 7919;
    closures[i] = ffitest_closure(cif, give_number, &data[i], &codes[i]);
  }
  check_distinct();
  check_all();
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < COUNT; i++)
      if ((state = state * 1103515245 + 12345) >> 16 & 1) {
        ffi_closure_free(closures[i]);
        closures[i] = NULL;
      }
    check_all();
    for (int i = COUNT - 1; i >= 0; i--)
      if (!closures[i])
        closures[i] = ffitest_closure(cif, give_number, &data[i], &codes[i]);
    check_distinct();
    check_all();
  }
  for (int i = 0; i < COUNT; i++)
    ffi_closure_free(closures[i]);
}

/* A wrapper such as GObject introspection allocates. */
struct wrapper {
  ffi_closure closure;
  void *self;
  unsigned char space[1];
};

static void test_wrappers(ffi_cif *cif)
{
  static const size_t extra[] = {0, 1, 8, 40, 200, 1000, 5000, 100000};
  enum { WRAPPERS = sizeof extra / sizeof *extra };
  struct wrapper *wrappers[WRAPPERS];
  void *code[WRAPPERS];
  int number = 5;
  for (int i = 0; i < WRAPPERS; i++) {
    wrappers[i] = ffi_closure_alloc(sizeof(struct wrapper) + extra[i], &code[i]);
    REQUIRE(wrappers[i] != NULL);
    CHECK_EQUAL((uintptr_t)wrappers[i] % 8, 0);
    wrappers[i]->self = wrappers[i];
    memset(wrappers[i]->space, i + 1, extra[i] + 1);
    REQUIRE(ffi_prep_closure_loc(&wrappers[i]->closure, cif, give_number, &number, code[i]) ==
            FFI_OK);
  }
  for (int i = 0; i < WRAPPERS; i++) {
    CHECK_EQUAL(((int (*)(int))code[i])(i), 5 + i);
    CHECK(wrappers[i]->self == wrappers[i]);
    for (size_t j = 0; j <= extra[i]; j++)
      if (wrappers[i]->space[j] != i + 1) {
        CHECK_EQUAL(wrappers[i]->space[j], i + 1);
        break;
      }
    CHECK(wrappers[i]->closure.cif == cif);
  }
  for (int i = 0; i < WRAPPERS; i++)
    ffi_closure_free(wrappers[i]);
}

/* Prepared a second time, a closure follows the new handler, data and signature. */
static void give_other(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(double *)result = *(double *)values[0] * *(double *)user_data;
}

static void test_prepared_again(ffi_cif *cif)
{
  ffi_cif other;
  ffi_type *types[] = {&ffi_type_double};
  double factor = 3;
  int number = 1;
  void *code;
  ffitest_prepare(&other, &ffi_type_double, 1, types);
  ffi_closure *closure = ffitest_closure(cif, give_number, &number, &code);
  CHECK_EQUAL(((int (*)(int))code)(2), 3);
  for (int i = 0; i < 200; i++) {
    CHECK_EQUAL(ffi_prep_closure_loc(closure, &other, give_other, &factor, code), FFI_OK);
    CHECK(((double (*)(double))code)(2.5) == 7.5);
    CHECK_EQUAL(ffi_prep_closure_loc(closure, cif, give_number, &number, code), FFI_OK);
    CHECK_EQUAL(((int (*)(int))code)(i), i + 1);
  }
  ffi_closure_free(closure);
}

/* One closure after another, as a binding does that makes one for each call. */
static void test_churn(ffi_cif *cif)
{
  for (int i = 0; i < 20000; i++) {
    void *code;
    ffi_closure *closure = ffitest_closure(cif, give_number, &i, &code);
    CHECK_EQUAL(((int (*)(int))code)(1), i + 1);
    ffi_closure_free(closure);
  }
}

int main(void)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_sint};
  ffitest_prepare(&cif, &ffi_type_sint, 1, types);
  test_thousands(&cif);
  test_wrappers(&cif);
  test_prepared_again(&cif);
  test_churn(&cif);
  ffi_closure_free(NULL);
  return ffitest_end();
}
