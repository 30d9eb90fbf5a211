/* SPDX-License-Identifier: MIT */
/* Copies of the library in several of the loader's namespaces: what one C library keeps for each thread, the other overwrites. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <ffi_hardened.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "stress.h"

static struct copy {
  __typeof__(ffi_closure_alloc) *alloc;
  __typeof__(ffi_closure_free) *free;
  __typeof__(ffi_prep_cif) *prep_cif;
  __typeof__(ffi_prep_closure_loc) *prep;
  __typeof__(ffi_hardened_query) *query;
} copies[3];
enum { COPIES = sizeof copies / sizeof *copies, HELD = 30 };

static void *find(void *library, const char *name)
{
  void *const found = dlsym(library, name);
  if (!found)
    wrong("%s is not found: %s", name, dlerror());
  return found;
}

static void add(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = *(int *)values[0] + (long)(intptr_t)user_data;
}

/* Closures of all copies in turn, the last of them freed when the thread's own data is already going. */
static void use_all(int data)
{
  static ffi_type *types[] = {&ffi_type_sint};
  ffi_cif cif[COPIES];
  void *closure[COPIES][HELD], *code[COPIES][HELD];
  for (int k = 0; k < HELD; k++)
    for (int i = 0; i < COPIES; i++) {
      REQUIRE(copies[i].prep_cif(&cif[i], FFI_DEFAULT_ABI, 1, &ffi_type_slong, types) == FFI_OK);
      closure[i][k] = copies[i].alloc(sizeof(ffi_closure), &code[i][k]);
      REQUIRE(closure[i][k]);
      REQUIRE(copies[i].prep(closure[i][k], &cif[i], add, (void *)(intptr_t)(data + i), code[i][k]) == FFI_OK);
    }
  for (int k = 0; k < HELD; k++)
    for (int i = 0; i < COPIES; i++) {
      REQUIRE(((long (*)(int))code[i][k])(k) == k + data + i);
      copies[i].free(closure[i][k]);
    }
}

static pthread_key_t late;
static void at_exit_of_thread(void *data) { use_all((int)(intptr_t)data); }

static void *in_thread(void *data)
{
  use_all((int)(intptr_t)data);
  REQUIRE(pthread_setspecific(late, data) == 0);
  return NULL;
}

/* What a thread kept is another's when it is gone, so a table or two are enough for all. */
static void expect_no_growth(const struct copy *copy)
{
  ffi_hardened_info info;
  REQUIRE(copy->query(&info, sizeof info) != 0);
  if (info.closures != 0 || info.tables > 2)
    wrong("%llu closures and %llu tables are left", (unsigned long long)info.closures, (unsigned long long)info.tables);
}

/* So many generations of threads. Each leaves to the next what it had. */
void namespaces(int count)
{
  enum { THREADS = 4 };
  const char *const path = getenv("STRESS_COPY");
  pthread_t thread[THREADS];
  copies[0] = (struct copy){ffi_closure_alloc, ffi_closure_free, ffi_prep_cif, ffi_prep_closure_loc, ffi_hardened_query};
  for (int i = 1; i < COPIES; i++) {
    void *const library = path ? dlmopen(LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!library)
      wrong("no copy in another namespace: %s", dlerror());
    copies[i] = (struct copy){(__typeof__(ffi_closure_alloc) *)(uintptr_t)find(library, "ffi_closure_alloc"),
                              (__typeof__(ffi_closure_free) *)(uintptr_t)find(library, "ffi_closure_free"),
                              (__typeof__(ffi_prep_cif) *)(uintptr_t)find(library, "ffi_prep_cif"),
                              (__typeof__(ffi_prep_closure_loc) *)(uintptr_t)find(library, "ffi_prep_closure_loc"),
                              (__typeof__(ffi_hardened_query) *)(uintptr_t)find(library, "ffi_hardened_query")};
    REQUIRE(copies[i].alloc != copies[i - 1].alloc);
  }
  REQUIRE(pthread_key_create(&late, at_exit_of_thread) == 0);
  for (int generation = 0; generation < count; generation++) {
    for (int i = 0; i < THREADS; i++)
      REQUIRE(pthread_create(&thread[i], NULL, in_thread, (void *)(intptr_t)(generation * 10 + i + 1)) == 0);
    for (int i = 0; i < THREADS; i++)
      REQUIRE(pthread_join(thread[i], NULL) == 0);
  }
  for (int i = 0; i < COPIES; i++)
    expect_no_growth(&copies[i]);
  const pid_t child = fork(); /* of which the copies' own C libraries are not told */
  if (child == 0)
    use_all(7), _exit(0);
  expect_success(child, 20);
}
