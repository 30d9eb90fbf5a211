/* SPDX-License-Identifier: MIT */
/* Area: ffi_prep_cif and ffi_get_struct_offsets. Purpose: which descriptions are accepted, what is
   filled in. Expected: the statuses of libffi 3.8.0; C's layout; a size that the caller set is left
   alone. */
/* { dg-do run } */
#include <stddef.h>

#include "ffitest.h"

static void test_abis(void)
{
  ffi_cif cif;
  for (int abi = -2; abi < FFI_LAST_ABI + 3; abi++) {
    ffi_status status = ffi_prep_cif(&cif, (ffi_abi)abi, 0, &ffi_type_void, NULL);
    bool known = abi > (int)FFI_FIRST_ABI && abi < (int)FFI_LAST_ABI;
#ifdef __i386__
    known = known && abi != 2; /* no convention ever had it there */
#endif
    CHECK_EQUAL(status, known ? FFI_OK : FFI_BAD_ABI);
  }
  CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL), FFI_OK);
#if defined __x86_64__ && !defined __ILP32__
  CHECK_EQUAL(FFI_FIRST_ABI, 1);
  CHECK_EQUAL(FFI_UNIX64, 2);
  CHECK_EQUAL(FFI_WIN64, 3);
  CHECK_EQUAL(FFI_EFI64, 3);
  CHECK_EQUAL(FFI_GNUW64, 4);
  CHECK_EQUAL(FFI_LAST_ABI, 5);
  CHECK_EQUAL(FFI_DEFAULT_ABI, FFI_UNIX64);
#elif defined __i386__
  CHECK_EQUAL(FFI_SYSV, 1);
  CHECK_EQUAL(FFI_MS_CDECL, 8);
  CHECK_EQUAL(FFI_LAST_ABI, 9);
  CHECK_EQUAL(FFI_DEFAULT_ABI, FFI_SYSV);
#elif defined __aarch64__
  CHECK_EQUAL(FFI_SYSV, 1);
  CHECK_EQUAL(FFI_LAST_ABI, 3);
  CHECK_EQUAL(FFI_DEFAULT_ABI, FFI_SYSV);
#endif
}

static void test_cif_fields(void)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_sint, &ffi_type_double};
  memset(&cif, 0xff, sizeof cif);
  CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_float, types), FFI_OK);
  CHECK(cif.abi == FFI_DEFAULT_ABI && cif.nargs == 2 && cif.arg_types == types &&
        cif.rtype == &ffi_type_float);
  /* With no arguments the array is not read. */
  CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_float, (ffi_type **)(uintptr_t)16),
              FFI_OK);
  CHECK_EQUAL(cif.nargs, 0);
}

struct sample { char c; double d; short s[3]; int i; char e; };
struct outer { short s; struct sample in; char c; };

static void test_layout(void)
{
  ffi_type *in[] = {&ffi_type_schar,  &ffi_type_double, &ffi_type_sshort, &ffi_type_sshort,
                    &ffi_type_sshort, &ffi_type_sint,   &ffi_type_schar,  NULL};
  ffi_type inner = {0, 0, FFI_TYPE_STRUCT, in};
  ffi_type *out[] = {&ffi_type_sshort, &inner, &ffi_type_schar, NULL};
  ffi_type outer = {0, 0, FFI_TYPE_STRUCT, out};
  ffi_type *types[] = {&outer};
  ffi_cif cif;
  CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, types), FFI_OK);
  CHECK_EQUAL(inner.size, sizeof(struct sample));
  CHECK_EQUAL(inner.alignment, _Alignof(struct sample));
  CHECK_EQUAL(outer.size, sizeof(struct outer));
  CHECK_EQUAL(outer.alignment, _Alignof(struct outer));

  size_t offsets[7];
  CHECK_EQUAL(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &inner, offsets), FFI_OK);
  static const size_t want[] = {0, offsetof(struct sample, d), offsetof(struct sample, s[0]),
                                offsetof(struct sample, s[1]), offsetof(struct sample, s[2]),
                                offsetof(struct sample, i), offsetof(struct sample, e)};
  for (unsigned i = 0; i < 7; i++)
    CHECK_EQUAL(offsets[i], want[i]);
  CHECK_EQUAL(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &outer, offsets), FFI_OK);
  CHECK_EQUAL(offsets[0], 0);
  CHECK_EQUAL(offsets[1], offsetof(struct outer, in));
  CHECK_EQUAL(offsets[2], offsetof(struct outer, c));
  CHECK_EQUAL(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &outer, NULL), FFI_OK);
  CHECK_EQUAL(ffi_get_struct_offsets(FFI_DEFAULT_ABI, &ffi_type_sint, offsets), FFI_BAD_TYPEDEF);
  CHECK_EQUAL(ffi_get_struct_offsets(FFI_LAST_ABI, &outer, offsets), FFI_BAD_ABI);
  CHECK_EQUAL(ffi_get_struct_offsets(FFI_FIRST_ABI, &outer, offsets), FFI_BAD_ABI);
}

/* The way to describe a union: preset size and alignment, and as element the member that decides
   the class. */
union number { double d; long long l; float f[2]; char c[16]; };
static union number swapped(union number u)
{
  union number v;
  memcpy(v.c, u.c + 8, 8);
  memcpy(v.c + 8, u.c, 8);
  return v;
}

static void test_preset(void)
{
  ffi_type *members[] = {&ffi_type_sint64, &ffi_type_sint64, NULL};
  ffi_type type = {sizeof(union number), _Alignof(union number), FFI_TYPE_STRUCT, members},
           *types[] = {&type};
  ffi_cif cif;
  CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &type, types), FFI_OK);
  CHECK_EQUAL(type.size, sizeof(union number));
  CHECK_EQUAL(type.alignment, _Alignof(union number));
  union number x, got;
  memcpy(x.c, "0123456789abcdef", 16);
  ffi_call(&cif, FFI_FN(swapped), &got, (void *[]){&x});
  CHECK(!memcmp(got.c, "89abcdef01234567", 16));

  /* A large one travels in memory by its size alone, whatever its elements say. */
  ffi_type *one[] = {&ffi_type_sint8, NULL};
  ffi_type large = {40, 8, FFI_TYPE_STRUCT, one}, *larges[] = {&large};
  CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, larges), FFI_OK);
  CHECK_EQUAL(large.size, 40);
}

static void test_basic_types(void)
{
  static const struct { const ffi_type *type; size_t size, align; unsigned short code; } rows[] = {
      {&ffi_type_void, 1, 1, FFI_TYPE_VOID},
      {&ffi_type_uint8, 1, 1, FFI_TYPE_UINT8},
      {&ffi_type_sint8, 1, 1, FFI_TYPE_SINT8},
      {&ffi_type_uint16, 2, _Alignof(short), FFI_TYPE_UINT16},
      {&ffi_type_sint16, 2, _Alignof(short), FFI_TYPE_SINT16},
      {&ffi_type_uint32, 4, _Alignof(int), FFI_TYPE_UINT32},
      {&ffi_type_sint32, 4, _Alignof(int), FFI_TYPE_SINT32},
      {&ffi_type_uint64, 8, offsetof(struct { char c; int64_t m; }, m), FFI_TYPE_UINT64},
      {&ffi_type_sint64, 8, offsetof(struct { char c; int64_t m; }, m), FFI_TYPE_SINT64},
      {&ffi_type_float, 4, _Alignof(float), FFI_TYPE_FLOAT},
      {&ffi_type_double, 8, offsetof(struct { char c; double m; }, m), FFI_TYPE_DOUBLE},
      {&ffi_type_longdouble, sizeof(long double), offsetof(struct { char c; long double m; }, m),
       FFI_TYPE_LONGDOUBLE},
      {&ffi_type_pointer, sizeof(void *), _Alignof(void *), FFI_TYPE_POINTER}};
  for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
    CHECK_EQUAL(rows[i].type->size, rows[i].size);
    CHECK_EQUAL(rows[i].type->alignment, rows[i].align);
    CHECK_EQUAL(rows[i].type->type, rows[i].code);
    CHECK(rows[i].type->elements == NULL);
  }
}

static void test_version(void)
{
#if FFI_VERSION_NUMBER >= 30800
  CHECK(!strcmp(ffi_get_version(), "3.8.0"));
  CHECK(!strcmp(ffi_get_version(), FFI_VERSION_STRING));
  CHECK_EQUAL(ffi_get_version_number(), 30800);
  CHECK_EQUAL(ffi_get_default_abi(), FFI_DEFAULT_ABI);
  CHECK_EQUAL(ffi_get_closure_size(), sizeof(ffi_closure));
#endif
}

int main(void)
{
  test_abis();
  test_cif_fields();
  test_layout();
  test_preset();
  test_basic_types();
  test_version();
  return ffitest_end();
}
