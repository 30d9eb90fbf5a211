/* SPDX-License-Identifier: MIT */
/* Misuse: a closure called after it was freed, by a thread that was cancelled and has yet to notice. */
/* Expect: SIGABRT, says "libffi: fatal: freed closure called" */
#include <pthread.h>

#include "misuse.h"

static void *call(void *unused)
{
  (void)unused;
  pthread_cancel(pthread_self());
  return (void *)(intptr_t)((int (*)(int))good_code)(1);
}

int main(void)
{
  pthread_t thread;
  ffi_closure_free(good_closure());
  return pthread_create(&thread, NULL, call, NULL) != 0 || pthread_join(thread, NULL) != 0;
}
