/* SPDX-License-Identifier: MIT */
/* Area: vectors. Purpose: vectors of 8 and 16 bytes as arguments and results, more than there are
   registers, in structs, through closures and call plans; their layout. Expected: every lane
   arrives; what is no vector is refused. */
/* { dg-do run } */
#include "ffitest.h"

#ifndef FFI_TARGET_HAS_VECTOR_TYPE
int main(void) { ffitest_unsupported("this libffi has no vector types"); }
#else

#define LANES2(f) &f, &f
#define LANES4(f) LANES2(f), LANES2(f)
#define LANES8(f) LANES4(f), LANES4(f)
#define LANES16(f) LANES8(f), LANES8(f)
#define VECTORS(X)                                                                                 \
  X(float2, float, 2, ffi_type_float)                                                              \
  X(float4, float, 4, ffi_type_float) X(double2, double, 2, ffi_type_double)                       \
      X(int2, int, 2, ffi_type_sint) X(int4, int, 4, ffi_type_sint)                                \
          X(short4, short, 4, ffi_type_sshort) X(short8, short, 8, ffi_type_sshort)                \
              X(char8, signed char, 8, ffi_type_schar) X(char16, signed char, 16, ffi_type_schar)  \
                  X(long2, long long, 2, ffi_type_sint64)

#define DEFINE(name, lane, lanes, ffi)                                                             \
  typedef lane name __attribute__((vector_size(lanes * sizeof(lane))));                            \
  struct in_struct_##name {                                                                        \
    name v;                                                                                        \
    lane one;                                                                                      \
  };                                                                                               \
  static ffi_type *elements_##name[] = {LANES##lanes(ffi), NULL};                                  \
  static ffi_type type_##name = {0, 0, FFI_TYPE_VECTOR, elements_##name};                          \
  static name combine_##name(name a, int n, name b, lane c)                                        \
  {                                                                                                \
    return a * (lane)n - b + c;                                                                    \
  }                                                                                                \
  static name ten_##name(name a, name b, name c, name d, name e, name f, name g, name h, name i,   \
                         name j)                                                                   \
  {                                                                                                \
    return a - b + c - d + e - f + g - h + i * 2 - j * 3;                                          \
  }                                                                                                \
  static struct in_struct_##name more_##name(struct in_struct_##name s)                            \
  {                                                                                                \
    s.v += s.one;                                                                                  \
    s.one++;                                                                                       \
    return s;                                                                                      \
  }                                                                                                \
  static void handle_##name(ffi_cif *cif, void *result, void **values, void *user_data)            \
  {                                                                                                \
    (void)cif;                                                                                     \
    CHECK(user_data == &type_##name);                                                              \
    for (unsigned i = 0; i < 3; i += 2)                                                            \
      CHECK_EQUAL((uintptr_t)values[i] % sizeof(name), 0);                                         \
    *(name *)result = combine_##name(*(name *)values[0], *(int *)values[1], *(name *)values[2],    \
                                     *(lane *)values[3]);                                          \
  }                                                                                                \
  static void test_##name(void)                                                                    \
  {                                                                                                \
    ffi_cif cif;                                                                                   \
    ffi_type *types[] = {&type_##name, &ffi_type_sint, &type_##name, &ffi};                        \
    ffitest_prepare(&cif, &type_##name, 4, types);                                                 \
    CHECK_EQUAL(type_##name.size, sizeof(name));                                                   \
    CHECK_EQUAL(type_##name.alignment, _Alignof(name));                                            \
    name a, b, got, want;                                                                          \
    int n = 3;                                                                                     \
    lane c = 5;                                                                                    \
    for (int i = 0; i < lanes; i++)                                                                \
      a[i] = (lane)(i + 1), b[i] = (lane)(-2 * i);                                                 \
    void *avalue[] = {&a, &n, &b, &c};                                                             \
    want = combine_##name(a, n, b, c);                                                             \
    ffi_call(&cif, FFI_FN(combine_##name), &got, avalue);                                          \
    CHECK(!memcmp(&got, &want, sizeof got));                                                       \
    memset((void *)&got, 0, sizeof got);                                                           \
    ffi_call_plan *plan = ffi_call_plan_alloc(&cif);                                               \
    REQUIRE(plan != NULL);                                                                         \
    ffi_call_plan_invoke(plan, FFI_FN(combine_##name), &got, avalue);                              \
    ffi_call_plan_free(plan);                                                                      \
    CHECK(!memcmp(&got, &want, sizeof got));                                                       \
    void *code;                                                                                    \
    ffi_closure *closure = ffitest_closure(&cif, handle_##name, &type_##name, &code);              \
    got = ((name(*)(name, int, name, lane))code)(a, n, b, c);                                      \
    CHECK(!memcmp(&got, &want, sizeof got));                                                       \
    ffi_closure_free(closure);                                                                     \
                                                                                                   \
    ffi_type *ten[10];                                                                             \
    name v[10];                                                                                    \
    void *ten_values[10];                                                                          \
    for (int i = 0; i < 10; i++) {                                                                 \
      ten[i] = &type_##name;                                                                       \
      ten_values[i] = &v[i];                                                                       \
      for (int j = 0; j < lanes; j++)                                                              \
        v[i][j] = (lane)(i * 3 + j);                                                               \
    }                                                                                              \
    ffitest_prepare(&cif, &type_##name, 10, ten);                                                  \
    ffi_call(&cif, FFI_FN(ten_##name), &got, ten_values);                                          \
    want = ten_##name(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]);                 \
    CHECK(!memcmp(&got, &want, sizeof got));                                                       \
                                                                                                   \
    ffi_type *members[] = {&type_##name, &ffi, NULL};                                              \
    ffi_type whole = {0, 0, FFI_TYPE_STRUCT, members}, *wholes[] = {&whole};                       \
    struct in_struct_##name s = {a, 7}, t, u;                                                      \
    ffitest_prepare(&cif, &whole, 1, wholes);                                                      \
    CHECK_EQUAL(whole.size, sizeof s);                                                             \
    u = more_##name(s);                                                                            \
    ffi_call(&cif, FFI_FN(more_##name), &t, (void *[]){&s});                                       \
    CHECK(!memcmp(&t.v, &u.v, sizeof u.v) && t.one == u.one);                                      \
  }
VECTORS(DEFINE)

static void test_malformed(void)
{
  ffi_cif cif;
  ffi_type *none[] = {NULL}, *mixed[] = {&ffi_type_float, &ffi_type_sint, NULL};
  ffi_type *pointers[] = {&ffi_type_pointer, &ffi_type_pointer, NULL};
  ffi_type *wide[] = {&ffi_type_longdouble, &ffi_type_longdouble, NULL};
  ffi_type *nested[] = {&type_float2, &type_float2, NULL};
  ffi_type **const bad[] = {NULL, none, mixed, pointers, wide, nested};
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
    ffi_type vector = {0, 0, FFI_TYPE_VECTOR, bad[i]}, *types[] = {&vector};
    CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, types), FFI_BAD_TYPEDEF);
    CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 0, &vector, NULL), FFI_BAD_TYPEDEF);
  }
}

int main(void)
{
#define RUN(name, lane, lanes, ffi) test_##name();
  VECTORS(RUN)
  test_malformed();
  return ffitest_end();
}
#endif
