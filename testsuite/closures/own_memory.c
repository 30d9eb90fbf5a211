/* SPDX-License-Identifier: MIT */
/* Area: closures. Purpose: closures in memory that the caller owns and made executable, as CFFI
   1.15 and ruby-ffi do: one mapping that is writable and executable, two mappings of the same file,
   and one made executable after preparation; ffi_prep_closure. Expected: they work, their fields
   are readable, and the memory stays the caller's. */
/* { dg-do run } */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "ffitest.h"

static void add(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = *(int *)values[0] + *(int *)user_data;
}

struct pair { double a; long b; };
static void turn(ffi_cif *cif, void *result, void **values, void *user_data)
{
  struct pair x = *(struct pair *)values[0];
  (void)cif, (void)user_data;
  *(struct pair *)result = (struct pair){(double)x.b, (long)x.a};
}

static ffi_cif cif, pair_cif;
static int number = 1000;

static void use(ffi_closure *closure, void *code)
{
  CHECK(closure->cif == &cif);
  CHECK(closure->fun == add);
  CHECK(closure->user_data == &number);
  for (int i = 0; i < 10; i++)
    CHECK_EQUAL(((int (*)(int))code)(i), 1000 + i);
}

static void test_one_mapping(size_t page)
{
  unsigned char *memory =
      mmap(NULL, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    printf("no writable and executable memory here\n");
    return;
  }
  memset(memory, 0xcc, page);
  for (size_t at = 0; at + 2 * sizeof(ffi_closure) <= page; at += sizeof(ffi_closure) + 24) {
    ffi_closure *closure = (ffi_closure *)(void *)(memory + at);
    CHECK_EQUAL(ffi_prep_closure_loc(closure, &cif, add, &number, closure), FFI_OK);
    for (int i = 0; i < 24; i++)
      CHECK_EQUAL(memory[at + sizeof(ffi_closure) + i],
                  0xcc); /* nothing behind the closure is written */
  }
  for (size_t at = 0; at + 2 * sizeof(ffi_closure) <= page; at += sizeof(ffi_closure) + 24)
    use((ffi_closure *)(void *)(memory + at), memory + at);

  ffi_closure *old = (ffi_closure *)(void *)memory;
  CHECK_EQUAL(ffi_prep_closure(old, &cif, add, &number), FFI_OK);
  use(old, old);
  CHECK_EQUAL(ffi_prep_closure(old, &pair_cif, turn, NULL), FFI_OK);
  struct pair got = ((struct pair(*)(struct pair))(void *)old)((struct pair){2.0, 5});
  CHECK(got.a == 5.0 && got.b == 2);
  munmap(memory, page);
}

static void test_two_mappings(size_t page)
{
  int fd = memfd_create("two views", 0);
  if (fd < 0 || ftruncate(fd, (off_t)page)) {
    printf("no memfd here\n");
    return;
  }
  unsigned char *writable = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  unsigned char *executable = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
  REQUIRE(writable != MAP_FAILED && executable != MAP_FAILED);
  close(fd);
  for (size_t at = 0; at < 20 * 64; at += 64)
    CHECK_EQUAL(ffi_prep_closure_loc((ffi_closure *)(void *)(writable + at), &cif, add, &number,
                                     executable + at),
                FFI_OK);
  for (size_t at = 0; at < 20 * 64; at += 64)
    use((ffi_closure *)(void *)(writable + at), executable + at);
  munmap(writable, page);
  munmap(executable, page);
}

static void test_made_executable_later(size_t page)
{
  unsigned char *memory =
      mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  ffi_closure *closure = (ffi_closure *)(void *)memory;
  CHECK_EQUAL(ffi_prep_closure_loc(closure, &cif, add, &number, closure), FFI_OK);
  if (mprotect(memory, page, PROT_READ | PROT_EXEC) == 0)
    use(closure, closure);
  munmap(memory, page);
}

int main(void)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  ffi_type *types[] = {&ffi_type_sint}, *elements[] = {&ffi_type_double, &ffi_type_slong, NULL};
  ffi_type pair = {0, 0, FFI_TYPE_STRUCT, elements}, *pairs[] = {&pair};
  ffitest_prepare(&cif, &ffi_type_sint, 1, types);
  ffitest_prepare(&pair_cif, &pair, 1, pairs);
  test_one_mapping(page);
  test_two_mappings(page);
  test_made_executable_later(page);
  return ffitest_end();
}
