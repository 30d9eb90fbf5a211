/* SPDX-License-Identifier: MIT */
/* The library in kernel mode: closures whose trampolines and records are the kernel's.

   Runs in the virtual machine as TAP, linked with libffi.a; every claim of kernel mode is tried against.  */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ffi.h"
#include "ffi_hardened.h"

#define MANY 3000
#define SLOT_BYTES 16
#define RECORD_BYTES 64

static int points;
static int failures;

static void point(int ok, const char *what)
{
  printf("%s %d - %s\n", ok ? "ok" : "not ok", ++points, what);
  failures += !ok;
}

static void add(ffi_cif *cif, void *result, void **arguments, void *user_data)
{
  (void)cif;
  *(ffi_arg *)result = (ffi_arg)(*(int *)arguments[0] + (int)(intptr_t)user_data);
}

static ffi_cif cif;
static ffi_type *arguments[] = {&ffi_type_sint};

struct closure
{
  ffi_closure *memory;
  void *code;
};

static struct closure make(long value)
{
  struct closure made;
  made.memory = ffi_closure_alloc(sizeof(ffi_closure), &made.code);
  if (made.memory == NULL ||
      ffi_prep_closure_loc(made.memory, &cif, add, (void *)value, made.code) != FFI_OK)
    made.code = NULL;
  return made;
}

static int call(struct closure closure, int argument)
{
  return ((int (*)(int))(uintptr_t)closure.code)(argument);
}

/* A child's end: its status, or minus the signal. */
static int ends(void (*body)(void *), void *argument)
{
  int status;
  pid_t child = fork();
  if (child == 0)
  {
    int quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, 2);
    body(argument);
    _exit(0);
  }
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* The record of a trampoline: as many records into the mapping behind the code as there are slots before it. */
static unsigned char *record_of(struct closure closure)
{
  const unsigned long slot = (unsigned long)closure.code;
  unsigned long start, end;
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
    if (sscanf(line, "%lx-%lx r-xs", &start, &end) == 2 && start <= slot && slot < end)
    {
      fclose(maps);
      return (unsigned char *)(end + (slot - start) / SLOT_BYTES * RECORD_BYTES);
    }
  abort();
}

static int names(const unsigned char *record, const void *pointer)
{
  for (unsigned i = 0; i < RECORD_BYTES; i += sizeof pointer)
    if (memcmp(record + i, &pointer, sizeof pointer) == 0)
      return 1;
  return 0;
}

static void write_record(void *closure)
{
  *(volatile unsigned char *)record_of(*(struct closure *)closure) = 1;
}

static void write_through_proc(void *closure)
{
  int memory = open("/proc/self/mem", O_RDWR);
  unsigned char byte = 1;
  uintptr_t record = (uintptr_t)record_of(*(struct closure *)closure);
  if (memory >= 0 && pwrite(memory, &byte, 1, (off_t)record) == 1)
    _exit(1);
  if (memory >= 0 && pwrite(memory, &byte, 1, (off_t)(uintptr_t)((struct closure *)closure)->code) == 1)
    _exit(2);
}

static void make_writable(void *closure)
{
  uintptr_t page = (uintptr_t)record_of(*(struct closure *)closure) & ~(uintptr_t)4095;
  if (mprotect((void *)page, 4096, PROT_READ | PROT_WRITE) == 0)
    _exit(1);
  page = (uintptr_t)((struct closure *)closure)->code & ~(uintptr_t)4095;
  if (mprotect((void *)page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0)
    _exit(2);
}

/* The public fields are decoys. */
static void overwrite_closure(void *closure)
{
  struct closure *victim = closure;
  memset((char *)victim->memory + FFI_TRAMPOLINE_SIZE, 0x41, sizeof(ffi_closure) - FFI_TRAMPOLINE_SIZE);
  if (call(*victim, 1) != 101)
    _exit(1);
}

static void call_freed(void *closure)
{
  ffi_closure_free(((struct closure *)closure)->memory);
  call(*(struct closure *)closure, 1);
}

static void child_is_independent(void *closure)
{
  struct closure own = make(7);
  if (call(*(struct closure *)closure, 1) != 101)
    _exit(1);
  if (own.code == NULL || call(own, 1) != 8)
    _exit(2);
  if (ffi_prep_closure_loc(((struct closure *)closure)->memory, &cif, add, (void *)500,
                           ((struct closure *)closure)->code) != FFI_OK ||
      call(*(struct closure *)closure, 1) != 501)
    _exit(3);
  ffi_closure_free(own.memory);
}

/* Another file has every number that the library may remember, and nothing of it is touched. */
static void lose_descriptors(void *unused)
{
  static const char text[] = "do not touch";
  char back[sizeof text];
  struct closure before = make(1), after;
  (void)unused;
  for (int fd = 3; fd < 64; ++fd)
    close(fd);
  int file = open("/tmp/victim", O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || write(file, text, sizeof text) != sizeof text)
    _exit(10);
  for (int fd = 3; fd < 64; ++fd)
    if (fd != file)
      dup2(file, fd);
  after = make(2);
  if (before.code == NULL || call(before, 1) != 2)
    _exit(1);
  if (after.code == NULL || call(after, 1) != 3)
    _exit(2);
  for (int i = 0; i < MANY; ++i)
  {
    struct closure more = make(i);
    if (more.code == NULL || call(more, 1) != i + 1)
      _exit(3);
  }
  if (lseek(file, 0, SEEK_END) != sizeof text || pread(file, back, sizeof back, 0) != sizeof back ||
      memcmp(back, text, sizeof text) != 0)
    _exit(4);
}

/* How many descriptors of the device there are that would be left open by exec(); -1: none at all. */
static int inheritable(void)
{
  char name[32], target[64];
  int found = 0, left = 0;
  for (int fd = 0; fd < 64; ++fd)
  {
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, target, sizeof target - 1);
    if (length < 0)
      continue;
    target[length] = 0;
    if (strcmp(target, "/dev/trampfd") == 0)
      ++found, left += (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
  }
  return found == 0 ? -1 : left;
}

int main(void)
{
  static struct closure many[MANY];
  ffi_hardened_info info = {0};
  int right = 0;

  ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, arguments);
  ffi_hardened_query(&info, sizeof info);
  point(info.mode == FFI_HARDENED_MODE_KERNEL, "kernel mode is chosen");

  struct closure victim = make(100);
  point(victim.code != NULL && call(victim, 1) == 101, "a closure works");
  for (int i = 0; i < MANY; ++i)
    many[i] = make(i);
  for (int i = 0; i < MANY; ++i)
    right += many[i].code != NULL && call(many[i], 5) == i + 5;
  point(right == MANY, "three thousand closures work, over several tables");
  for (int i = 0; i < MANY; i += 2)
    ffi_closure_free(many[i].memory);
  for (int i = 0; i < MANY; i += 2)
    many[i] = make(-i);
  right = 0;
  for (int i = 0; i < MANY; ++i)
    right += many[i].code != NULL && call(many[i], 5) == (i % 2 ? i : -i) + 5;
  point(right == MANY, "half of them freed and made again work");

  point(inheritable() == 0, "the device's descriptor is closed by exec()");
  point(names(record_of(victim), victim.memory) && names(record_of(victim), (void *)(uintptr_t)add),
        "a record names closure and function");
  point(ends(write_record, &victim) == -SIGSEGV, "a store to a record is stopped");
  point(ends(write_through_proc, &victim) == 0, "/proc/self/mem writes neither record nor code");
  point(ends(make_writable, &victim) == 0, "mprotect makes neither of them writable");
  point(ends(overwrite_closure, &victim) == 0, "the public fields of a closure decide nothing");
  point(ends(call_freed, &victim) == -SIGABRT, "a freed closure ends the program");
  point(ends(child_is_independent, &victim) == 0, "a child calls, makes and rebinds closures of its own");
  point(call(victim, 1) == 101, "what the child did to its copy is not seen here");
  point(ends(lose_descriptors, NULL) == 0, "descriptors closed and reused: closures work, the file is whole");

  for (int i = 0; i < MANY; ++i)
    ffi_closure_free(many[i].memory);
  ffi_closure_free(victim.memory);
  ffi_hardened_query(&info, sizeof info);
  point(info.closures == 0, "all closures are gone");
  printf("1..%d\n", points);
  return failures != 0;
}
