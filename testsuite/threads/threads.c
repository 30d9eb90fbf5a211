/* SPDX-License-Identifier: MIT */
/* Area: threads. Purpose: many threads prepare, call, make, use and free closures at once, with
   descriptors of their own and shared ones; a closure made by one thread and freed by another.
   Expected: every result right; no thread sees another's data. */
/* { dg-do run } */
#include <pthread.h>

#include "ffitest.h"

enum { THREADS = 8, ROUNDS = 300, KEPT = 20, PASSED_ON = 4000 };

struct pair { long a; double b; };
static ffi_type *elements[] = {&ffi_type_slong, &ffi_type_double, NULL};
static ffi_type shared_pair = {0, 0, FFI_TYPE_STRUCT,
                               elements}; /* laid out by whichever thread is first */
static pthread_barrier_t barrier;

static struct pair scale(struct pair p, int n) { return (struct pair){p.a * n, p.b * n}; }

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  struct pair p = *(struct pair *)values[0];
  int n = *(int *)values[1];
  (void)cif;
  *(struct pair *)result = (struct pair){p.a * n + *(long *)user_data, p.b * n};
}

static void *work(void *argument)
{
  long mine = (long)(intptr_t)argument * 1000000;
  ffi_type *types[] = {&shared_pair, &ffi_type_sint};
  ffi_closure *kept[KEPT] = {NULL};
  void *codes[KEPT];
  long data[KEPT];
  ffi_cif kept_cif;
  pthread_barrier_wait(&barrier);
  REQUIRE(ffi_prep_cif(&kept_cif, FFI_DEFAULT_ABI, 2, &shared_pair, types) == FFI_OK);
  for (int round = 0; round < ROUNDS; round++) {
    ffi_cif cif;
    struct pair p = {mine + round, round * 0.5}, got;
    int n = 3;
    CHECK_EQUAL(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &shared_pair, types), FFI_OK);
    CHECK_EQUAL(shared_pair.size, sizeof(struct pair));
    ffi_call(&cif, FFI_FN(scale), &got, (void *[]){&p, &n});
    CHECK(got.a == p.a * 3 && got.b == p.b * 3);

    int i = round % KEPT;
    if (kept[i])
      ffi_closure_free(kept[i]);
    data[i] = mine + i;
    kept[i] = ffitest_closure(&kept_cif, handler, &data[i], &codes[i]);
    for (int k = 0; k < KEPT; k++)
      if (kept[k]) {
        got = ((struct pair(*)(struct pair, int))codes[k])(p, 2);
        CHECK(got.a == p.a * 2 + mine + k && got.b == p.b * 2);
      }
  }
  for (int k = 0; k < KEPT; k++)
    ffi_closure_free(kept[k]);
  return NULL;
}

/* Closures handed from a maker to a user, who calls and frees them. */
static struct passed { ffi_closure *closure; void *code; long data; } slots[PASSED_ON];
static unsigned made;
static ffi_cif passed_cif;

static void give(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)values;
  *(ffi_sarg *)result = *(long *)user_data;
}

static void *make(void *unused)
{
  (void)unused;
  for (unsigned i = 0; i < PASSED_ON; i++) {
    slots[i].data = i * 17L;
    slots[i].closure = ffitest_closure(&passed_cif, give, &slots[i].data, &slots[i].code);
    __atomic_store_n(&made, i + 1, __ATOMIC_RELEASE);
  }
  return NULL;
}

static void *use(void *unused)
{
  (void)unused;
  for (unsigned i = 0; i < PASSED_ON; i++) {
    while (__atomic_load_n(&made, __ATOMIC_ACQUIRE) <= i)
      sched_yield();
    CHECK_EQUAL(((long (*)(void))slots[i].code)(), i * 17L);
    ffi_closure_free(slots[i].closure);
  }
  return NULL;
}

int main(void)
{
  pthread_t threads[THREADS];
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (int i = 0; i < THREADS; i++)
    REQUIRE(pthread_create(&threads[i], NULL, work, (void *)(intptr_t)(i + 1)) == 0);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  ffitest_prepare(&passed_cif, &ffi_type_slong, 0, NULL);
  REQUIRE(pthread_create(&threads[0], NULL, make, NULL) == 0);
  REQUIRE(pthread_create(&threads[1], NULL, use, NULL) == 0);
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
  return ffitest_end();
}
