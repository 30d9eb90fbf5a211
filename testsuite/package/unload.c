// SPDX-License-Identifier: MIT
// Loads the library by path, makes a closure, closes the library, and then forks and calls the closure on both sides.
#include <ffi.h>

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void answer(ffi_cif *cif, void *result, void **arguments, void *user_data) {
  (void)cif;
  (void)arguments;
  *(ffi_sarg *)result = *(int *)user_data;
}

static void find(void *library, const char *name, void *function) {
  void *address = dlsym(library, name);
  memcpy(function, &address, sizeof address);
}

int main(int count, char **words) {
  ffi_status (*prepare)(ffi_cif *, ffi_abi, unsigned, ffi_type *, ffi_type **);
  ffi_status (*bind)(ffi_closure *, ffi_cif *, void (*)(ffi_cif *, void *, void **, void *), void *, void *);
  void *(*allocate)(size_t, void **);
  int (*function)(void);
  ffi_closure *closure;
  ffi_cif cif;
  void *code, *library = count == 2 ? dlopen(words[1], RTLD_NOW) : 0;
  int value = 42, status = -1;
  pid_t child;

  if (!library) return 1;
  find(library, "ffi_prep_cif", &prepare);
  find(library, "ffi_prep_closure_loc", &bind);
  find(library, "ffi_closure_alloc", &allocate);
  if (prepare(&cif, FFI_DEFAULT_ABI, 0, dlsym(library, "ffi_type_sint32"), 0) != FFI_OK) return 2;
  closure = allocate(sizeof *closure, &code);
  if (!closure || bind(closure, &cif, answer, &value, code) != FFI_OK) return 3;
  memcpy(&function, &code, sizeof code);

  if (dlclose(library)) return 4;
  if (function() != 42) return 5;
  child = fork();
  if (child == 0) _exit(function() == 42 ? 0 : 1);
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    fprintf(stderr, "the child ended with status %#x\n", (unsigned)status);
    return 6;
  }
  return function() == 42 ? 0 : 7;
}
