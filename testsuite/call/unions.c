/* SPDX-License-Identifier: MIT */
/* Area: ffi_call. Purpose: unions and structs of bit-fields by value, described as ctypes does it:
   a struct whose size the caller set, with every member in its list although they do not fit one
   after another. Expected: they travel as the compiler has it. */
/* { dg-do run } */
#include "ffitest.h"

#if FFI_VERSION_NUMBER >= 30800
#define I &ffi_type_sint
#define F &ffi_type_float
#define D &ffi_type_double
#define L &ffi_type_slong
#define C &ffi_type_schar

static ffi_type *two_floats[] = {F, F, NULL};
static ffi_type pair = {0, 0, FFI_TYPE_STRUCT, two_floats};
static ffi_type *int_or_float[] = {I, F, NULL};
static ffi_type either = {4, 4, FFI_TYPE_STRUCT, int_or_float};

/* Each travels between others, as an argument and as the result; every byte of it is turned. Padding need not arrive. */
#define TEST(name, type_, ...) TEST_OF(name, type_, sizeof(type_), __VA_ARGS__)
#define TEST_OF(name, type_, count, ...) \
  static type_ turn_##name(double before, type_ value, int after) \
  { \
    unsigned char bytes[sizeof value]; \
    memcpy(bytes, &value, sizeof value); \
    for (size_t i = 0; i < sizeof value; i++) \
      bytes[i] = (unsigned char)(bytes[i] + (int)before + after); \
    memcpy(&value, bytes, sizeof value); \
    return value; \
  } \
  static void handle_##name(ffi_cif *cif, void *result, void **values, void *user_data) \
  { \
    (void)cif, (void)user_data; \
    type_ value; \
    memcpy(&value, values[1], sizeof value); \
    value = turn_##name(*(double *)values[0], value, *(int *)values[2]); \
    memcpy(result, &value, sizeof value); \
  } \
  static void test_##name(void) \
  { \
    ffi_type *members[] = {__VA_ARGS__, NULL}; \
    ffi_type type = {sizeof(type_), _Alignof(type_), FFI_TYPE_STRUCT, members}; \
    ffi_type *types[] = {D, &type, I}; \
    ffi_cif cif; \
    ffitest_prepare(&cif, &type, 3, types); \
    double before = 3; \
    int after = 4; \
    type_ value, got, want; \
    for (size_t i = 0; i < sizeof value; i++) \
      ((unsigned char *)&value)[i] = (unsigned char)(5 * i + 1); \
    want = turn_##name(before, value, after); \
    ffi_call(&cif, FFI_FN(turn_##name), &got, (void *[]){&before, &value, &after}); \
    CHECK(!memcmp(&got, &want, count)); \
    void *code; \
    ffi_closure *closure = ffitest_closure(&cif, handle_##name, NULL, &code); \
    got = ((type_(*)(double, type_, int))code)(before, value, after); \
    CHECK(!memcmp(&got, &want, count)); \
    ffi_closure_free(closure); \
  }

union int_float { int i; float f; };
union double_long { double d; long l; };
union floats { float f; float both[2]; };
union int_floats { int i; float both[2]; };
union bytes_double { char c[9]; double d; };
union two_doubles { double d; double e; };
struct tagged { int tag; union int_float u; };
struct then_float { union int_float u; float f; };
struct float_then { float f, g; union { float h; double d; } u; };
struct fields { int a : 4, b : 4; };
struct fields_float { int a : 4, b : 4, c : 4; float f; };
union large { int i; char c[40]; };

static ffi_type *nine_bytes[] = {C, C, C, C, C, C, C, C, C, NULL};
static ffi_type bytes = {0, 0, FFI_TYPE_STRUCT, nine_bytes};
static ffi_type *float_or_double[] = {F, D, NULL};
static ffi_type wide = {8, _Alignof(union { float h; double d; }), FFI_TYPE_STRUCT, float_or_double};

TEST(int_float, union int_float, I, F)
TEST(float_int, union int_float, F, I)
TEST(double_long, union double_long, D, L)
TEST(floats, union floats, F, &pair)
TEST(int_floats, union int_floats, I, &pair)
TEST_OF(bytes_double, union bytes_double, 9, &bytes, D)
TEST(two_doubles, union two_doubles, D, D)
TEST(tagged, struct tagged, I, &either)
TEST(then_float, struct then_float, &either, F)
TEST(float_then, struct float_then, F, F, &wide)
TEST(fields, struct fields, I, I)
TEST(fields_float, struct fields_float, I, I, I, F)
TEST(large, union large, I, &bytes)

int main(void)
{
  test_int_float();
  test_float_int();
  test_double_long();
  test_floats();
  test_int_floats();
  test_bytes_double();
  test_two_doubles();
  test_tagged();
  test_then_float();
  test_float_then();
  test_fields();
  test_fields_float();
  test_large();
  return ffitest_end();
}
#else
int main(void)
{
  ffitest_unsupported("this libffi takes what lies beyond a union's first member for more members");
}
#endif
