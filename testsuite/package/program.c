// SPDX-License-Identifier: MIT
// A small user of the installed library: a call, a callback through qsort, and the versions it was built and runs with.
#include <ffi.h>
#include <ffi_hardened.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double scale(int count, double by) { return count * by; }

static void compare(ffi_cif *cif, void *result, void **arguments, void *user_data) {
  const int *left = *(const int **)arguments[0];
  const int *right = *(const int **)arguments[1];
  (void)cif;
  ++*(int *)user_data;
  *(ffi_sarg *)result = (*left > *right) - (*left < *right);
}

int main(void) {
  ffi_cif cif;
  ffi_type *types[2] = {&ffi_type_sint, &ffi_type_double};
  int count = 6, calls = 0, numbers[5] = {5, 3, 1, 4, 2};
  double by = 7, product = 0;
  void *arguments[2];
  void *code = 0;
  int (*order)(const void *, const void *);
  ffi_closure *closure;

  arguments[0] = &count;
  arguments[1] = &by;
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_double, types) != FFI_OK) return 1;
  ffi_call(&cif, FFI_FN(scale), &product, arguments);
  if (product != 42) return 2;

  types[0] = types[1] = &ffi_type_pointer;
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, types) != FFI_OK) return 3;
  closure = (ffi_closure *)ffi_closure_alloc(sizeof(ffi_closure), &code);
  if (!closure || ffi_prep_closure_loc(closure, &cif, compare, &calls, code) != FFI_OK) return 4;
  memcpy(&order, &code, sizeof order);
  qsort(numbers, 5, sizeof(int), order);
  ffi_closure_free(closure);
  for (count = 0; count < 5; ++count)
    if (numbers[count] != count + 1) return 5;

  if (strcmp(ffi_get_version(), FFI_VERSION_STRING) || ffi_get_version_number() != FFI_VERSION_NUMBER) return 6;
  if (strcmp(ffi_hardened_version(), FFI_HARDENED_VERSION)) return 7;
  printf("libffi %s, %d comparisons\n", ffi_get_version(), calls);
  return 0;
}
