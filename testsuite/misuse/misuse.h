/* SPDX-License-Identifier: MIT */
/* What the misuse programs share: statuses by name, and proof that the library still works after
   the misuse. */
#ifndef MISUSE_H
#define MISUSE_H

#include <ffi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void show(ffi_status status)
{
  static const char *const names[] = {"FFI_OK", "FFI_BAD_TYPEDEF", "FFI_BAD_ABI",
                                      "FFI_BAD_ARGTYPE"};
  puts((unsigned)status < 4 ? names[status] : "no such status");
}

/* What ffi_prep_cif says of a function that takes this type, and of one that returns it. */
static inline __attribute__((unused)) void show_type(ffi_type *type)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_sint, type};
  show(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_void, types));
  show(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, type, types));
}

static inline __attribute__((unused)) void doubled(ffi_cif *cif, void *result, void **values,
                                                   void *user_data)
{
  (void)cif, (void)user_data;
  *(ffi_sarg *)result = 2 * *(int *)values[0];
}

/* A prepared closure; code and cif for the taking. */
static ffi_cif good_cif;
static void *good_code;
static inline __attribute__((unused)) ffi_closure *good_closure(void)
{
  static ffi_type *types[] = {&ffi_type_sint};
  ffi_closure *closure = ffi_closure_alloc(sizeof(ffi_closure), &good_code);
  if (!closure || ffi_prep_cif(&good_cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, types) != FFI_OK
      || ffi_prep_closure_loc(closure, &good_cif, doubled, NULL, good_code) != FFI_OK)
    exit(9);
  return closure;
}

/* The end of main: the library calls and is called as before. */
static inline __attribute__((unused)) int still_works(void)
{
  ffi_closure *closure = good_closure();
  int x = 21;
  ffi_sarg result = 0;
  ffi_call(&good_cif, FFI_FN(good_code), &result, (void *[]){&x});
  puts(result == 42 ? "and works" : "but is broken");
  ffi_closure_free(closure);
  return 0;
}

#endif
