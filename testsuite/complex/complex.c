/* SPDX-License-Identifier: MIT */
/* Area: complex. Purpose: the three complex types as arguments and results, many at once, in
   structs, through closures and variadic calls. Expected: both parts arrive, in order, and nothing
   beside the result is written. */
/* { dg-do run } */
#include "ffitest.h"

#ifndef FFI_TARGET_HAS_COMPLEX_TYPE
int main(void) { ffitest_unsupported("this libffi has no complex types"); }
#else
#include <complex.h>
#include <stdarg.h>

#define COMPLEXES(X) \
  X(cf, float _Complex, float, ffi_type_complex_float, ffi_type_float) \
  X(cd, double _Complex, double, ffi_type_complex_double, ffi_type_double) \
  X(cl, long double _Complex, long double, ffi_type_complex_longdouble, ffi_type_longdouble)

#define DEFINE(name, ctype, part, ffi, ffi_part)                                                   \
  struct in_struct_##name {                                                                        \
    char c;                                                                                        \
    ctype z;                                                                                       \
  };                                                                                               \
  static ctype combine_##name(ctype a, int n, ctype b, part p)                                     \
  {                                                                                                \
    return a * n - b + p;                                                                          \
  }                                                                                                \
  static ctype sum_##name(ctype a, ctype b, ctype c, ctype d, ctype e, ctype f, ctype g, ctype h,  \
                          ctype i, ctype j)                                                        \
  {                                                                                                \
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;             \
  }                                                                                                \
  static struct in_struct_##name swap_##name(struct in_struct_##name s)                            \
  {                                                                                                \
    ctype z;                                                                                       \
    __real__ z = __imag__ s.z;                                                                     \
    __imag__ z = __real__ s.z;                                                                     \
    return (struct in_struct_##name){(char)(s.c + 1), z};                                          \
  }                                                                                                \
  static void handle_##name(ffi_cif *cif, void *result, void **values, void *user_data)            \
  {                                                                                                \
    (void)cif;                                                                                     \
    CHECK(user_data == &ffi);                                                                      \
    *(ctype *)result = combine_##name(*(ctype *)values[0], *(int *)values[1], *(ctype *)values[2], \
                                      *(part *)values[3]);                                         \
  }                                                                                                \
  static void test_##name(void)                                                                    \
  {                                                                                                \
    ffi_cif cif;                                                                                   \
    ffi_type *types[] = {&ffi, &ffi_type_sint, &ffi, &ffi_part};                                   \
    ffitest_prepare(&cif, &ffi, 4, types);                                                         \
    ctype a, b;                                                                                    \
    __real__ a = 1.5f, __imag__ a = -2.25f, __real__ b = -0.5f, __imag__ b = 100;                  \
    int n = 3;                                                                                     \
    part p = 0.125f;                                                                               \
    struct {                                                                                       \
      ctype z;                                                                                     \
      unsigned char fence[16];                                                                     \
    } got;                                                                                         \
    memset(&got, 0x77, sizeof got);                                                                \
    ffi_call(&cif, FFI_FN(combine_##name), &got.z, (void *[]){&a, &n, &b, &p});                    \
    CHECK(got.z == combine_##name(a, n, b, p));                                                    \
    for (unsigned i = 0; i < sizeof got.fence; i++)                                                \
      CHECK_EQUAL(got.fence[i], 0x77);                                                             \
    for (unsigned i = 0; i < 10; i++)                                                              \
      ffi_call(&cif, FFI_FN(combine_##name), NULL, (void *[]){&a, &n, &b, &p});                    \
    void *code;                                                                                    \
    ffi_closure *closure = ffitest_closure(&cif, handle_##name, &ffi, &code);                      \
    for (unsigned i = 0; i < 10; i++)                                                              \
      CHECK(((ctype(*)(ctype, int, ctype, part))code)(a, n, b, p) == combine_##name(a, n, b, p));  \
    ffi_closure_free(closure);                                                                     \
                                                                                                   \
    ffi_type *many[10];                                                                            \
    ctype z[10], sum;                                                                              \
    void *avalue[10];                                                                              \
    for (int i = 0; i < 10; i++) {                                                                 \
      many[i] = &ffi;                                                                              \
      __real__ z[i] = (part)i, __imag__ z[i] = (part)(-100 * i);                                   \
      avalue[i] = &z[i];                                                                           \
    }                                                                                              \
    ffitest_prepare(&cif, &ffi, 10, many);                                                         \
    ffi_call(&cif, FFI_FN(sum_##name), &sum, avalue);                                              \
    CHECK(sum == sum_##name(z[0], z[1], z[2], z[3], z[4], z[5], z[6], z[7], z[8], z[9]));          \
                                                                                                   \
    ffi_type *elements[] = {&ffi_type_schar, &ffi, NULL};                                          \
    ffi_type type_ = {0, 0, FFI_TYPE_STRUCT, elements}, *structs[] = {&type_};                     \
    ffitest_prepare(&cif, &type_, 1, structs);                                                     \
    CHECK_EQUAL(type_.size, sizeof(struct in_struct_##name));                                      \
    struct in_struct_##name s = {'a', a}, t;                                                       \
    ffi_call(&cif, FFI_FN(swap_##name), &t, (void *[]){&s});                                       \
    CHECK(t.c == 'b' && __real__ t.z == __imag__ a && __imag__ t.z == __real__ a);                 \
    CHECK_EQUAL(ffi.size, sizeof(ctype));                                                          \
    CHECK_EQUAL(ffi.type, FFI_TYPE_COMPLEX);                                                       \
    CHECK(ffi.elements[0]->type == ffi_part.type && !ffi.elements[1]);                             \
  }
COMPLEXES(DEFINE)

static double add_variadic(int count, ...)
{
  va_list list;
  double sum = 0;
  va_start(list, count);
  for (int i = 0; i < count; i++) {
    double _Complex z = va_arg(list, double _Complex);
    sum = sum * 10 + __real__ z + 2 * __imag__ z;
  }
  va_end(list);
  return sum;
}

static void test_variadic(void)
{
  ffi_cif cif;
  ffi_type *d = &ffi_type_complex_double, *types[] = {&ffi_type_sint, d, d, d, d, d};
  REQUIRE(ffi_prep_cif_var(&cif, FFI_DEFAULT_ABI, 1, 6, &ffi_type_double, types) == FFI_OK);
  int count = 5;
  double _Complex z[5];
  double got;
  for (int i = 0; i < 5; i++)
    __real__ z[i] = i, __imag__ z[i] = i + 0.5;
  ffi_call(&cif, FFI_FN(add_variadic), &got, (void *[]){&count, &z[0], &z[1], &z[2], &z[3], &z[4]});
  CHECK(got == add_variadic(5, z[0], z[1], z[2], z[3], z[4]));
}

int main(void)
{
  test_cf();
  test_cd();
  test_cl();
  test_variadic();
  return ffitest_end();
}
#endif
