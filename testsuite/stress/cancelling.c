/* SPDX-License-Identifier: MIT */
/* Threads that were cancelled before they use the library: they do all of it, and leave no lock behind. */
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#include "stress.h"

enum { MOST = 2000 };
static int closures, done;

static void *cancelled_work(void *unused)
{
  static struct entry entries[MOST];
  (void)unused;
  pthread_cancel(pthread_self());
  for (int i = 0; i < closures; i++)
    make(&entries[i], i);
  prepare_shape((unsigned)closures);
  for (int i = 0; i < closures; i++) {
    use(&entries[i]);
    drop(&entries[i]);
  }
  done = 1;
  pthread_testcancel();
  return NULL;
}

/* Each in a process of its own, for the first use and the making of tables are where the library opens and reads files. */
void cancelling(int count)
{
  for (int i = 0; i < count; i++) {
    const pid_t child = fork();
    if (child == 0) {
      pthread_t thread;
      struct entry entry;
      void *result;
      closures = 1 + i * 97 % MOST;
      REQUIRE(pthread_create(&thread, NULL, cancelled_work, NULL) == 0);
      REQUIRE(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED && done);
      for (int k = 0; k < MOST; k++)
        make(&entry, k), use(&entry);
      _exit(0);
    }
    expect_success(child, 30);
  }
}
