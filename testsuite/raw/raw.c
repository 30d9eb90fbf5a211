/* SPDX-License-Identifier: MIT */
/* Area: raw. Purpose: all arguments in one array of words: sizes, both translations, calls,
   closures. Expected: an argument takes as many whole words as it needs, a struct one word that
   points to it; integers are widened to their word; the handler of a raw closure gets the words. */
/* { dg-do run } */
#include <sys/mman.h>

#include "ffitest.h"

struct point { int x, y; double z; };

static double mix(signed char a, unsigned short b, int c, long long d, float e, double f, void *g,
                  struct point h)
{
  return a + 2.0 * b + 3.0 * c + 4.0 * (double)d + 5.0 * e + 6.0 * f + 7.0 * *(int *)g + 8.0 * h.x +
         9.0 * h.y + 10.0 * h.z;
}

enum { COUNT = 8 };
static ffi_type *elements[] = {&ffi_type_sint, &ffi_type_sint, &ffi_type_double, NULL};
static ffi_type point_type = {0, 0, FFI_TYPE_STRUCT, elements};
static ffi_type *types[COUNT] = {&ffi_type_sint8,   &ffi_type_uint16, &ffi_type_sint,
                                 &ffi_type_sint64,  &ffi_type_float,  &ffi_type_double,
                                 &ffi_type_pointer, &point_type};
static signed char a = -100;
static unsigned short b = 65000;
static int c = -70000, at_g = 33;
static long long d = -5000000000;
static float e = 1.5f;
static double f = -2.75;
static void *g = &at_g;
static struct point h = {4, -5, 6.5};
static void *avalue[COUNT] = {&a, &b, &c, &d, &e, &f, &g, &h};
static ffi_cif cif;

static size_t words(size_t bytes)
{
  return (bytes + sizeof(ffi_raw) - 1) / sizeof(ffi_raw);
}

static void test_translation(void)
{
  /* Native raw machines pass a struct by value; the others pass a pointer to it. */
  size_t struct_words =
      FFI_NATIVE_RAW_API ? ffi_raw_size(&cif) / sizeof(ffi_raw) - (5 + words(8) * 2) : 1;
  size_t total = 5 + words(8) * 2 + struct_words;
  CHECK_EQUAL(ffi_raw_size(&cif), total * sizeof(ffi_raw));
  ffi_raw raw[32];
  memset(raw, 0xaa, sizeof raw);
  ffi_ptrarray_to_raw(&cif, avalue, raw);
  CHECK_EQUAL(raw[0].sint, -100);
  CHECK_EQUAL(raw[1].uint, 65000);
  CHECK_EQUAL(raw[2].sint, -70000);
  CHECK(!memcmp(raw[3].data, &d, sizeof d));
  size_t at = 3 + words(8);
  CHECK(raw[at].flt == 1.5f);
  CHECK(!memcmp(raw[at + 1].data, &f, sizeof f));
  at += 1 + words(8);
  CHECK(raw[at].ptr == g);
  if (!FFI_NATIVE_RAW_API)
    CHECK(!memcmp(raw[at + 1].ptr, &h, sizeof h));
  for (size_t i = total * sizeof(ffi_raw); i < sizeof raw; i++)
    CHECK_EQUAL(((unsigned char *)raw)[i], 0xaa);

  void *back[COUNT];
  ffi_raw_to_ptrarray(&cif, raw, back);
  for (int i = 0; i < COUNT; i++)
    CHECK(!memcmp(back[i], avalue[i], types[i]->size));
}

static void test_call(void)
{
  ffi_raw raw[32];
  double got = 0;
  ffi_ptrarray_to_raw(&cif, avalue, raw);
  ffi_raw_call(&cif, FFI_FN(mix), &got, raw);
  CHECK(got == mix(a, b, c, d, e, f, g, h));
  ffi_raw_call(&cif, FFI_FN(mix), NULL, raw);
}

static void handler(ffi_cif *got_cif, void *result, ffi_raw *raw, void *user_data)
{
  void *v[COUNT];
  CHECK(got_cif == &cif);
  CHECK(user_data == &h);
  CHECK_EQUAL((signed char)raw[0].sint, -100);
  CHECK_EQUAL((unsigned short)raw[1].uint, 65000);
  ffi_raw_to_ptrarray(&cif, raw, v);
  *(double *)result =
      mix(*(signed char *)v[0], *(unsigned short *)v[1], *(int *)v[2], *(long long *)v[3],
          *(float *)v[4], *(double *)v[5], *(void **)v[6], *(struct point *)v[7]);
}

static void test_closure(void)
{
  void *code;
  ffi_raw_closure *closure = ffi_closure_alloc(sizeof(ffi_raw_closure), &code);
  REQUIRE(closure != NULL);
  REQUIRE(ffi_prep_raw_closure_loc(closure, &cif, handler, &h, code) == FFI_OK);
  double got = ((double (*)(signed char, unsigned short, int, long long, float, double, void *,
                            struct point))code)(a, b, c, d, e, f, g, h);
  CHECK(got == mix(a, b, c, d, e, f, g, h));
  CHECK(closure->cif == &cif);
  ffi_closure_free(closure);
}

/* In memory that the caller made executable. */
static void test_own_memory(void)
{
  unsigned char *memory =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    printf("no writable and executable memory here\n");
    return;
  }
  ffi_raw_closure *closure = (ffi_raw_closure *)(void *)(memory + 64);
  CHECK_EQUAL(ffi_prep_raw_closure(closure, &cif, handler, &h), FFI_OK);
  double got = ((double (*)(signed char, unsigned short, int, long long, float, double, void *,
                            struct point))(void *)closure)(a, b, c, d, e, f, g, h);
  CHECK(got == mix(a, b, c, d, e, f, g, h));
  munmap(memory, 4096);
}

/* Results of every width through raw calls and closures. */
static signed char tiny(int x) { return (signed char)x; }
static void tiny_handler(ffi_cif *unused, void *result, ffi_raw *raw, void *user_data)
{
  (void)unused, (void)user_data;
  *(ffi_sarg *)result = (signed char)raw[0].sint;
}

static void test_small_result(void)
{
  ffi_cif small;
  ffi_type *ints[] = {&ffi_type_sint};
  void *code;
  ffitest_prepare(&small, &ffi_type_sint8, 1, ints);
  for (int x = -130; x < 130; x += 13) {
    ffi_raw raw = {.sint = x};
    ffi_sarg got = 0;
    ffi_raw_call(&small, FFI_FN(tiny), &got, &raw);
    CHECK_EQUAL(got, (signed char)x);
  }
  ffi_raw_closure *closure = ffi_closure_alloc(sizeof(ffi_raw_closure), &code);
  REQUIRE(closure != NULL);
  REQUIRE(ffi_prep_raw_closure_loc(closure, &small, tiny_handler, NULL, code) == FFI_OK);
  for (int x = -130; x < 130; x += 13)
    CHECK_EQUAL(((signed char (*)(int))code)(x), (signed char)x);
  ffi_closure_free(closure);
}

int main(void)
{
  ffitest_prepare(&cif, &ffi_type_double, COUNT, types);
  test_translation();
  test_call();
  test_closure();
  test_own_memory();
  test_small_result();
  return ffitest_end();
}
