/* SPDX-License-Identifier: MIT */
/* What kernel mode costs, in things that can be counted where time means nothing: system calls, instructions, pages.

   A child does the work and its parent traces it between two signals, by system calls or by single steps.  */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ffi.h"
#include "ffi_hardened.h"

#define ROUNDS 300
#define LIMIT_PAGES 100
#define CLOSURES_OF_PAGE 64
#define LIMIT_FILE "/sys/module/trampfd/parameters/user_kbytes"

static int points;
static int failures;

static void point(int ok, const char *what)
{
  printf("%s %d - %s\n", ok ? "ok" : "not ok", ++points, what);
  fflush(stdout);
  failures += !ok;
}

static void add(ffi_cif *cif, void *result, void **arguments, void *user_data)
{
  (void)cif;
  *(ffi_arg *)result = (ffi_arg)(*(int *)arguments[0] + (int)(intptr_t)user_data);
}

static ffi_cif cif;
static ffi_type *arguments[] = {&ffi_type_sint};
static ffi_closure *closures[ROUNDS];
static void *codes[LIMIT_PAGES * CLOSURES_OF_PAGE + ROUNDS];

/* False when there is no closure to be had. */
static int make(int i, ffi_closure **closure)
{
  *closure = ffi_closure_alloc(sizeof(ffi_closure), &codes[i]);
  return *closure != NULL && ffi_prep_closure_loc(*closure, &cif, add, (void *)1, codes[i]) == FFI_OK;
}

static int call(int i)
{
  return ((int (*)(int))(uintptr_t)codes[i])(41);
}

/* ---- What is counted: each between two marks, which the parent sees ---------------------------------------- */
static void mark(void)
{
  raise(SIGUSR1);
}

static void nothing(void)
{
  mark();
  mark();
}

static void one_by_one(void)
{
  ffi_closure *closure;
  for (int i = 0; i < 3 * ROUNDS; ++i)
  {
    if (i == ROUNDS)
      mark();
    if (!make(0, &closure))
      _exit(1);
    ffi_closure_free(closure);
    if (i == 2 * ROUNDS - 1)
      mark();
  }
}

static void all_at_once(void)
{
  for (int turn = 0; turn < 2; ++turn)
  {
    if (turn == 1)
      mark();
    for (int i = 0; i < ROUNDS; ++i)
      if (!make(i, &closures[i]))
        _exit(1);
    for (int i = 0; i < ROUNDS; ++i)
      ffi_closure_free(closures[i]);
  }
  mark();
}

static void call_once(void)
{
  if (!make(0, &closures[0]) || call(0) != 42)
    _exit(1);
  mark();
  int got = call(0);
  mark();
  if (got != 42)
    _exit(1);
}

/* How often a child stops for @request between its marks; -1 if it did not end well. */
static long count(int request, unsigned mode, void (*work)(void))
{
  static const char *const names[] = {"none", "kernel", "table", "legacy"};
  long stops = 0;
  int marks = 0, status;
  pid_t child = fork();
  if (child == 0)
  {
    ffi_hardened_info info = {0};
    setenv("FFI_TRAMPOLINE_MODE", names[mode], 1);
    signal(SIGUSR1, SIG_IGN);
    ffi_hardened_query(&info, sizeof info);
    if (info.mode != mode)
      _exit(2);
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    work();
    _exit(0);
  }
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  for (;;)
  {
    ptrace(marks == 1 ? request : PTRACE_CONT, child, NULL, NULL);
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
      break;
    if (WSTOPSIG(status) == SIGUSR1)
      ++marks;
    else if (WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == (SIGTRAP | 0x80))
      ++stops;
    else
      ptrace(PTRACE_KILL, child, NULL, NULL);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 && marks == 2 ? stops : -1;
}

static long calls_of(void (*work)(void))
{
  const long empty = count(PTRACE_SYSCALL, FFI_HARDENED_MODE_KERNEL, nothing);
  const long stops = count(PTRACE_SYSCALL, FFI_HARDENED_MODE_KERNEL, work);
  return empty < 0 || stops < 0 ? -1 : (stops - empty) / 2;  /* a call stops as it begins and as it ends */
}

static long instructions_of(unsigned mode)
{
  const long empty = count(PTRACE_SINGLESTEP, mode, nothing);
  const long steps = count(PTRACE_SINGLESTEP, mode, call_once);
  return empty < 0 || steps < 0 ? -1 : steps - empty;
}

/* ---- Pages -------------------------------------------------------------------------------------------------- */
static void set_limit(const char *kbytes)
{
  int file = open(LIMIT_FILE, O_WRONLY);
  if (file < 0 || write(file, kbytes, strlen(kbytes)) < 0)
    _exit(3);
  close(file);
}

/* How many closures a process can have while the kernel lends it LIMIT_PAGES pages of records. */
static long closures_within_limit(void)
{
  const long page_kbytes = sysconf(_SC_PAGESIZE) / 1024;
  char kbytes[32];
  int status, ends[2];
  long made = -1;
  if (pipe(ends) != 0)
    return -1;
  pid_t child = fork();
  if (child == 0)
  {
    ffi_closure *closure;
    snprintf(kbytes, sizeof kbytes, "%ld", LIMIT_PAGES * page_kbytes);
    set_limit(kbytes);
    for (made = 0; made < (long)(sizeof codes / sizeof *codes) && make((int)made, &closure); ++made)
      ;
    for (long i = 0; i < made; ++i)
      if (call((int)i) != 42)
        _exit(1);
    _exit(write(ends[1], &made, sizeof made) == sizeof made ? 0 : 1);
  }
  waitpid(child, &status, 0);
  set_limit("1048576");
  if (status != 0 || read(ends[0], &made, sizeof made) != sizeof made)
    return -1;
  return made;
}

int main(void)
{
  ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, arguments);

  const long single = calls_of(one_by_one), batch = calls_of(all_at_once);
  printf("# system calls for %d closures: %ld one by one, %ld all at once\n", ROUNDS, single, batch);
  point(single > 0 && single <= 3 * ROUNDS, "a closure made and freed: at most three system calls");
  point(batch > 0 && batch <= 3 * ROUNDS, "many made, then all freed: at most three for each");

  const long kernel = instructions_of(FFI_HARDENED_MODE_KERNEL), table = instructions_of(FFI_HARDENED_MODE_TABLE);
  printf("# instructions of a callback int(int): kernel mode %ld, table mode %ld\n", kernel, table);
  point(kernel > 0 && table > 0, "a callback can be counted, in kernel mode and table mode");
  point(kernel <= table, "it takes no more instructions in kernel mode");

  const long calls = count(PTRACE_SYSCALL, FFI_HARDENED_MODE_KERNEL, call_once) -
                     count(PTRACE_SYSCALL, FFI_HARDENED_MODE_KERNEL, nothing);
  point(calls == 0, "and no system call");

  const long closures_held = closures_within_limit();
  printf("# closures within %d pages: %ld\n", LIMIT_PAGES, closures_held);
  point(closures_held >= LIMIT_PAGES / 2 * CLOSURES_OF_PAGE, "a page's worth of closures: at most two pages");
  printf("1..%d\n", points);
  return failures != 0;
}
