/* SPDX-License-Identifier: MIT */
/* After fork() parent and child own their tables apart. */
#include "harness.h"

#include <pthread.h>

static struct table table;
static int pipes[2][2]; /* 0: child to parent, 1: parent to child */

static void tell(int to) {
  if (write(pipes[to][1], "x", 1) != 1) die("pipe");
}
static void await(int from) {
  char byte;
  if (read(pipes[from][0], &byte, 1) != 1) die("pipe");
}

/* The first failed line number, or 0. */
#define REQUIRE(condition) \
  do {                     \
    if (!(condition)) return __LINE__ % 256; \
  } while (0)

static int inherited(void *unused) {
  (void)unused;
  REQUIRE(slot_at(&table, 1)(0) == answer_a(1, 0));
  tell(0); /* the parent now changes its own record 1, and 2 on another page */
  await(1);
  REQUIRE(slot_at(&table, 1)(0) == answer_a(1, 0));
  REQUIRE(slot_at(&table, 200)(0) == answer_a(200, 0));
  return 0;
}

static int refused(void *unused) {
  (void)unused;
  struct trampfd_info got;
  struct trampfd_adopt adopt = {.code = (uintptr_t)table.code, .table = 3};
  const uint64_t pc = (uintptr_t)handler_a;
  REQUIRE(set_record(&table, 1, handler_a, 9) == -1 && errno == EPERM);
  REQUIRE(set_pcs(table.fd, 1, &pc) == -1 && errno == EPERM);
  REQUIRE(pread(table.fd, &got, sizeof got, 0) == -1 && errno == EPERM);
  REQUIRE(ioctl(table.fd, TRAMPFD_ADOPT, &adopt) == -1 && errno == EPERM);
  REQUIRE(mmap(NULL, info.records_size, PROT_READ, MAP_SHARED, table.fd, record_offset(2, 0)) ==
              MAP_FAILED &&
          errno == EPERM);
  return 0;
}

static int own_object(void *unused) {
  (void)unused;
  int fd = open_object();
  struct table mine = map_table(fd, 0);
  REQUIRE(set_record(&mine, 0, handler_b, 5) == 0);
  REQUIRE(slot_at(&mine, 0)(1) == answer_b(5, 1));
  REQUIRE(slot_at(&table, 1)(1) == answer_a(1, 1));
  return 0;
}

static int adopts(void *unused) {
  (void)unused;
  int fd = open_object();
  struct trampfd_adopt adopt = {.code = (uintptr_t)table.code, .table = 3};
  REQUIRE(ioctl(fd, TRAMPFD_ADOPT, &adopt) == 0);
  struct table mine = table;
  mine.fd = fd, mine.number = 3;
  REQUIRE(set_record(&mine, 1, handler_b, 31) == 0);
  REQUIRE(slot_at(&mine, 1)(1) == answer_b(31, 1));
  REQUIRE(set_record(&mine, 500, handler_b, 32) == 0); /* a page that the parent never had */
  REQUIRE(slot_at(&mine, 500)(1) == answer_b(32, 1));
  REQUIRE(set_record(&mine, 1, handler_c, 33) == -1 && errno == EACCES);
  return 0;
}

/* The parent's list holds in the child, whoever opens an object there. */
static int other_list(void *unused) {
  (void)unused;
  const uint64_t pc = (uintptr_t)handler_c;
  REQUIRE(set_pcs(open_device(), 1, &pc) == -1 && errno == EPERM);
  return 0;
}

static int generations(void *depth) {
  intptr_t left = (intptr_t)depth;
  REQUIRE(slot_at(&table, 1)(left) == answer_a(1, left));
  return left ? run_child(generations, (void *)(left - 1)) != 0 : 0;
}

static int call_one(void *unused) {
  (void)unused;
  return slot_at(&table, 1)(0) != answer_a(1, 0);
}

/* A child that unmaps its records must not take the parent's code away. */
static int unmaps(void *unused) {
  (void)unused;
  call_one(NULL);
  return munmap(table.records, info.records_size);
}

static int call_first(void *from) { return slot_at(from, 1)(0) != answer_a(1, 0); }

static void halves(int fd) {
  struct table headless = map_table(fd, 1), tailless = map_table(fd, 2);
  set_record(&headless, 1, handler_a, 1), set_record(&tailless, 1, handler_a, 1);
  madvise(tailless.records, info.records_size, MADV_DONTFORK);
  check_ends(call_first, &tailless, SIGBUS, "records withheld: the child's code cannot run");
  check_ends(call_first, &tailless, SIGBUS, "nor the next child's");
  /* Younger kernels do not take this advice back. */
  int given = madvise(tailless.records, info.records_size, MADV_DOFORK);
  check_ends(call_first, &tailless, given ? SIGBUS : 0, "given again, if they can be: it can");
  madvise(headless.code, info.code_size, MADV_DONTFORK);
  check_ends(call_first, &headless, SIGSEGV, "code withheld: no code there");
  check(call_first(&headless) == 0 && call_first(&tailless) == 0, "the parent has them whole");
  check_ends(generations, (void *)3, 0, "four generations of children");
  check_ends(unmaps, NULL, 0, "a child unmaps its records");
  check(call_one(NULL) == 0, "which does not touch the parent");
  unmap_table(&headless), unmap_table(&tailless);
}

static volatile bool stop;

static void *keep_writing(void *unused) {
  (void)unused;
  for (uint64_t value = 0; !stop; value++)
    if (set_record(&table, 300 + value % 8, handler_a, value)) return (void *)1;
  return NULL;
}

/* In the child, records that were being written when it was made are whole. */
static int whole(void *unused) {
  (void)unused;
  for (unsigned i = 300; i < 308; i++) {
    const struct trampfd_record *record = record_at(&table, i);
    struct payload payload;
    memcpy(&payload, record->data, sizeof payload);
    REQUIRE(record->seq % 2 == 0 && payload.twin == ~payload.value);
    REQUIRE(slot_at(&table, i)(0) == answer_a(payload.value, 0));
  }
  return 0;
}

static void storm(void) {
  enum { THREADS = 3, FORKS = 200 };
  pthread_t threads[THREADS];
  unsigned wrong = 0;
  for (unsigned i = 300; i < 308; i++) set_record(&table, i, handler_a, i);
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, keep_writing, NULL);
  for (int i = 0; i < FORKS; i++) wrong += run_child(whole, NULL) != 0;
  stop = true;
  for (int i = 0; i < THREADS; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    wrong += failed != NULL;
  }
  check(wrong == 0, "200 forks while three threads write: children see whole records");
}

int main(void) {
  int fd = open_object();
  table = map_table(fd, 0);
  set_record(&table, 1, handler_a, 1);
  set_record(&table, 200, handler_a, 200);
  if (pipe(pipes[0]) || pipe(pipes[1])) die("pipe");

  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(inherited(NULL));
  close(pipes[0][1]); /* so that a dead child is noticed */
  await(0);
  set_record(&table, 1, handler_b, 2);
  set_record(&table, 200, NULL, 0);
  tell(1);
  int status;
  waitpid(child, &status, 0);
  check(status == 0, "the child does not see what the parent writes");
  set_record(&table, 1, handler_a, 1);

  check_ends(refused, NULL, 0, "the inherited descriptor is dead in the child");
  check_ends(own_object, NULL, 0, "the child's own object works beside what it inherited");
  check_ends(adopts, NULL, 0, "the child can adopt an inherited table");
  check(slot_at(&table, 1)(1) == answer_a(1, 1), "the parent does not see what the child writes");
  check_ends(other_list, NULL, 0, "an inherited list binds the child too");
  halves(fd);
  storm();
  close(fd);
  check_ends(call_one, NULL, 0, "inherited after the descriptor was closed");
  return finish();
}
