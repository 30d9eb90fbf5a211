/* SPDX-License-Identifier: MIT */
/* Backtraces taken inside a callee and inside a handler, with the unwind tables, reach main; every
   frame between is one the tables know, and the function that called the library is among them. */
#include <stddef.h>
#include <unwind.h>

#include "ffitest.h"

enum { MOST = 64 };
static void *functions[MOST];
static int depth;

int main(void);

static _Unwind_Reason_Code note(struct _Unwind_Context *context, void *unused)
{
  (void)unused;
  if (depth < MOST)
    functions[depth++] = _Unwind_FindEnclosingFunction((void *)(_Unwind_GetIP(context) - 1));
  return _URC_NO_REASON;
}

static int position(void *function)
{
  for (int i = 0; i < depth; i++)
    if (functions[i] == function)
      return i;
  return -1;
}

static __attribute__((noinline)) void take(void)
{
  depth = 0;
  _Unwind_Backtrace(note, NULL);
}

struct large { long values[20]; };
static int callee(int x)
{
  take();
  return x + 1;
}
static struct large spilling(long a, long b, long c, long d, long e, long f, long g, double h,
                             struct large i)
{
  take();
  i.values[0] = a + b + c + d + e + f + g + (long)h;
  return i;
}
static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)user_data;
  take();
  *(ffi_sarg *)result = *(int *)values[0] + 1;
}

static ffi_cif small_cif, large_cif;
static void *code;

/* The callers, each a function of its own so that it can be found in the trace. */
static __attribute__((noinline)) void by_call(void)
{
  int x = 1;
  ffi_sarg result;
  ffi_call(&small_cif, FFI_FN(callee), &result, (void *[]){&x});
  CHECK_EQUAL(result, 2);
}
static __attribute__((noinline)) void by_large_call(void)
{
  long a = 1;
  double h = 2;
  static struct large i, result;
  ffi_call(&large_cif, FFI_FN(spilling), &result, (void *[]){&a, &a, &a, &a, &a, &a, &a, &h, &i});
  CHECK_EQUAL(result.values[0], 9);
  ffi_call(&large_cif, FFI_FN(spilling), NULL, (void *[]){&a, &a, &a, &a, &a, &a, &a, &h, &i});
}
#if FFI_VERSION_NUMBER >= 30800
static __attribute__((noinline)) void by_plan(void)
{
  int x = 1;
  ffi_sarg result;
  ffi_call_plan *plan = ffi_call_plan_alloc(&small_cif);
  REQUIRE(plan != NULL);
  ffi_call_plan_invoke(plan, FFI_FN(callee), &result, (void *[]){&x});
  CHECK_EQUAL(result, 2);
  ffi_call_plan_free(plan);
}
#endif
static __attribute__((noinline)) void by_closure(void)
{
  volatile int got = ((int (*)(int))code)(1);
  CHECK_EQUAL(got, 2);
}
static __attribute__((noinline)) void by_call_of_closure(void)
{
  int x = 1;
  ffi_sarg result;
  ffi_call(&small_cif, FFI_FN(code), &result, (void *[]){&x});
  CHECK_EQUAL(result, 2);
}

static void expect(void (*caller)(void), void *innermost)
{
  depth = 0;
  caller();
  int main_at = position((void *)main), caller_at = position((void *)caller),
      inner_at = position(innermost);
  CHECK(inner_at >= 0);
  CHECK(caller_at > inner_at);
  CHECK(main_at > caller_at);
  CHECK(caller_at - inner_at <= 8); /* a handful of library frames, no wandering about */
  for (int i = 0; i < main_at; i++)
    CHECK(functions[i] != NULL);
}

int main(void)
{
  ffi_type *l = &ffi_type_slong, *elements[21], *ints[] = {&ffi_type_sint};
  for (int i = 0; i < 20; i++)
    elements[i] = l;
  elements[20] = NULL;
  ffi_type large = {0, 0, FFI_TYPE_STRUCT, elements},
           *types[] = {l, l, l, l, l, l, l, &ffi_type_double, &large};
  ffitest_prepare(&small_cif, &ffi_type_sint, 1, ints);
  ffitest_prepare(&large_cif, &large, 9, types);
  expect(by_call, (void *)callee);
  expect(by_large_call, (void *)spilling);
#if FFI_VERSION_NUMBER >= 30800
  expect(by_plan, (void *)callee);
#endif
  ffi_closure *closure = ffitest_closure(&small_cif, handler, NULL, &code);
  expect(by_closure, (void *)handler);
  expect(by_call_of_closure, (void *)handler);
  ffi_closure_free(closure);
  return ffitest_end();
}
