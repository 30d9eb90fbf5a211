/* SPDX-License-Identifier: MIT */
/* The raw interface, plain and Java's, while calls to the system fail. */
#include "scenarios.h"

/* The two families differ in their names and in where the second argument stands: a long takes two of Java's words. */
#define DEFINE(FAMILY, PACK, SECOND) \
static void FAMILY##_handler(ffi_cif *cif, void *result, ffi_##FAMILY *raw, void *user_data) \
{ \
  (void)cif; \
  *(ffi_sarg *)result = *(long *)(void *)&raw[0] + (long)*(double *)(void *)&raw[SECOND] + *(long *)user_data; \
} \
\
enum outcome FAMILY##_call(void) \
{ \
  ffi_##FAMILY raw[SECOND + 2]; \
  ffi_cif cif; \
  long a = 20; \
  double b = 2.5; \
  ffi_arg result = 0; \
  void *back[2]; \
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two))) \
    return REFUSED; \
  if (ffi_##FAMILY##_size(&cif) > sizeof raw) \
    wrong("an array of %zu bytes", ffi_##FAMILY##_size(&cif)); \
  PACK(&cif, (void *[]){&a, &b}, raw); \
  ffi_##FAMILY##_to_ptrarray(&cif, raw, back); \
  if (*(long *)back[0] != a || *(double *)back[1] != b) \
    wrong("an array gave other values back"); \
  ffi_##FAMILY##_call(&cif, FFI_FN(plain), &result, raw); \
  if ((long)result != 42) \
    wrong("a call with an array gave %ld, not 42", (long)result); \
  return WORKED; \
} \
\
enum outcome FAMILY##_closure(void) \
{ \
  long data = 40; \
  void *code; \
  ffi_cif cif; \
  enum outcome outcome = REFUSED; \
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two))) \
    return REFUSED; \
  ffi_##FAMILY##_closure *const closure = ffi_closure_alloc(sizeof *closure, &code); \
  if (!closure) \
    return REFUSED; \
  if (!refused(ffi_prep_##FAMILY##_closure_loc(closure, &cif, FAMILY##_handler, &data, code))) { \
    outcome = WORKED; \
    if (((long (*)(long, double))code)(3, 4) != 47) \
      wrong("a closure with an array gave a wrong result"); \
  } \
  ffi_closure_free(closure); \
  return outcome; \
} \
\
enum outcome FAMILY##_own_memory(void) \
{ \
  void *const code = own_executable_memory(); \
  long data = 40; \
  ffi_cif cif; \
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)) \
      || refused(ffi_prep_##FAMILY##_closure(code, &cif, FAMILY##_handler, &data))) \
    return REFUSED; \
  if (((long (*)(long, double))code)(3, 4) != 47) \
    wrong("a closure with an array, in memory of the program's own, gave a wrong result"); \
  return WORKED; \
}

DEFINE(raw, ffi_ptrarray_to_raw, 1)
#if !FFI_NATIVE_RAW_API
DEFINE(java_raw, ffi_java_ptrarray_to_raw, 2)
#endif
