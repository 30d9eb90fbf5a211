/* SPDX-License-Identifier: MIT */
/* What the end-to-end programs share: CHECK, which reports and goes on, and a closing line with the
   count. */
#ifndef FFITEST_H
#define FFITEST_H

#include <ffi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned ffitest_checks, ffitest_failures;

#define CHECK(condition) \
  ((void)__atomic_add_fetch(&ffitest_checks, 1, __ATOMIC_RELAXED), \
   (condition) ? (void)0 \
               : ((void)__atomic_add_fetch(&ffitest_failures, 1, __ATOMIC_RELAXED), \
                  (void)printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition)))

#define CHECK_EQUAL(got, want) \
  do { \
    long long got_ = (long long)(got), want_ = (long long)(want); \
    __atomic_add_fetch(&ffitest_checks, 1, __ATOMIC_RELAXED); \
    if (got_ != want_) { \
      __atomic_add_fetch(&ffitest_failures, 1, __ATOMIC_RELAXED); \
      printf("%s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #got, got_, want_); \
    } \
  } while (0)

/* What must hold for the rest of the program to make sense. */
#define REQUIRE(condition) \
  do { \
    unsigned before_ = __atomic_load_n(&ffitest_failures, __ATOMIC_RELAXED); \
    CHECK(condition); \
    if (__atomic_load_n(&ffitest_failures, __ATOMIC_RELAXED) != before_) \
      exit(1); \
  } while (0)

/* The end of main: a program that checked nothing has failed. */
static inline int ffitest_end(void)
{
  printf("%u checks, %u failures\n", ffitest_checks, ffitest_failures);
  return ffitest_failures != 0 || ffitest_checks == 0;
}

/* The end of a program that has nothing to test on this machine or with this library. */
static inline __attribute__((noreturn, unused)) void ffitest_unsupported(const char *why)
{
  printf("unsupported: %s\n", why);
  exit(77);
}

static inline __attribute__((unused)) void ffitest_prepare(ffi_cif *cif, ffi_type *result,
                                                           unsigned count, ffi_type **types)
{
  REQUIRE(ffi_prep_cif(cif, FFI_DEFAULT_ABI, count, result, types) == FFI_OK);
}

/* A prepared closure; free it with ffi_closure_free. */
static inline __attribute__((unused)) ffi_closure *
ffitest_closure(ffi_cif *cif, void (*fun)(ffi_cif *, void *, void **, void *), void *user_data,
                void **code)
{
  ffi_closure *closure = (ffi_closure *)ffi_closure_alloc(sizeof(ffi_closure), code);
  REQUIRE(closure != NULL);
  REQUIRE(ffi_prep_closure_loc(closure, cif, fun, user_data, *code) == FFI_OK);
  return closure;
}

#endif
