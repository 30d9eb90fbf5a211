/* SPDX-License-Identifier: MIT */
/* Closures while calls to the system fail: some and many, bound anew, in memory of the program's own, in threads and children. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios.h"

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = *(long *)values[0] + (long)*(double *)values[1] + *(long *)user_data;
}

struct entry {
  ffi_closure *closure;
  void *code;
  long data;
};

enum outcome make_closures(int count)
{
  static struct entry entries[4000];
  ffi_cif cif;
  enum outcome outcome = WORKED;
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)))
    return REFUSED;
  for (int i = 0; i < count; i++) {
    struct entry *const entry = &entries[i];
    *entry = (struct entry){.data = i};
    entry->closure = ffi_closure_alloc(sizeof *entry->closure, &entry->code);
    if (entry->closure && refused(ffi_prep_closure_loc(entry->closure, &cif, handler, &entry->data, entry->code))) {
      ffi_closure_free(entry->closure);
      entry->closure = NULL;
    }
    if (!entry->closure)
      outcome = REFUSED;
  }
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < count; i++)
      if (entries[i].closure && ((long (*)(long, double))entries[i].code)(3, 4) != 7 + entries[i].data)
        wrong("closure %d gave a wrong result", i);
    for (int i = round; i < count; i += 2) {
      ffi_closure_free(entries[i].closure);
      entries[i].closure = NULL;
    }
  }
  return outcome;
}

enum outcome one_closure(void) { return make_closures(1); }
enum outcome some_closures(void) { return make_closures(300); }
enum outcome many_closures(void) { return make_closures(2600); }

/* One at a time, bound anew, as ctypes and CFFI do. */
enum outcome rebinding(void)
{
  enum outcome outcome = WORKED;
  for (int i = 0; i < 100; i++) {
    ffi_cif cif;
    void *code;
    long data[2] = {i, -i};
    if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)))
      return REFUSED;
    ffi_closure *const closure = ffi_closure_alloc(sizeof *closure, &code);
    if (!closure)
      return REFUSED;
    int bound = -1;
    for (int k = 0; k < 2; k++) {
      if (refused(ffi_prep_closure_loc(closure, &cif, handler, &data[k], code)))
        outcome = REFUSED;
      else
        bound = k;
      /* A refused binding leaves the one before. */
      if (bound >= 0 && ((long (*)(long, double))code)(3, 4) != 7 + data[bound])
        wrong("a closure bound %d times gave a wrong result", k + 1);
    }
    ffi_closure_free(closure);
  }
  return outcome;
}

/* In memory that the program made executable itself, by a call that does not fail for the library's sake. */
void *own_executable_memory(void)
{
  static void *memory;
  if (!memory)
    memory = (void *)syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    wrong("no executable memory");
  return memory;
}

enum outcome own_memory(void)
{
  ffi_closure *const closure = own_executable_memory();
  void *const code = closure;
  long data[2] = {30, 40};
  ffi_cif cif;
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two)) || refused(ffi_prep_closure(closure, &cif, handler, &data[0])))
    return REFUSED;
  if (((long (*)(long, double))code)(3, 4) != 37)
    wrong("a closure in memory of the program's own gave a wrong result");
  if (refused(ffi_prep_closure_loc(closure, &cif, handler, &data[1], code)))
    return REFUSED;
  if (((long (*)(long, double))code)(3, 4) != 47)
    wrong("a closure in memory of the program's own gave a wrong result when bound anew");
  return WORKED;
}

#if FFI_GO_CLOSURES
static void go_handler(ffi_cif *cif, void *result, void **values, void *closure)
{
  (void)cif;
  if (!closure)
    wrong("a Go closure was not handed on");
  *(ffi_sarg *)result = *(long *)values[0] + 40;
}

enum outcome go_closure(void)
{
  static ffi_type *types[] = {&ffi_type_slong};
  ffi_go_closure closure;
  ffi_cif cif;
  long value = 2;
  ffi_arg result = 0;
  if (refused(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_slong, types)) || refused(ffi_prep_go_closure(&closure, &cif, go_handler)))
    return REFUSED;
  ffi_call_go(&cif, FFI_FN(closure.tramp), &result, (void *[]){&value}, &closure);
  if ((long)result != 42)
    wrong("a Go closure gave a wrong result");
  return WORKED;
}
#endif

/* A thread's first use: nothing fails that the thread before could do. */
static pid_t number_of_thread;

static void *work_of_thread(void *outcome)
{
  number_of_thread = (pid_t)syscall(SYS_gettid);
  *(enum outcome *)outcome = make_closures(3);
  return NULL;
}

enum outcome other_thread(void)
{
  enum outcome outcome = REFUSED;
  pthread_t thread;
  if (pthread_create(&thread, NULL, work_of_thread, &outcome) != 0 || pthread_join(thread, NULL) != 0)
    wrong("no thread");
  /* The kernel knows it for a while longer, and its cache is handed on only then. */
  while (syscall(SYS_tgkill, getpid(), number_of_thread, 0) == 0)
    sched_yield();
  return outcome;
}

/* A child goes on with what its parent has, whatever was refused on either side. */
enum outcome forked(void)
{
  int status;
  const enum outcome outcome = make_closures(2);
  const pid_t child = fork();
  if (child == 0)
    make_closures(2), _exit(0);
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
    wrong("a child did not end well");
  return outcome;
}

