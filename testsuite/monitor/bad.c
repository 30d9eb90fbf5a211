/* SPDX-License-Identifier: MIT */
/* What the monitor has to notice: bad FAULT does one thing that no program with the library may. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BYTES = 65536 };

static void *map(int protection, int flags, int fd)
{
  return mmap(NULL, BYTES, protection, flags, fd, 0);
}

int main(int count, char **words)
{
  const char *const fault = count > 1 ? words[1] : "";
  void *const plain = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (plain == MAP_FAILED)
    return 1;
  if (!strcmp(fault, "mmap-wx"))
    map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  else if (!strcmp(fault, "mmap-anonymous-x"))
    map(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  else if (!strcmp(fault, "mprotect-wx"))
    mprotect(plain, BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
  else if (!strcmp(fault, "mprotect-x"))
    mprotect(plain, BYTES, PROT_READ | PROT_EXEC);
  else if (!strcmp(fault, "pkey-mprotect-x"))
    syscall(SYS_pkey_mprotect, plain, BYTES, PROT_READ | PROT_EXEC, -1);
  else if (!strcmp(fault, "memfd-executable"))
    memfd_create("code", 0);
  else if (!strcmp(fault, "memfd-mapped-x"))
    map(PROT_READ | PROT_EXEC, MAP_SHARED, memfd_create("code", MFD_CLOEXEC));
  else if (!strcmp(fault, "memfd-mapped-wx")) {
    const int fd = memfd_create("code", MFD_CLOEXEC);
    if (ftruncate(fd, BYTES) != 0)
      return 1;
    map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, fd);
  } else if (!strcmp(fault, "own-file-writable")) {
    char copy[4096];
    snprintf(copy, sizeof copy, "%s/libffi.so.8", count > 2 ? words[2] : ".");
    open(copy, O_RDWR | O_CREAT, 0755);
  } else if (!strcmp(fault, "in-a-child")) {
    if (vfork() == 0) {
      execl(words[0], words[0], "mprotect-x", (char *)NULL);
      _exit(1);
    }
  } else if (*fault)
    return 2;
  return 0;
}
