/* SPDX-License-Identifier: MIT */
/* What can, and above all what cannot, be done with the two mappings of a table. */
#include "harness.h"

#include <sys/ptrace.h>
#include <sys/uio.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

enum { R = PROT_READ, W = PROT_WRITE, X = PROT_EXEC };
#define CODE ((size_t)info.code_size)
#define RECORDS ((size_t)info.records_size)

static void *reserve(size_t size) {
  void *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) die("reserve");
  return at;
}

static void mmap_misuse(int fd) {
  char *at = reserve(3 * (CODE + RECORDS)), *base = at + CODE + RECORDS;
  off_t code = code_offset(3), records = record_offset(3, 0);
  const int fixed = MAP_SHARED | MAP_FIXED;
#define MAP(at, size, prot, flags, offset) (long)mmap(at, size, prot, flags, fd, offset)
  check_errno(MAP(NULL, RECORDS, R | W, MAP_SHARED, records), EACCES, "records: read, write");
  check_errno(MAP(NULL, RECORDS, R | W | X, MAP_PRIVATE, records), EACCES, "records: rwx, private");
  check_errno(MAP(NULL, RECORDS, R | X, MAP_SHARED, records), EACCES, "records: executable");
  check_errno(MAP(NULL, RECORDS, PROT_NONE, MAP_SHARED, records), EACCES, "records: no access");
  check_errno(MAP(NULL, RECORDS, W, MAP_SHARED, records), EACCES, "records: write alone");
  check_errno(MAP(NULL, RECORDS, R, MAP_PRIVATE, records), EINVAL, "records: private");
  check_errno(MAP(NULL, RECORDS - 4096, R, MAP_SHARED, records), EINVAL, "records: too short");
  check_errno(MAP(NULL, 2 * RECORDS, R, MAP_SHARED, records), EINVAL, "records: too long");
  check_errno(MAP(NULL, 1, R, MAP_SHARED, records), EINVAL, "records: one byte");
  check_errno(MAP(NULL, RECORDS, R, MAP_SHARED, records + 4096), EINVAL,
              "records: a page further on");
  check_errno(MAP(NULL, RECORDS, R, MAP_SHARED, records + 100), EINVAL, "records: unaligned");
  check_errno(MAP(NULL, RECORDS, R, MAP_SHARED, record_offset(info.max_tables, 0)), EINVAL,
              "records: table number too large");
  check_errno(MAP(at, CODE, R | X, fixed, code), ENXIO, "code before records");

  if (MAP(base + CODE, RECORDS, R, fixed, records) == -1) die("records");
  check_errno(MAP(NULL, RECORDS, R, MAP_SHARED, records), EBUSY, "records: a second time");
  check_errno(MAP(base + CODE, RECORDS, R, fixed, records), 0, "records: over themselves");
  check_errno(MAP(base, CODE, R | W, fixed, code), EACCES, "code: read, write");
  check_errno(MAP(base, CODE, R | W | X, fixed, code), EACCES, "code: rwx");
  check_errno(MAP(base, CODE, X, fixed, code), EACCES, "code: execute alone");
  check_errno(MAP(base, CODE, R, fixed, code), EACCES, "code: read alone");
  check_errno(MAP(base, CODE, R | X, MAP_PRIVATE | MAP_FIXED, code), EINVAL, "code: private");
  check_errno(MAP(at, CODE, R | X, fixed, code), EINVAL, "code: too low");
  check_errno(MAP(base - 4096, CODE, R | X, fixed, code), EINVAL, "code: a page too low");
  check_errno(MAP(base, CODE, R | X, fixed, code_offset(4)), ENXIO, "code: of another table");
  check_errno(MAP(base, CODE, R | X, fixed, code + info.table_stride / 2), EACCES,
              "code: from between two tables");
  check_errno(MAP(base, CODE / 2, R | X, fixed, code), EINVAL, "code: half of it");
  struct trampfd_record record = make_record(handler_a, 1);
  check_errno(pwrite(fd, &record, 64, record_offset(3, 0)), ENXIO, "a record before the code");
  check_errno(MAP(base, CODE, R | X, fixed, code), 0, "code: where it belongs");
  check_errno(MAP(at, CODE, R | X, fixed, code), EBUSY, "code: a second time");
  check_errno(pwrite(fd, &record, 64, record_offset(3, 0)) - 64, 0, "now the record");
  check(((Slot)(uintptr_t)base)(4) == answer_a(1, 4), "and its slot");
  munmap(at, 3 * (CODE + RECORDS));
}

/* Linux 6.1 calls whatever stops mmap() from making room a lack of memory. */
static void check_not_split(long result, const char *description) {
  check(result == -1 && (errno == EINVAL || errno == ENOMEM), "%s", description);
}

static void protection(struct table *table) {
  check_errno(mprotect(table->code, CODE, R | W), EACCES, "mprotect: code, rw");
  check_errno(mprotect(table->code, CODE, R | W | X), EACCES, "mprotect: code, rwx");
  check_errno(mprotect(table->code, CODE, PROT_NONE), EACCES, "mprotect: code, none");
  check_errno(mprotect(table->code, 4096, R), EACCES, "mprotect: a page of code, r");
  check_errno(mprotect(table->records, RECORDS, R | W), EACCES, "mprotect: records, rw");
  check_errno(mprotect(table->records, RECORDS, R | X), EACCES, "mprotect: records, rx");
  check_errno(mprotect(table->records, RECORDS, PROT_NONE), EACCES, "mprotect: records, none");
#ifdef SYS_pkey_mprotect
  check_errno(syscall(SYS_pkey_mprotect, table->records, RECORDS, R | W, -1), EACCES,
              "pkey_mprotect: records, rw");
#endif
  check_errno((long)mremap(table->records, RECORDS, 2 * RECORDS, MREMAP_MAYMOVE), EFAULT,
              "mremap: records, larger");
  check_errno((long)mremap(table->records, RECORDS, RECORDS / 2, 0), EINVAL,
              "mremap: records, smaller");
  void *elsewhere = reserve(RECORDS);
  const int moving = MREMAP_MAYMOVE | MREMAP_FIXED;
  check_errno((long)mremap(table->code, CODE, CODE, moving, elsewhere), EINVAL,
              "mremap: code, elsewhere");
  check_errno((long)mremap(table->records, RECORDS, RECORDS, moving, elsewhere), EINVAL,
              "mremap: records, elsewhere");
  check_errno((long)mremap(table->code, 0, CODE, moving, elsewhere), EFAULT,
              "mremap: a second view of the code");
  check_errno((long)mremap(table->code, CODE, CODE, moving | MREMAP_DONTUNMAP, elsewhere), EINVAL,
              "mremap: code, left behind too");
  check_errno(munmap(table->records, 4096), EINVAL, "munmap: a page of records");
  check_errno(munmap(table->code + 4096, 4096), EINVAL, "munmap: a page of code");
  check_not_split((long)mmap(table->records + 4096, 4096, R | W,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
                  "mmap: over a page of records");
  check_not_split(syscall(SYS_remap_file_pages, table->records, 4096, 0, 1, 0),
                  "remap_file_pages: records");
  check(slot_at(table, 7)(1) == answer_a(7, 1), "still called after all that");
}

static int store_to(void *at) {
  *(volatile char *)at = 0;
  return 0;
}

static int jump_to(void *at) {
  ((void (*)(void))(uintptr_t)at)();
  return 0;
}

static void writing(struct table *table) {
  char byte = 0x90, seen = 0;
  int mem = open("/proc/self/mem", O_RDWR);
  check_errno(pwrite(mem, &byte, 1, (uintptr_t)table->code), EIO, "/proc/self/mem: write code");
  check_errno(pwrite(mem, &byte, 1, (uintptr_t)table->records), EIO,
              "/proc/self/mem: write records");
  check(pread(mem, &seen, 1, (uintptr_t)table->code) == 1 && seen == table->code[0],
        "/proc/self/mem: read code");
  close(mem);
  struct iovec from = {&byte, 1}, to = {table->records, 1};
  check_errno(process_vm_writev(getpid(), &from, 1, &to, 1, 0), EFAULT, "process_vm_writev");
  int null = open("/dev/zero", O_RDONLY);
  check_errno(read(null, table->records, 64), EFAULT, "read() into records");
  close(null);
  check_ends(store_to, table->code, SIGSEGV, "a store to code");
  check_ends(store_to, table->records, SIGSEGV, "a store to records");
  check_ends(jump_to, table->records, SIGSEGV, "a jump to records");

  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    _exit(slot_at(table, 7)(1) != answer_a(7, 1));
  }
  int status;
  waitpid(child, &status, 0);
  check_errno(ptrace(PTRACE_POKEDATA, child, table->records, 0), EIO, "ptrace: poke records");
  check_errno(ptrace(PTRACE_POKETEXT, child, table->code, 0), EIO, "ptrace: poke code");
  ptrace(PTRACE_CONT, child, 0, 0);
  waitpid(child, &status, 0);
  check(status == 0, "ptrace: the child's slot is whole");
}

static void advice(struct table *table) {
  static const int all[] = {MADV_DONTNEED,   MADV_FREE,     MADV_REMOVE,    MADV_PAGEOUT, MADV_COLD,
                            MADV_WIPEONFORK, MADV_HUGEPAGE, MADV_MERGEABLE, MADV_DODUMP};
  bool whole = true;
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
    madvise(table->code, CODE, all[i]);
    madvise(table->records, RECORDS, all[i]);
    madvise(table->records, 4096, all[i]);
    whole &= slot_at(table, 7)(2) == answer_a(7, 2);
  }
  check(whole, "madvise: no advice changes what a slot does");
  check_errno(madvise(table->records, RECORDS, MADV_REMOVE), EACCES, "madvise: MADV_REMOVE");
  check_errno(madvise(table->records, RECORDS, MADV_DODUMP), EINVAL, "madvise: MADV_DODUMP");
  check(mlock(table->records, RECORDS) == 0 && slot_at(table, 7)(3) == answer_a(7, 3), "mlock");
}

static int call_seven(void *table) { return slot_at(table, 7)(0) != answer_a(7, 0); }

/* The records give way to memory of ours that would send slot 7 to handler_c. */
static int forged_records(void *argument) {
  struct table *table = argument;
  struct trampfd_record forged = make_record(handler_c, 7);
  if (slot_at(table, 7)(0) != answer_a(7, 0)) return 1; /* the code is mapped in */
  char *at = mmap(table->records, RECORDS, R | W, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (at != table->records) return 2;
  memcpy(at + 7 * info.record_size, &forged, sizeof forged);
  return slot_at(table, 7)(5) == 5 ? 3 : 4;
}

/* Another table's records, allowed as they are, do not do either. */
static int exchanged_records(void *argument) {
  struct table *table = argument;
  if (slot_at(table, 7)(0) != answer_a(7, 0)) return 1;
  int fd = open_object();
  if (mmap(table->records, RECORDS, R, MAP_SHARED | MAP_FIXED, fd, record_offset(9, 0)) ==
      MAP_FAILED)
    return 2;
  return slot_at(table, 7)(5) == 5 ? 3 : 4;
}

static void halves(int fd) {
  struct table table = map_table(fd, 5);
  set_record(&table, 7, handler_a, 7);
  check_ends(call_seven, &table, 0, "a child's copy can be called");
  check_ends(forged_records, &table, SIGBUS, "code without its records cannot run");
  check_ends(exchanged_records, &table, SIGBUS, "code with another table's records cannot run");
  call_seven(&table);
  munmap(table.records, RECORDS);
  check_ends(call_seven, &table, SIGBUS, "records unmapped: the code is gone");
  check_errno(set_record(&table, 7, handler_a, 7), ENXIO, "records unmapped: no more writes");
  struct table again = map_table(fd, 5);
  check(set_record(&again, 7, handler_a, 8) == 0 && slot_at(&again, 7)(1) == answer_a(8, 1),
        "the number is free for a new table");
  check_ends(call_seven, &table, SIGBUS, "and the old code stays dead");
  munmap(again.code, CODE);
  check_errno(set_record(&again, 7, handler_a, 7), ENXIO, "code unmapped: no more writes");
  check_ends(store_to, again.records, SIGSEGV, "code unmapped: records still read-only");
}

/* The lines of smaps about the mapping that starts at @at: its own line, then its VmFlags. */
static bool describe(const void *at, char *header, char *flags, size_t size) {
  char line[300], wanted[40];
  snprintf(wanted, sizeof wanted, "%lx-", (unsigned long)at);
  FILE *maps = fopen("/proc/self/smaps", "r");
  bool in = false, done = false;
  while (!done && fgets(line, sizeof line, maps)) {
    if (strstr(line, wanted) == line) in = true, snprintf(header, size, "%s", line);
    done = in && strstr(line, "VmFlags:") == line;
    if (done) snprintf(flags, size, "%s", line);
  }
  fclose(maps);
  return done;
}

static void smaps(struct table *table) {
  char code[300], code_flags[300], records[300], records_flags[300];
  if (!describe(table->code, code, code_flags, sizeof code) ||
      !describe(table->records, records, records_flags, sizeof records))
    die("/proc/self/smaps");
  check(strstr(code, " r-xs ") && strstr(code, DEVICE), "code is r-xs of " DEVICE);
  check(strstr(records, " r--s ") && strstr(records, DEVICE), "records are r--s of " DEVICE);
  check(strstr(code_flags, " dd") && !strstr(code_flags, " mw"),
        "code is not dumped and may not become writable");
  check(strstr(records_flags, " dd") && !strstr(records_flags, " mw") &&
            !strstr(records_flags, " me"),
        "records are not dumped and may not become writable or executable");
}

int main(void) {
  int fd = open_object();
  mmap_misuse(fd);
  struct table table = map_table(fd, 0);
  if (set_record(&table, 7, handler_a, 7)) die("set a record");
  protection(&table);
  writing(&table);
  advice(&table);
  smaps(&table);
  halves(fd);
  check(slot_at(&table, 7)(9) == answer_a(7, 9), "the first table is untouched");
  return finish();
}
