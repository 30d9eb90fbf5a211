/* SPDX-License-Identifier: MIT */
/* Area: closures. Purpose: a closure in a file that the caller mapped twice, once writable and once
   executable, after the writable mapping is gone. Expected: as with libffi, whose trampolines find
   their closure beside themselves, the executable mapping alone is enough. */
/* { dg-do run } */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "ffitest.h"

static void add(ffi_cif *cif, void *result, void **values, void *user_data)
{
  CHECK_EQUAL(cif->nargs, 1);
  *(ffi_sarg *)result = *(int *)values[0] + *(int *)user_data;
}

int main(void)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  ffi_type *types[] = {&ffi_type_sint};
  ffi_cif cif;
  int number = 1000;
  int fd = memfd_create("two views", 0);
  if (fd < 0 || ftruncate(fd, (off_t)page))
    ffitest_unsupported("no memfd here");
  unsigned char *writable = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  unsigned char *executable = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
  REQUIRE(writable != MAP_FAILED && executable != MAP_FAILED);
  close(fd);
  ffitest_prepare(&cif, &ffi_type_sint, 1, types);
  for (size_t at = 0; at < 20 * 64; at += 64)
    CHECK_EQUAL(ffi_prep_closure_loc((ffi_closure *)(void *)(writable + at), &cif, add, &number,
                                     executable + at),
                FFI_OK);
  munmap(writable, page);
  for (size_t at = 0; at < 20 * 64; at += 64)
    for (int i = 0; i < 10; i++)
      CHECK_EQUAL(((int (*)(int))(void *)(executable + at))(i), 1000 + i);
  munmap(executable, page);
  return ffitest_end();
}
