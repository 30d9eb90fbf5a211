/* SPDX-License-Identifier: MIT */
/* Signatures and calls while calls to the system fail. */
#include <stdio.h>
#include <string.h>

#include "scenarios.h"

ffi_type *two[2] = {&ffi_type_slong, &ffi_type_double};

long plain(long a, double b) { return a * 2 + (long)b; }

int refused(ffi_status status)
{
  if (status != FFI_OK && status != FFI_BAD_TYPEDEF)
    wrong("status %d", status);
  return status != FFI_OK;
}

static enum outcome call_with(ffi_cif *cif)
{
  long a = 20;
  double b = 2.5;
  ffi_arg result = 0;
  ffi_call(cif, FFI_FN(plain), &result, (void *[]){&a, &b});
  if ((long)result != 42)
    wrong("a call gave %ld, not 42", (long)result);
  return WORKED;
}

enum outcome small_signature(void)
{
  ffi_cif cif;
  return refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)) ? REFUSED : call_with(&cif);
}

struct piece { long a; float b; };
static long add_pieces(struct piece p, struct piece q) { return p.a + q.a + (long)(p.b + q.b); }

enum outcome structs(void)
{
  static ffi_type *parts[] = {&ffi_type_slong, &ffi_type_float, NULL};
  ffi_type piece = {0, 0, FFI_TYPE_STRUCT, parts};
  ffi_type *types[] = {&piece, &piece};
  struct piece p = {30, 1.5F}, q = {9, 1.5F};
  size_t offsets[2];
  ffi_arg result = 0;
  ffi_cif cif;
  if (refused(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &piece, offsets))
      || refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, types)))
    return REFUSED;
  if (offsets[1] != offsetof(struct piece, b))
    wrong("an offset is %zu", offsets[1]);
  ffi_call(&cif, FFI_FN(add_pieces), &result, (void *[]){&p, &q});
  if ((long)result != 42)
    wrong("a call with structs gave %ld, not 42", (long)result);
  return WORKED;
}

static double sum_first(double a0, double a1, double a2, double a3, double a4, double a5, double a6, double a7, double a8, double a9)
{
  return a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9;
}

/* Doubles only. The callee reads the first ten arguments. */
enum { MOST = 4000 };
static double values[MOST];
static void *pointers[MOST];

static int prepared_doubles(ffi_cif *cif, unsigned count)
{
  static ffi_type *types[MOST];
  for (unsigned i = 0; i < count; i++) {
    types[i] = &ffi_type_double;
    values[i] = i;
    pointers[i] = &values[i];
  }
  return !refused(ffi_prep_cif(cif, FFI_DEFAULT_ABI, count, &ffi_type_double, types));
}

static enum outcome judge_doubles(double sum)
{
  if (sum != 45)
    wrong("a call with many arguments gave %g, not 45", sum);
  return WORKED;
}

static enum outcome call_doubles(unsigned count)
{
  ffi_cif cif;
  double sum = 0;
  if (!prepared_doubles(&cif, count))
    return REFUSED;
  ffi_call(&cif, FFI_FN(sum_first), &sum, pointers);
  return judge_doubles(sum);
}

/* A signature whose key, classes and plan do not fit the buffers on the stack, and one whose plan the table does not take either. */
enum outcome large_signature(void) { return call_doubles(300); }
enum outcome huge_signature(void) { return call_doubles(MOST); }

enum outcome huge_call_plan(void)
{
  ffi_cif cif;
  double sum = 0;
  if (!prepared_doubles(&cif, MOST))
    return REFUSED;
  ffi_call_plan *const plan = ffi_call_plan_alloc(&cif);
  if (!plan)
    return REFUSED;
  ffi_call_plan_invoke(plan, FFI_FN(sum_first), &sum, pointers);
  ffi_call_plan_free(plan);
  return judge_doubles(sum);
}

static void sum_handler(ffi_cif *cif, void *result, void **arguments, void *user_data)
{
  (void)cif, (void)user_data;
  *(double *)result = 0;
  for (int i = 0; i < 10; i++)
    *(double *)result += *(double *)arguments[i];
}

/* Not only the caller's side compiles its signature for each call, the closure does, too. */
enum outcome huge_closure(void)
{
  ffi_cif cif;
  void *code;
  double sum = 45;
  enum outcome outcome = REFUSED;
  if (!prepared_doubles(&cif, MOST))
    return REFUSED;
  ffi_closure *const closure = ffi_closure_alloc(sizeof *closure, &code);
  if (!closure)
    return REFUSED;
  if (!refused(ffi_prep_closure_loc(closure, &cif, sum_handler, NULL, code))) {
    ffi_call(&cif, FFI_FN(code), &sum, pointers);
    outcome = judge_doubles(sum);
  }
  ffi_closure_free(closure);
  return outcome;
}

/* More plans than the first chunk of the table holds, which never were there before in this process. */
enum outcome many_shapes(void)
{
  static unsigned shape;
  ffi_type *types[20];
  for (int i = 0; i < 250; i++, shape++) {
    ffi_cif cif;
    types[0] = &ffi_type_slong;
    types[1] = &ffi_type_double;
    for (int bit = 0; bit < 18; bit++)
      types[bit + 2] = shape >> bit & 1 ? &ffi_type_sint : &ffi_type_float;
    if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 20, &ffi_type_slong, types)))
      return REFUSED;
    long a = 20, rest[18] = {0};
    double b = 2.5;
    void *values[20] = {&a, &b};
    ffi_arg result = 0;
    for (int k = 2; k < 20; k++)
      values[k] = &rest[k - 2];
    ffi_call(&cif, FFI_FN(plain), &result, values);
    if ((long)result != 42)
      wrong("a call through a new shape gave %ld, not 42", (long)result);
  }
  return WORKED;
}

/* A result nobody wants, too large to be received on the stack. */
struct large { char bytes[100000]; };
static struct large give_large(int x) { return (struct large){{(char)x}}; }

enum outcome discarded_result(void)
{
  static ffi_type *parts[1001], kilo, large, *halves[101];
  static ffi_type *types[] = {&ffi_type_sint};
  int x = 1;
  ffi_cif cif;
  for (int i = 0; i < 1000; i++)
    parts[i] = &ffi_type_schar;
  for (int i = 0; i < 100; i++)
    halves[i] = &kilo;
  kilo = (ffi_type){0, 0, FFI_TYPE_STRUCT, parts};
  large = (ffi_type){0, 0, FFI_TYPE_STRUCT, halves};
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &large, types)))
    return REFUSED;
  ffi_call(&cif, FFI_FN(give_large), NULL, (void *[]){&x});
  return WORKED;
}

enum outcome variadic(void)
{
  static ffi_type *types[] = {&ffi_type_pointer, &ffi_type_ulong, &ffi_type_pointer, &ffi_type_sint, &ffi_type_double};
  char text[32] = "";
  char *to = text, *format = "%d %.1f";
  unsigned long size = sizeof text;
  int number = 42;
  double fraction = 0.5;
  ffi_arg result;
  ffi_cif cif;
  if (refused(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 3, 5, &ffi_type_sint, types)))
    return REFUSED;
  ffi_call(&cif, FFI_FN(snprintf), &result, (void *[]){&to, &size, &format, &number, &fraction});
  if (strcmp(text, "42 0.5") != 0)
    wrong("a variadic call printed '%s'", text);
  return WORKED;
}

enum outcome call_plan(void)
{
  ffi_cif cif;
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)))
    return REFUSED;
  ffi_call_plan *const plan = ffi_call_plan_alloc(&cif);
  if (!plan)
    return REFUSED;
  long a = 20;
  double b = 2.5;
  ffi_arg result = 0;
  ffi_call_plan_invoke(plan, FFI_FN(plain), &result, (void *[]){&a, &b});
  if ((long)result != 42 || ffi_call_plan_size(plan) == 0)
    wrong("a call plan gave %ld, not 42", (long)result);
  ffi_call_plan_free(plan);
  return WORKED;
}

