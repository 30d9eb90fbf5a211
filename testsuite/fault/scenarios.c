/* SPDX-License-Identifier: MIT */
/* What is tried while calls to the system fail: every public function that makes one. */
#define _GNU_SOURCE
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <ffi.h>
#include <ffi_hardened.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"

static ffi_type *two[] = {&ffi_type_slong, &ffi_type_double};

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = *(long *)values[0] + (long)*(double *)values[1] + *(long *)user_data;
}

static long plain(long a, double b) { return a * 2 + (long)b; }

/* Signatures. These refuse only with FFI_BAD_TYPEDEF, and only when there is no memory. */

static int refused(ffi_status status)
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

static enum outcome small_signature(void)
{
  ffi_cif cif;
  return refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)) ? REFUSED : call_with(&cif);
}

struct piece { long a; float b; };
static long add_pieces(struct piece p, struct piece q) { return p.a + q.a + (long)(p.b + q.b); }

static enum outcome structs(void)
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
static enum outcome doubles(unsigned count)
{
  enum { MOST = 4000 };
  static ffi_type *types[MOST];
  static double values[MOST];
  static void *pointers[MOST];
  double result = 0;
  ffi_cif cif;
  for (unsigned i = 0; i < count; i++) {
    types[i] = &ffi_type_double;
    values[i] = i;
    pointers[i] = &values[i];
  }
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, count, &ffi_type_double, types)))
    return REFUSED;
  ffi_call(&cif, FFI_FN(sum_first), &result, pointers);
  if (result != 45)
    wrong("a call with many arguments gave %g, not 45", result);
  return WORKED;
}

/* A signature whose key, classes and plan do not fit the buffers on the stack, and one whose plan the table does not take either. */
static enum outcome large_signature(void) { return doubles(300); }
static enum outcome huge_signature(void) { return doubles(4000); }

/* More plans than the first chunk of the table holds, which never were there before in this process. */
static enum outcome many_shapes(void)
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

static enum outcome discarded_result(void)
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

static enum outcome variadic(void)
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

static enum outcome call_plan(void)
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

/* Closures. */

struct entry {
  ffi_closure *closure;
  void *code;
  long data;
};

static enum outcome make_closures(int count)
{
  static struct entry entries[4000];
  ffi_cif cif;
  enum outcome outcome = WORKED;
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)))
    return REFUSED;
  for (int i = 0; i < count; i++) {
    struct entry *const entry = &entries[i];
    *entry = (struct entry){.data = i};
    entry->closure = ffi_closure_alloc(sizeof *entry->closure, &entry->code);
    if (entry->closure && refused(ffi_prep_closure_loc(entry->closure, &cif, handler, &entry->data, entry->code))) {
      ffi_closure_free(entry->closure);
      entry->closure = NULL;
    }
    if (!entry->closure)
      outcome = REFUSED;
  }
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < count; i++)
      if (entries[i].closure && ((long (*)(long, double))entries[i].code)(3, 4) != 7 + entries[i].data)
        wrong("closure %d gave a wrong result", i);
    for (int i = round; i < count; i += 2) {
      ffi_closure_free(entries[i].closure);
      entries[i].closure = NULL;
    }
  }
  return outcome;
}

static enum outcome one_closure(void) { return make_closures(1); }
static enum outcome some_closures(void) { return make_closures(300); }
static enum outcome many_closures(void) { return make_closures(2600); }

/* One at a time, bound anew, as ctypes and CFFI do. */
static enum outcome rebinding(void)
{
  enum outcome outcome = WORKED;
  for (int i = 0; i < 100; i++) {
    ffi_cif cif;
    void *code;
    long data[2] = {i, -i};
    if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)))
      return REFUSED;
    ffi_closure *const closure = ffi_closure_alloc(sizeof *closure, &code);
    if (!closure)
      return REFUSED;
    int bound = -1;
    for (int k = 0; k < 2; k++) {
      if (refused(ffi_prep_closure_loc(closure, &cif, handler, &data[k], code)))
        outcome = REFUSED;
      else
        bound = k;
      /* A refused binding leaves the one before. */
      if (bound >= 0 && ((long (*)(long, double))code)(3, 4) != 7 + data[bound])
        wrong("a closure bound %d times gave a wrong result", k + 1);
    }
    ffi_closure_free(closure);
  }
  return outcome;
}

static void raw_handler(ffi_cif *cif, void *result, ffi_raw *values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = values[0].sint + *(long *)user_data;
}

static enum outcome raw_closure(void)
{
  static ffi_type *types[] = {&ffi_type_slong};
  long data = 40;
  void *code;
  ffi_cif cif;
  enum outcome outcome = REFUSED;
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_slong, types)))
    return REFUSED;
  ffi_raw_closure *const closure = ffi_closure_alloc(sizeof *closure, &code);
  if (!closure)
    return REFUSED;
  if (!refused(ffi_prep_raw_closure_loc(closure, &cif, raw_handler, &data, code))) {
    outcome = WORKED;
    if (((long (*)(long))code)(2) != 42)
      wrong("a raw closure gave a wrong result");
  }
  ffi_closure_free(closure);
  return outcome;
}

#if FFI_GO_CLOSURES
static void go_handler(ffi_cif *cif, void *result, void **values, void *closure)
{
  (void)cif;
  if (!closure)
    wrong("a Go closure was not handed on");
  *(ffi_sarg *)result = *(long *)values[0] + 40;
}

static enum outcome go_closure(void)
{
  static ffi_type *types[] = {&ffi_type_slong};
  ffi_go_closure closure;
  ffi_cif cif;
  long value = 2;
  ffi_arg result = 0;
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_slong, types)) || refused(ffi_prep_go_closure(&closure, &cif, go_handler)))
    return REFUSED;
  ffi_call_go(&cif, FFI_FN(closure.tramp), &result, (void *[]){&value}, &closure);
  if ((long)result != 42)
    wrong("a Go closure gave a wrong result");
  return WORKED;
}
#endif

/* A thread's first use: nothing fails that the thread before could do. */
static void *work_of_thread(void *outcome)
{
  *(enum outcome *)outcome = make_closures(3);
  return NULL;
}

static enum outcome other_thread(void)
{
  enum outcome outcome = REFUSED;
  pthread_t thread;
  if (pthread_create(&thread, NULL, work_of_thread, &outcome) != 0 || pthread_join(thread, NULL) != 0)
    wrong("no thread");
  return outcome;
}

/* A child goes on with what its parent has, whatever was refused on either side. */
static enum outcome forked(void)
{
  int status;
  const enum outcome outcome = make_closures(2);
  const pid_t child = fork();
  if (child == 0)
    make_closures(2), _exit(0);
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
    wrong("a child did not end well");
  return outcome;
}

/* What tells of the library fails in nothing. */
static enum outcome questions(void)
{
  ffi_hardened_info info;
  ffi_hardened_refusal refusal;
  memset(&info, 0, sizeof info);
  if (ffi_hardened_query(&info, sizeof info) == 0)
    wrong("ffi_hardened_query knows nothing");
  for (unsigned i = 0; i < info.refusals; i++)
    if (!ffi_hardened_get_refusal(i, &refusal) || !refusal.step)
      wrong("refusal %u of %u is not told", i, info.refusals);
  if (info.closures > protections_refused())
    wrong("%llu closures are counted, there should be none", (unsigned long long)info.closures);
  const enum outcome outcome = make_closures(80);
  ffi_hardened_seal();
  return make_closures(80) == REFUSED ? REFUSED : outcome;
}

/* The memory of larger closures than usual is from malloc. */
enum { large_closure = 4 * sizeof(ffi_closure) };

/* Faults of these are deliberate, to see that they are reported: a closure that is lost, and one that is used without having been got. */
static enum outcome losing(void)
{
  void *code;
  return ffi_closure_alloc(large_closure, &code) ? WORKED : REFUSED;
}

static enum outcome careless(void)
{
  void *code;
  ffi_closure *const closure = ffi_closure_alloc(large_closure, &code);
  memset(closure, 0, 1);
  memcpy(closure, &code, sizeof code);
  ffi_closure_free(closure);
  return WORKED;
}

const struct scenario scenarios[] = {
    {"small_signature", small_signature, 0, NULL},
    {"structs", structs, 0, NULL},
    {"large_signature", large_signature, 0, NULL},
    {"huge_signature", huge_signature, 0, "libffi: fatal: no memory to compile the signature of a call\n"},
    {"many_shapes", many_shapes, 1, NULL},
    {"discarded_result", discarded_result, 0, "libffi: fatal: no memory for the discarded result of a call\n"},
    {"variadic", variadic, 0, NULL},
    {"call_plan", call_plan, 0, NULL},
    {"one_closure", one_closure, 0, NULL},
    {"some_closures", some_closures, 0, NULL},
    {"many_closures", many_closures, 0, NULL},
    {"rebinding", rebinding, 0, NULL},
    {"raw_closure", raw_closure, 0, NULL},
#if FFI_GO_CLOSURES
    {"go_closure", go_closure, 0, NULL},
#endif
    {"other_thread", other_thread, 0, NULL},
    {"forked", forked, 0, NULL},
    {"questions", questions, 0, NULL},
    {"losing", losing, 0, NULL},
    {"careless", careless, 0, NULL},
    {NULL, NULL, 0, NULL},
};
