/* SPDX-License-Identifier: MIT */
/* Area: raw. Purpose: the Java variant of the raw interface: sizes, both translations, calls,
   closures. Expected: what goes in comes back; where a word has 64 bits, long and double take two
   words, the second unused. */
/* { dg-do run } */
#include <sys/mman.h>

#include "ffitest.h"

#if !FFI_NATIVE_RAW_API
static double mix(int a, long long b, float c, double d, void *e, int f)
{
  return a + 2.0 * (double)b + 3.0 * c + 4.0 * d + 5.0 * *(int *)e + 6.0 * f;
}
#endif

enum { COUNT = 6 };
static ffi_type *types[COUNT] = {&ffi_type_sint,   &ffi_type_sint64,  &ffi_type_float,
                                 &ffi_type_double, &ffi_type_pointer, &ffi_type_sint};
static int a = -7, at_e = 21, f = 9;
static long long b = -123456789;
static float c = 2.5f;
static double d = -0.125;
static void *e = &at_e, *avalue[COUNT] = {&a, &b, &c, &d, &e, &f};
static ffi_cif cif;

static void test_translation(void)
{
  ffi_java_raw raw[16];
  void *back[COUNT];
  size_t size = ffi_java_raw_size(&cif);
  CHECK_EQUAL(size, 8 * sizeof(ffi_java_raw));
  memset(raw, 0xaa, sizeof raw);
  ffi_java_ptrarray_to_raw(&cif, avalue, raw);
  for (size_t i = size; i < sizeof raw; i++)
    CHECK_EQUAL(((unsigned char *)raw)[i], 0xaa);
  CHECK_EQUAL((int)raw[0].sint, -7);
  CHECK(!memcmp(raw[1].data, &b, sizeof b));
  CHECK(raw[3].flt == 2.5f);
  CHECK(!memcmp(raw[4].data, &d, sizeof d));
  CHECK(raw[6].ptr == e);
  CHECK_EQUAL((int)raw[7].sint, 9);
  ffi_java_raw_to_ptrarray(&cif, raw, back);
  for (int i = 0; i < COUNT; i++)
    CHECK(!memcmp(back[i], avalue[i], types[i]->size));
}

#if !FFI_NATIVE_RAW_API
static void test_call(void)
{
  ffi_java_raw raw[16];
  double got = 0;
  ffi_java_ptrarray_to_raw(&cif, avalue, raw);
  ffi_java_raw_call(&cif, FFI_FN(mix), &got, raw);
  CHECK(got == mix(a, b, c, d, e, f));
}

static void handler(ffi_cif *got_cif, void *result, ffi_java_raw *raw, void *user_data)
{
  void *v[COUNT];
  CHECK(got_cif == &cif);
  CHECK(user_data == &at_e);
  ffi_java_raw_to_ptrarray(&cif, raw, v);
  *(double *)result = mix(*(int *)v[0], *(long long *)v[1], *(float *)v[2], *(double *)v[3],
                          *(void **)v[4], *(int *)v[5]);
}

static void test_closure(void)
{
  void *code;
  ffi_java_raw_closure *closure = ffi_closure_alloc(sizeof(ffi_java_raw_closure), &code);
  REQUIRE(closure != NULL);
  REQUIRE(ffi_prep_java_raw_closure_loc(closure, &cif, handler, &at_e, code) == FFI_OK);
  CHECK(((double (*)(int, long long, float, double, void *, int))code)(a, b, c, d, e, f) ==
        mix(a, b, c, d, e, f));
  ffi_closure_free(closure);

  /* In memory that the caller made executable. */
  unsigned char *memory =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    printf("no writable and executable memory here\n");
    return;
  }
  closure = (ffi_java_raw_closure *)(void *)memory;
  CHECK_EQUAL(ffi_prep_java_raw_closure(closure, &cif, handler, &at_e), FFI_OK);
  CHECK(((double (*)(int, long long, float, double, void *, int))(void *)closure)(
            a, b, c, d, e, f) == mix(a, b, c, d, e, f));
  munmap(memory, 4096);
}
#endif

int main(void)
{
  ffitest_prepare(&cif, &ffi_type_double, COUNT, types);
  test_translation();
#if !FFI_NATIVE_RAW_API
  test_call();
  test_closure();
#endif
  return ffitest_end();
}
