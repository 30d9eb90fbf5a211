/* SPDX-License-Identifier: MIT */
/* Area: the interface. Purpose: sizes and offsets of every public struct, and every public number.
   Expected: those that libffi 3.8.0 documents for the machine; layout.exp also compares what this
   prints with the installed libffi's ffi.h. */
/* { dg-do run } */
#include <stddef.h>

#include "ffitest.h"

#define ROW(value) (printf("row %s %lld\n", #value, (long long)(value)))
#define SIZE(type) ROW(sizeof(type))
#define OFFSET(type, member) ROW(offsetof(type, member))

static void print_rows(void)
{
  SIZE(ffi_type);
  OFFSET(ffi_type, size);
  OFFSET(ffi_type, alignment);
  OFFSET(ffi_type, type);
  OFFSET(ffi_type, elements);
  SIZE(ffi_cif);
  OFFSET(ffi_cif, abi);
  OFFSET(ffi_cif, nargs);
  OFFSET(ffi_cif, arg_types);
  OFFSET(ffi_cif, rtype);
  OFFSET(ffi_cif, bytes);
  OFFSET(ffi_cif, flags);
  SIZE(ffi_closure);
  ROW(_Alignof(ffi_closure));
  OFFSET(ffi_closure, tramp);
  OFFSET(ffi_closure, ftramp);
  OFFSET(ffi_closure, cif);
  OFFSET(ffi_closure, fun);
  OFFSET(ffi_closure, user_data);
  SIZE(ffi_raw_closure);
  OFFSET(ffi_raw_closure, tramp);
  OFFSET(ffi_raw_closure, cif);
  OFFSET(ffi_raw_closure, fun);
  OFFSET(ffi_raw_closure, user_data);
  SIZE(ffi_java_raw_closure);
  OFFSET(ffi_java_raw_closure, cif);
  OFFSET(ffi_java_raw_closure, fun);
  OFFSET(ffi_java_raw_closure, user_data);
#if !FFI_NATIVE_RAW_API
  OFFSET(ffi_raw_closure, translate_args);
  OFFSET(ffi_raw_closure, this_closure);
#endif
#if FFI_GO_CLOSURES
  SIZE(ffi_go_closure);
  OFFSET(ffi_go_closure, tramp);
  OFFSET(ffi_go_closure, cif);
  OFFSET(ffi_go_closure, fun);
#endif
  SIZE(ffi_raw);
  ROW(_Alignof(ffi_raw));
  SIZE(ffi_java_raw);
  SIZE(ffi_arg);
  SIZE(ffi_sarg);
  ROW((ffi_arg)-1 > 0);
  ROW((ffi_sarg)-1 > 0);
  SIZE(ffi_abi);
  SIZE(ffi_status);
  ROW(FFI_FIRST_ABI);
  ROW(FFI_LAST_ABI);
  ROW(FFI_DEFAULT_ABI);
  ROW(FFI_OK);
  ROW(FFI_BAD_TYPEDEF);
  ROW(FFI_BAD_ABI);
  ROW(FFI_BAD_ARGTYPE);
  ROW(FFI_CLOSURES);
  ROW(FFI_GO_CLOSURES);
  ROW(FFI_NATIVE_RAW_API);
  ROW(FFI_TRAMPOLINE_SIZE);
  ROW(FFI_SIZEOF_ARG);
  ROW(FFI_SIZEOF_JAVA_RAW);
  ROW(FFI_TYPE_VOID);
  ROW(FFI_TYPE_INT);
  ROW(FFI_TYPE_FLOAT);
  ROW(FFI_TYPE_DOUBLE);
  ROW(FFI_TYPE_LONGDOUBLE);
  ROW(FFI_TYPE_UINT8);
  ROW(FFI_TYPE_SINT8);
  ROW(FFI_TYPE_UINT16);
  ROW(FFI_TYPE_SINT16);
  ROW(FFI_TYPE_UINT32);
  ROW(FFI_TYPE_SINT32);
  ROW(FFI_TYPE_UINT64);
  ROW(FFI_TYPE_SINT64);
  ROW(FFI_TYPE_STRUCT);
  ROW(FFI_TYPE_POINTER);
  ROW(FFI_TYPE_COMPLEX);
}

/* The documented numbers. */
static void check_rows(void)
{
#if defined __x86_64__ && !defined __ILP32__
  static const unsigned want[] = {24, 32, 56, 32, 40, 48, 72, 24, 8, 8, 32};
#elif defined __i386__
  static const unsigned want[] = {12, 24, 28, 16, 20, 24, 28, 12, 4, 4, 16};
#elif defined __aarch64__
  static const unsigned want[] = {24, 32, 48, 24, 32, 40, 64, 24, 8, 8, 24};
#else
#error "Add this machine's numbers."
#endif
  static const unsigned got[] = {sizeof(ffi_type),
                                 sizeof(ffi_cif),
                                 offsetof(ffi_closure, user_data) + sizeof(void *),
                                 offsetof(ffi_closure, cif),
                                 offsetof(ffi_closure, fun),
                                 offsetof(ffi_closure, user_data),
                                 sizeof(ffi_raw_closure),
                                 sizeof(ffi_go_closure),
                                 sizeof(ffi_raw),
                                 sizeof(ffi_arg),
                                 FFI_TRAMPOLINE_SIZE};
  for (unsigned i = 0; i < sizeof want / sizeof *want; i++)
    CHECK_EQUAL(got[i], want[i]);
  static const int types[] = {
      FFI_TYPE_VOID,       FFI_TYPE_INT,    FFI_TYPE_FLOAT,   FFI_TYPE_DOUBLE,
      FFI_TYPE_LONGDOUBLE, FFI_TYPE_UINT8,  FFI_TYPE_SINT8,   FFI_TYPE_UINT16,
      FFI_TYPE_SINT16,     FFI_TYPE_UINT32, FFI_TYPE_SINT32,  FFI_TYPE_UINT64,
      FFI_TYPE_SINT64,     FFI_TYPE_STRUCT, FFI_TYPE_POINTER, FFI_TYPE_COMPLEX};
  for (int i = 0; i < (int)(sizeof types / sizeof *types); i++)
    CHECK_EQUAL(types[i], i);
#if FFI_VERSION_NUMBER >= 30800
  CHECK_EQUAL(FFI_TYPE_UINT128, 16);
  CHECK_EQUAL(FFI_TYPE_SINT128, 17);
  CHECK_EQUAL(FFI_TYPE_VECTOR, 18);
  CHECK_EQUAL(FFI_TYPE_LAST, 18);
  CHECK_EQUAL(FFI_VERSION_NUMBER, 30800);
  CHECK(!strcmp(FFI_VERSION_STRING, "3.8.0"));
#endif
}

int main(void)
{
  print_rows();
  check_rows();
  return ffitest_end();
}
