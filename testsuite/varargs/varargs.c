/* SPDX-License-Identifier: MIT */
/* Area: varargs. Purpose: variadic calls of libc's and of our own functions, in registers and on
   the stack; variadic closures; what may stand among the variadic arguments. Expected: the same as
   a compiled call; float and integers smaller than int are refused behind the fixed arguments, and
   only there. */
/* { dg-do run } */
#include <stdarg.h>

#include "ffitest.h"

static void test_snprintf(void)
{
  ffi_cif cif;
  char text[200], want[200],
      *format = (char *)"%d|%s|%.3f|%lld|%c|%Lg|%p|%u|%g|%g|%g|%g|%g|%g|%g|%g|%g";
  char *at = text, *word = (char *)"word";
  size_t size = sizeof text;
  int d = -42, c = 'x';
  double f = 2.71828, g[9];
  long long ll = -1234567890123456;
  long double l = 1.5e30L;
  unsigned u = 4000000000u;
  void *p = &cif;
  ffi_type *types[20] = {&ffi_type_pointer,    &ffi_type_ulong,   &ffi_type_pointer, &ffi_type_sint,
                         &ffi_type_pointer,    &ffi_type_double,  &ffi_type_sint64,  &ffi_type_sint,
                         &ffi_type_longdouble, &ffi_type_pointer, &ffi_type_uint};
  void *avalue[20] = {&at, &size, &format, &d, &word, &f, &ll, &c, &l, &p, &u};
  for (int i = 0; i < 9; i++) {
    g[i] = i * 1.25;
    types[11 + i] = &ffi_type_double;
    avalue[11 + i] = &g[i];
  }
  CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 3, 20, &ffi_type_sint, types), FFI_OK);
  ffi_arg length = 0;
  ffi_call(&cif, FFI_FN(snprintf), &length, avalue);
  int expected = snprintf(want, sizeof want, format, d, word, f, ll, c, l, p, u, g[0], g[1], g[2],
                          g[3], g[4], g[5], g[6], g[7], g[8]);
  CHECK_EQUAL((int)length, expected);
  CHECK(!strcmp(text, want));
}

struct small { int a; float b; };
struct large { long a[5]; double b; };

/* kinds: i int, l long long, d double, e long double, p pointer, s small, b large */
static double add(const char *kinds, ...)
{
  va_list list;
  volatile double sum = 0; /* rounded at every step, where registers are wider too */
  va_start(list, kinds);
  for (; *kinds; kinds++) {
    double x = 0;
    switch (*kinds) {
    case 'i': x = va_arg(list, int); break;
    case 'l': x = (double)va_arg(list, long long); break;
    case 'd': x = va_arg(list, double); break;
    case 'e': x = (double)va_arg(list, long double); break;
    case 'p': x = **va_arg(list, int **); break;
    case 's': { struct small s = va_arg(list, struct small); x = s.a + s.b; break; }
    case 'b': {
      struct large b = va_arg(list, struct large);
      x = (double)(b.a[0] + b.a[4]) + b.b;
      break;
    }
    }
    sum = sum * 2 + x;
  }
  va_end(list);
  return sum;
}

static ffi_type *small_elements[] = {&ffi_type_sint, &ffi_type_float, NULL};
static ffi_type small_type = {0, 0, FFI_TYPE_STRUCT, small_elements};
static ffi_type *large_elements[] = {&ffi_type_slong,
                                     &ffi_type_slong,
                                     &ffi_type_slong,
                                     &ffi_type_slong,
                                     &ffi_type_slong,
                                     &ffi_type_double,
                                     NULL};
static ffi_type large_type = {0, 0, FFI_TYPE_STRUCT, large_elements};

static int five = 5, *pointer_to_five = &five;
static union value {
  int i;
  long long l;
  double d;
  long double e;
  int **p;
  struct small s;
  struct large b;
} values[] = {{.i = -7},
              {.l = 123456789012},
              {.d = 0.5},
              {.e = 2.25L},
              {.p = &pointer_to_five},
              {.s = {3, 0.25f}},
              {.b = {{10, 0, 0, 0, 20}, 1.5}}};
static const double amounts[] = {-7, 123456789012.0, 0.5, 2.25, 5, 3.25, 31.5};
static const char letters[] = "ildepsb";
static ffi_type *const letter_types[] = {&ffi_type_sint,       &ffi_type_sint64,  &ffi_type_double,
                                         &ffi_type_longdouble, &ffi_type_pointer, &small_type,
                                         &large_type};

/* Expected sum and ffi_call's for a string of kinds; also through a call plan, where there are
   plans. */
static void check_kinds(const char *kinds)
{
  unsigned count = (unsigned)strlen(kinds);
  ffi_type *types[40] = {&ffi_type_pointer};
  void *avalue[40] = {&kinds};
  volatile double want = 0;
  double got = -1;
  for (unsigned i = 0; i < count; i++) {
    int letter = (int)(strchr(letters, kinds[i]) - letters);
    types[i + 1] = letter_types[letter];
    avalue[i + 1] = &values[letter];
    want = want * 2 + amounts[letter];
  }
  ffi_cif cif;
  CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, count + 1, &ffi_type_double, types),
              FFI_OK);
  ffi_call(&cif, FFI_FN(add), &got, avalue);
  CHECK(got == want);
#if FFI_VERSION_NUMBER >= 30800
  ffi_call_plan *plan = ffi_call_plan_alloc(&cif);
  REQUIRE(plan != NULL);
  got = -1;
  ffi_call_plan_invoke(plan, FFI_FN(add), &got, avalue);
  CHECK(got == want);
  ffi_call_plan_free(plan);
#endif
}

/* A closure whose signature is variadic, called by compiled variadic calls. */
static void add_handler(ffi_cif *cif, void *result, void **avalue, void *user_data)
{
  CHECK(user_data == &five);
  double sum = 0;
  for (unsigned i = 1; i < cif->nargs; i++) {
    double x = cif->arg_types[i] == &ffi_type_double ? *(double *)avalue[i]
               : cif->arg_types[i] == &ffi_type_sint ? *(int *)avalue[i]
                                                     : ((struct large *)avalue[i])->b;
    sum = sum * 2 + x;
  }
  *(double *)result = sum;
}

static void test_closure(void)
{
  ffi_type *d = &ffi_type_double, *i = &ffi_type_sint;
  ffi_type *types[] = {&ffi_type_pointer, d, i, d, i, i, i, i, i, i, d, d, d, d, d, d, d, d,
                       &large_type,       i};
  ffi_cif cif;
  void *code;
  struct large b = {{0}, 6.5};
  REQUIRE(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 20, d, types) == FFI_OK);
  ffi_closure *closure = ffitest_closure(&cif, add_handler, &five, &code);
  double got = ((double (*)(const char *, ...))code)("", 1.0, 2, 3.0, 4, 5, 6, 7, 8, 9, 10.0, 11.0,
                                                     12.0, 13.0, 14.0, 15.0, 16.0, 17.0, b, -19);
  double want = 0;
  for (int k = 1; k < 20; k++)
    want = want * 2 + (k == 18 ? 6.5 : k == 19 ? -19 : k);
  CHECK(got == want);
  ffi_closure_free(closure);
}

static void test_statuses(void)
{
  ffi_cif cif;
  ffi_type copied_float = ffi_type_float; /* known by its code, wherever the descriptor lies */
  ffi_type *const refused[] = {&ffi_type_float, &ffi_type_uint8, &ffi_type_sint8, &ffi_type_uint16,
                               &ffi_type_sint16, &copied_float};
  ffi_type *const accepted[] = {&ffi_type_sint32,  &ffi_type_uint32, &ffi_type_sint64,
                                &ffi_type_uint64,  &ffi_type_double, &ffi_type_longdouble,
                                &ffi_type_pointer, &small_type};
  for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
    ffi_type *types[] = {refused[i], refused[i], &ffi_type_sint};
#if FFI_VERSION_NUMBER < 30800
    if (refused[i] == &copied_float)
      continue;
#endif
    CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 2, &ffi_type_void, types),
                FFI_BAD_ARGTYPE);
    types[1] = &ffi_type_sint;
    CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 2, &ffi_type_void, types), FFI_OK);
    CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 2, refused[i], types), FFI_OK);
  }
  for (unsigned i = 0; i < sizeof accepted / sizeof *accepted; i++) {
    ffi_type *types[] = {accepted[i], accepted[i]};
    CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 2, &ffi_type_void, types), FFI_OK);
  }
  /* Structs smaller than int are not promoted, so they may be variadic. */
  ffi_type *one[] = {&ffi_type_uint8, NULL};
  ffi_type tiny = {0, 0, FFI_TYPE_STRUCT, one}, *types[] = {&ffi_type_sint, &tiny};
  CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 2, &ffi_type_void, types), FFI_OK);
  /* No variadic argument after all; and more fixed ones than there are. */
  CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 2, 2, &ffi_type_void, types), FFI_OK);
#if FFI_VERSION_NUMBER >= 30800
  CHECK(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 3, 2, &ffi_type_void, types) != FFI_OK);
#endif
  CHECK_EQUAL(ffi_prep_cif_var(&cif, FFI_LAST_ABI, 1, 2, &ffi_type_void, types), FFI_BAD_ABI);
}

int main(void)
{
  static const char *const strings[] = {"",
                                        "i",
                                        "d",
                                        "idid",
                                        "iiiiii",
                                        "dddddddd",
                                        "iiiiiiiiiidddddddddddd",
                                        "eee",
                                        "ieied",
                                        "spsps",
                                        "sssssssssss",
                                        "bib",
                                        "dbdbd",
                                        "pppppppp",
                                        "lllllllll",
                                        "ildepsbildepsbildepsb"};
  test_snprintf();
  for (unsigned i = 0; i < sizeof strings / sizeof *strings; i++)
    check_kinds(strings[i]);
  test_closure();
  test_statuses();
  return ffitest_end();
}
