/* SPDX-License-Identifier: MIT */
/* Area: closures. Purpose: a signature whose plan is too large to be kept. Expected: calls and
   closures work as any, raw ones too, and the query says that there are such. */
/* { dg-do run } */
#include "ffitest.h"
#include <ffi_hardened.h>

enum { COUNT = 5000 };
static ffi_type *types[COUNT];
static int numbers[COUNT];
static void *values[COUNT];

static long long weighted(int i, int number) { return (long long)(i + 1) * number; }

static void sum(ffi_cif *cif, void *result, void **arguments, void *user_data)
{
  long long total = *(int *)user_data;
  for (unsigned i = 0; i < cif->nargs; i++)
    total += weighted((int)i, *(int *)arguments[i]);
  *(long long *)result = total;
}

static void sum_raw(ffi_cif *cif, void *result, ffi_raw *array, void *user_data)
{
  long long total = *(int *)user_data;
  for (unsigned i = 0; i < cif->nargs; i++)
    total += weighted((int)i, (int)array[i].sint);
  *(long long *)result = total;
}

static ffi_hardened_info ask(void)
{
  ffi_hardened_info info = {0};
  CHECK_EQUAL(ffi_hardened_query(&info, sizeof info), sizeof info);
  return info;
}

int main(void)
{
  ffi_cif cif, small;
  int extra = 17;
  long long expected = extra, result = 0;
  void *code;
  for (int i = 0; i < COUNT; i++) {
    types[i] = &ffi_type_sint;
    numbers[i] = i * 7919 - 100000;
    values[i] = &numbers[i];
    expected += weighted(i, numbers[i]);
  }
  ffitest_prepare(&small, &ffi_type_void, 0, NULL);
  const ffi_hardened_info before = ask();
  CHECK(before.plans > 0);
  CHECK_EQUAL(before.plans_refused, 0);
  CHECK(before.protections & FFI_HARDENED_PLANS_READ_ONLY);
  ffitest_prepare(&cif, &ffi_type_sint64, COUNT, types);
  CHECK_EQUAL(ask().plans_refused, 1);
  CHECK_EQUAL(ask().plans, before.plans);

  ffi_closure *closure = ffitest_closure(&cif, sum, &extra, &code);
  CHECK_EQUAL(ask().unplanned, 1);
  ffi_call(&cif, FFI_FN(code), &result, values);
  CHECK_EQUAL(result, expected);
  ffi_closure_free(closure);

  ffi_raw_closure *raw = (ffi_raw_closure *)ffi_closure_alloc(sizeof *raw, &code);
  CHECK(raw && ffi_prep_raw_closure_loc(raw, &cif, sum_raw, &extra, code) == FFI_OK);
  CHECK_EQUAL(ask().unplanned, 2);
  result = 0;
  ffi_call(&cif, FFI_FN(code), &result, values);
  CHECK_EQUAL(result, expected);
  CHECK_EQUAL(ffi_raw_size(&cif), COUNT * sizeof(ffi_raw));
  ffi_closure_free(raw);
  return ffitest_end();
}
