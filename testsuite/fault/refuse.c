/* SPDX-License-Identifier: MIT */
/* Stands between the library and libc: every call that can fail is counted, and the chosen one fails. Calls by libc itself
   pass; the return address tells. The library's last call in a function may return to the program right away, so the program's own
   calls count too: the scenarios make none. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"

void *__libc_malloc(size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static struct range { uintptr_t start, end; } library, program;
static unsigned target, seen;
static enum style how;
static const char *refused_name;
static int armed, in_force;
static unsigned unchanged;
static long blocks;

void arm(unsigned number, enum style style)
{
  armed = 1;
  target = number;
  how = style;
  seen = 0;
  refused_name = NULL;
  in_force = 0;
}

void disarm(void) { armed = 0; }
unsigned calls_seen(void) { return seen; }
const char *failed_call(void) { return refused_name; }
unsigned changes_refused(void) { return unchanged; }
long blocks_held(void) { return blocks; }

static int within(struct range range, const void *at) { return (uintptr_t)at - range.start < range.end - range.start; }
static int counts(const void *caller) { return armed && (within(library, caller) || within(program, caller)); }

/* Whether this call is to fail. */
static int refuse(const char *name, const void *caller, int error)
{
  int fails = 0;
  if (!counts(caller))
    return 0;
  seen++;
  if (seen == target) {
    refused_name = name;
    notice(name);
    in_force = how != ONCE;
    fails = 1;
  } else if (in_force) {
    fails = how == EVERYTHING || strcmp(name, refused_name) == 0;
  }
  if (fails)
    errno = error;
  if (fails && (strcmp(name, "mprotect") == 0 || strcmp(name, "ioctl") == 0))
    unchanged++;
  return fails;
}
#define REFUSE(name, error) refuse(name, __builtin_return_address(0), error)

static int find_texts(struct dl_phdr_info *info, size_t size, void *unused)
{
  struct range *const text = strstr(info->dlpi_name, "libffi.so") ? &library : !info->dlpi_name[0] ? &program : NULL;
  (void)size, (void)unused;
  for (int i = 0; text && i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
      text->start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
      text->end = text->start + info->dlpi_phdr[i].p_memsz;
    }
  return 0;
}

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name)
{
  enum { MOST = 32 };
  static struct { const char *name; void *function; } known[MOST];
  for (int i = 0; i < MOST; i++) {
    if (!known[i].name)
      known[i].function = dlsym(RTLD_NEXT, name), known[i].name = name;
    if (strcmp(known[i].name, name) == 0)
      return known[i].function;
  }
  abort();
}

__attribute__((constructor)) static void start(void)
{
  REAL(dl_iterate_phdr)(find_texts, NULL);
  if (!library.start || !program.start)
    abort();
}

void *malloc(size_t size)
{
  if (REFUSE("malloc", ENOMEM))
    return NULL;
  void *const block = __libc_malloc(size);
  if (counts(__builtin_return_address(0)))
    blocks += block != NULL;
  return block;
}

void *aligned_alloc(size_t alignment, size_t size)
{
  if (REFUSE("aligned_alloc", ENOMEM))
    return NULL;
  void *const block = __libc_memalign(alignment, size);
  if (counts(__builtin_return_address(0)))
    blocks += block != NULL;
  return block;
}

void free(void *block)
{
  if (counts(__builtin_return_address(0)))
    blocks -= block != NULL;
  __libc_free(block);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
  return REFUSE("mmap", ENOMEM) ? MAP_FAILED : REAL(mmap)(at, bytes, protection, flags, fd, offset);
}

int mprotect(void *at, size_t bytes, int protection)
{
  return REFUSE("mprotect", ENOMEM) ? -1 : REAL(mprotect)(at, bytes, protection);
}

void *mremap(void *old, size_t old_bytes, size_t bytes, int flags, ...)
{
  va_list arguments;
  va_start(arguments, flags);
  void *const at = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
  va_end(arguments);
  return REFUSE("mremap", ENOMEM) ? MAP_FAILED : REAL(mremap)(old, old_bytes, bytes, flags, at);
}

int madvise(void *at, size_t bytes, int advice)
{
  return REFUSE("madvise", EINVAL) ? -1 : REAL(madvise)(at, bytes, advice);
}

int open(const char *path, int flags, ...)
{
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return REFUSE("open", EMFILE) ? -1 : REAL(open)(path, flags, mode);
}

/* As at the end of a file half of the times, because that is no error. */
ssize_t read(int fd, void *buffer, size_t bytes)
{
  if (REFUSE("read", EIO))
    return seen % 2 ? -1 : 0;
  return REAL(read)(fd, buffer, bytes);
}

ssize_t write(int fd, const void *data, size_t bytes)
{
  return fd != STDERR_FILENO && REFUSE("write", ENOSPC) ? -1 : REAL(write)(fd, data, bytes);
}

/* What a device is asked and told, too. */
ssize_t pread(int fd, void *buffer, size_t bytes, off_t offset)
{
  return REFUSE("pread", EIO) ? -1 : REAL(pread)(fd, buffer, bytes, offset);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
  return REFUSE("pwrite", EIO) ? -1 : REAL(pwrite)(fd, data, bytes, offset);
}

int ioctl(int fd, unsigned long request, ...)
{
  va_list arguments;
  va_start(arguments, request);
  void *const argument = va_arg(arguments, void *);
  va_end(arguments);
  return REFUSE("ioctl", EIO) ? -1 : REAL(ioctl)(fd, request, argument);
}

int memfd_create(const char *name, unsigned flags)
{
  return REFUSE("memfd_create", EMFILE) ? -1 : REAL(memfd_create)(name, flags);
}

int fcntl(int fd, int command, ...)
{
  va_list arguments;
  va_start(arguments, command);
  const long argument = va_arg(arguments, long);
  va_end(arguments);
  return REFUSE("fcntl", EPERM) ? -1 : REAL(fcntl)(fd, command, argument);
}

long syscall(long number, ...)
{
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (int i = 0; i < 6; i++)
    a[i] = va_arg(arguments, long);
  va_end(arguments);
  const char *const name = number == SYS_getrandom ? "getrandom" : number == SYS_rt_sigprocmask ? "readable page" : "other system call";
  /* With signal 0 and numbers of threads; and what the program alone asks for this way. */
  const int never_fails = number == SYS_gettid || number == SYS_tgkill || number == SYS_mmap;
  if (!never_fails && REFUSE(name, number == SYS_getrandom ? EAGAIN : EFAULT))
    return -1;
  return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *))
{
  return REFUSE("pthread_key_create", EAGAIN) ? EAGAIN : REAL(pthread_key_create)(key, destroy);
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
  return REFUSE("pthread_setspecific", ENOMEM) ? ENOMEM : REAL(pthread_setspecific)(key, value);
}

int __register_atfork(void (*before)(void), void (*parent)(void), void (*child)(void), void *library);
int __register_atfork(void (*before)(void), void (*parent)(void), void (*child)(void), void *library)
{
  return REFUSE("__register_atfork", ENOMEM) ? ENOMEM : REAL(__register_atfork)(before, parent, child, library);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
  return REFUSE("clock_gettime", EINVAL) ? -1 : REAL(clock_gettime)(clock, now);
}

int dl_iterate_phdr(int (*look)(struct dl_phdr_info *, size_t, void *), void *data)
{
  return REFUSE("dl_iterate_phdr", ENOMEM) ? 0 : REAL(dl_iterate_phdr)(look, data);
}
