/* SPDX-License-Identifier: MIT */
/* Trampolines under PR_SET_MDWE and mseal(), which a program or its supervisor may use. */
#include "harness.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif
#ifndef SYS_mseal
#define SYS_mseal 462
#endif

static void denied_writable_code(void) {
  if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)) {
    skip("kernel has no PR_SET_MDWE", "MDWE: a table maps and runs");
    skip("kernel has no PR_SET_MDWE", "MDWE: is in force");
    return;
  }
  int fd = open_object();
  struct table table = map_table(fd, 0);
  set_record(&table, 0, handler_a, 1);
  check(slot_at(&table, 0)(1) == answer_a(1, 1), "MDWE: a table maps and runs");
  check_errno((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
              EACCES, "MDWE: is in force");
  unmap_table(&table);
  close(fd);
}

static int calls_sealed(void *argument) {
  struct table *table = argument;
  return slot_at(table, 0)(1) != answer_a(2, 1);
}

static void sealed(void) {
  static const char *const points[] = {"mseal: a table", "mseal: records can still be written",
                                       "mseal: a table cannot be unmapped",
                                       "mseal: nor mapped over", "mseal: a child can call it"};
  int fd = open_object();
  struct table table = map_table(fd, 0);
  size_t size = table_size();
  set_record(&table, 0, handler_a, 1);
  if (sizeof(long) == 4 || (syscall(SYS_mseal, table.code, size, 0) && errno == ENOSYS)) {
    for (int i = 0; i < 5; i++) skip("kernel has no mseal() for this program", points[i]);
    return;
  }
  check_errno(syscall(SYS_mseal, table.code, size, 0), 0, points[0]);
  check(set_record(&table, 0, handler_a, 2) == 0 && slot_at(&table, 0)(1) == answer_a(2, 1),
        "%s", points[1]);
  check_errno(munmap(table.records, info.records_size), EPERM, points[2]);
  check_errno((long)mmap(table.records, info.records_size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
              EPERM, points[3]);
  check_ends(calls_sealed, &table, 0, points[4]);
}

int main(void) {
  sealed();
  denied_writable_code();
  return finish();
}
