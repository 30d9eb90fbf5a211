/* SPDX-License-Identifier: MIT */
/* Forks while threads are inside the library. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stress.h"

static void child_uses_everything(struct entry *inherited)
{
  struct entry own[40];
  unsigned state = (unsigned)getpid();
  use(inherited);
  for (int i = 0; i < 40; i++)
    make(&own[i], i);
  prepare_shape(next(&state));
  for (int i = 0; i < 40; i++) {
    use(&own[i]);
    drop(&own[i]);
  }
  drop(inherited);
  make(inherited, 5);
  use(inherited);
}

/* Forks from one thread while four others are inside the library; some children fork again. */
void forks(int count)
{
  enum { THREADS = 4 };
  pthread_t thread[THREADS];
  struct entry entry;
  make(&entry, 99);
  rounds = 1 << 30;
  for (int i = 0; i < THREADS; i++)
    REQUIRE(pthread_create(&thread[i], NULL, work, (void *)(uintptr_t)i) == 0);
  for (int i = 0; i < count; i++) {
    const pid_t child = fork();
    if (child == 0) {
      child_uses_everything(&entry);
      if (i % 8 == 0) {
        const pid_t grandchild = fork();
        if (grandchild == 0)
          child_uses_everything(&entry), _exit(0);
        expect_success(grandchild, 30);
      }
      _exit(0);
    }
    expect_success(child, 60);
    use(&entry);
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < THREADS; i++)
    pthread_join(thread[i], NULL);
  empty_pool();
  drop(&entry);
}

/* The very first use, by four threads at once, while a fifth forks: again and again in fresh processes. */
static void *first_use(void *number)
{
  struct entry entry;
  prepare_shape((unsigned)(uintptr_t)number);
  make(&entry, (long)(uintptr_t)number);
  use(&entry);
  drop(&entry);
  return NULL;
}

void first_forks(int count)
{
  for (int i = 0; i < count; i++) {
    const pid_t fresh = fork();
    if (fresh == 0) {
      pthread_t thread[4];
      for (uintptr_t k = 0; k < 4; k++)
        REQUIRE(pthread_create(&thread[k], NULL, first_use, (void *)k) == 0);
      for (volatile int delay = i % 50 * 200; delay > 0; delay--)
        ;
      const pid_t child = fork();
      if (child == 0)
        first_use(NULL), _exit(0);
      expect_success(child, 20);
      for (int k = 0; k < 4; k++)
        pthread_join(thread[k], NULL);
      _exit(0);
    }
    expect_success(fresh, 60);
  }
}


/* Forks that no handler is told of: as the system call makes them, and _Fork() where there is one. */
extern pid_t _Fork(void) __attribute__((weak));

static pid_t bare_fork(unsigned turn)
{
  return turn % 2 && _Fork ? _Fork() : (pid_t)syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
}

/* All that the parent had, each closure once more right, and given back; and more new ones than were there before. */
static void child_inherits(void)
{
  enum { NEW = 700 };
  static struct entry entries[NEW];
  empty_pool();
  for (int i = 0; i < NEW; i++)
    make(&entries[i], i);
  for (int i = 0; i < NEW; i++)
    use(&entries[i]);
  for (int i = 0; i < NEW; i++)
    drop(&entries[i]);
}

/* In the child of a signal handler; its thread finishes first what was interrupted. */
static volatile sig_atomic_t is_child;

/* Batches need pages from the pool and give them back. */
static void *work_in_batches(void *seed)
{
  enum { BATCH = 1500 };
  struct entry *const batch = calloc(BATCH, sizeof *batch);
  unsigned state = (unsigned)(uintptr_t)seed;
  REQUIRE(batch);
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    const int size = (int)(next(&state) % BATCH);
    for (int i = 0; i < size && !is_child; i++)
      make(&batch[i], i);
    for (int i = 0; i < size; i++)
      if (batch[i].closure)
        use(&batch[i]), drop(&batch[i]);
    for (int i = 0; i < 20 && !is_child; i++)
      one_round(&state);
    if (is_child)
      child_inherits(), _exit(0);
  }
  free(batch);
  return NULL;
}

static void start_batches(pthread_t *thread, int threads)
{
  for (int i = 0; i < threads; i++)
    REQUIRE(pthread_create(&thread[i], NULL, work_in_batches, (void *)(uintptr_t)i) == 0);
}

static void stop_batches(const pthread_t *thread, int threads)
{
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < threads; i++)
    REQUIRE(pthread_join(thread[i], NULL) == 0);
  empty_pool();
}

void bare_forks(int count)
{
  enum { THREADS = 4 };
  pthread_t thread[THREADS];
  struct entry entry;
  make(&entry, 99);
  start_batches(thread, THREADS);
  for (int i = 0; i < count; i++) {
    const pid_t child = bare_fork((unsigned)i);
    if (child == 0) {
      child_uses_everything(&entry);
      child_inherits();
      const pid_t grandchild = i % 4 ? 0 : i % 8 ? fork() : bare_fork((unsigned)i / 8);
      if (grandchild == 0)
        child_uses_everything(&entry), _exit(0);
      expect_success(grandchild, 60);
      _exit(0);
    }
    expect_success(child, 90);
    use(&entry);
  }
  stop_batches(thread, THREADS);
  drop(&entry);
}

/* Signal handlers that fork, in one thread or in two at once, wherever these are just then. The child returns from the handler. */
static pid_t handlers_children[2];

static void fork_here(int number)
{
  static unsigned turn;
  const unsigned mine = __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED);
  (void)number;
  if (is_child)
    return;
  const pid_t child = mine % 3 ? bare_fork(mine) : fork();
  if (child == 0)
    is_child = 1;
  else
    __atomic_store_n(&handlers_children[mine % 2], child, __ATOMIC_RELEASE);
}

static void expect_handlers_child(unsigned which)
{
  pid_t child;
  while ((child = __atomic_exchange_n(&handlers_children[which], 0, __ATOMIC_ACQ_REL)) == 0)
    nanosleep(&(struct timespec){0, 100000}, NULL);
  expect_success(child, 90);
}

void forking_handlers(int count)
{
  enum { THREADS = 3 };
  pthread_t thread[THREADS];
  const struct sigaction action = {.sa_handler = fork_here};
  REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
  start_batches(thread, THREADS);
  nanosleep(&(struct timespec){0, 50000000}, NULL); /* the first use takes locks of the C library's that no child gets back */
  for (int i = 0; i < count; i++) {
    REQUIRE(pthread_kill(thread[i % THREADS], SIGUSR1) == 0);
    REQUIRE(pthread_kill(thread[(i + 1) % THREADS], SIGUSR1) == 0);
    expect_handlers_child(0);
    expect_handlers_child(1);
  }
  stop_batches(thread, THREADS);
}
