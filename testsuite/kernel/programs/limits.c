/* SPDX-License-Identifier: MIT */
/* The module's limits, set through its parameters, and that what is released counts no more. */
#include "harness.h"

static void objects(void) {
  int held[4];
  set_parameter("user_objects", 3);
  for (int i = 0; i < 3; i++) held[i] = open_device();
  check(held[2] >= 0, "user_objects: three of three");
  check_errno(open_device(), EMFILE, "user_objects: not a fourth");
  /* Another user has a count of its own. */
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    if (setresuid(1234, 1234, 1234)) _exit(2);
    _exit(open_device() < 0);
  }
  int status;
  waitpid(child, &status, 0);
  check(status == 0, "user_objects: another user can");
  close(held[0]);
  held[0] = open_device();
  check(held[0] >= 0, "user_objects: one closed, one opened");
  for (int i = 0; i < 3; i++) close(held[i]);
  set_parameter("user_objects", 16384);
}

static void tables(void) {
  set_parameter("object_tables", 2);
  int fd = open_object();
  check(info.max_tables == 2, "object_tables: reported");
  struct table first = map_table(fd, 0), second = map_table(fd, 1);
  check_errno((long)mmap(NULL, info.records_size, PROT_READ, MAP_SHARED, fd, record_offset(2, 0)),
              EINVAL, "object_tables: not a third");
  struct trampfd_adopt adopt = {.code = (uintptr_t)first.code, .table = 2};
  check_errno(ioctl(fd, TRAMPFD_ADOPT, &adopt), EINVAL, "object_tables: nor by adoption");
  unmap_table(&first), unmap_table(&second);
  close(fd);
  set_parameter("object_tables", 4096);
}

static struct table table;

static int inherits_over_limit(void *unused) {
  (void)unused;
  return slot_at(&table, 0)(1) != answer_a(1, 1);
}

static int read_record(void *at) { return *(volatile char *)at; }

static void memory(void) {
  unsigned page = sysconf(_SC_PAGESIZE) / 1024, slots = sysconf(_SC_PAGESIZE) / info.record_size;
  set_parameter("user_kbytes", 2 * page);
  int fd = open_object();
  table = map_table(fd, 0);
  if (slots >= info.slots) {
    skip("one page holds a table", "user_kbytes");
  } else {
    check(set_record(&table, 0, handler_a, 1) == 0 && set_record(&table, 1, handler_a, 1) == 0 &&
              set_record(&table, slots, handler_a, 2) == 0,
          "user_kbytes: two pages of two");
    check_errno(set_record(&table, 2 * slots, handler_a, 3), ENOSPC, "user_kbytes: not a third");
    check_ends(read_record, table.records + 2 * sysconf(_SC_PAGESIZE), SIGBUS,
               "user_kbytes: nor by reading one");
    check_ends(inherits_over_limit, NULL, 0, "user_kbytes: fork() is not refused");
    unmap_table(&table);
    table = map_table(fd, 0);
    check(set_record(&table, 2 * slots, handler_a, 3) == 0, "user_kbytes: unmapped, so free again");
  }
  set_parameter("user_kbytes", 1024 * 1024);
  unmap_table(&table);
  close(fd);
}

static void lists(void) {
  const uint64_t a[] = {(uintptr_t)handler_a}, b[] = {(uintptr_t)handler_b},
                 c[] = {(uintptr_t)handler_c};
  int first = open_device(), second = open_device(), third = open_device();
  check(set_pcs(first, 1, a) == 0, "process_lists: the first");
  check_errno(set_pcs(second, 1, b), EPERM, "process_lists: not a second");
  set_parameter("process_lists", 2);
  check(set_pcs(second, 1, b) == 0, "process_lists: raised to 2, a second");
  check_errno(set_pcs(third, 1, c), EPERM, "process_lists: not a third");
  /* A table keeps to the list of its own object. */
  struct table of_b = map_table(second, 0);
  check_errno(set_record(&of_b, 0, handler_a, 1), EACCES, "process_lists: each object has its own");
  struct trampfd_adopt adopt = {.code = (uintptr_t)of_b.code, .table = 0};
  check_errno(ioctl(first, TRAMPFD_ADOPT, &adopt), EACCES, "adopt: from another list's object");
  close(second);
  check_errno(set_pcs(third, 1, c), EPERM, "process_lists: a mapped table holds its list");
  unmap_table(&of_b);
  check(set_pcs(third, 1, c) == 0, "process_lists: unmapped, it does not");
  close(first), close(third);
  set_parameter("process_lists", 1);
}

/* Leaks would show: the limit is 64 pages, 2000 tables come and go. */
static void churn(void) {
  set_parameter("user_kbytes", 64 * sysconf(_SC_PAGESIZE) / 1024);
  unsigned wrong = 0;
  for (int round = 0; round < 500; round++) {
    int fd = open_object();
    for (unsigned t = 0; t < 4; t++) {
      struct table one = map_table(fd, t);
      wrong += set_record(&one, 0, handler_a, round) != 0 ||
               slot_at(&one, 0)(1) != answer_a(round, 1);
      if (round % 2) unmap_table(&one);
      else munmap(one.records, info.records_size), munmap(one.code, info.code_size);
    }
    close(fd);
  }
  check(wrong == 0, "2000 tables in a limit of 64 pages");
  for (int round = 0; round < 50; round++) {
    int fd = open_object();
    table = map_table(fd, 0);
    set_record(&table, 0, handler_a, 1);
    for (int child = 0; child < 10; child++) wrong += run_child(inherits_over_limit, NULL) != 0;
    unmap_table(&table);
    close(fd);
  }
  check(wrong == 0, "and 500 forks");
  set_parameter("user_kbytes", 1024 * 1024);
}

int main(void) {
  if (geteuid()) die("root sets the limits");
  objects();
  tables();
  memory();
  lists();
  churn();
  return finish();
}
