/* SPDX-License-Identifier: MIT */
/* Threads racing on one object: one winner, whole records, code that never outlives its records. */
#include "harness.h"

#include <pthread.h>
#include <setjmp.h>

enum { THREADS = 8, ROUNDS = 300 };

static int object;
static pthread_barrier_t barrier;
static struct table table;
static unsigned winners;
static volatile bool stop;

static void run_threads(void *(*body)(void *), unsigned count) {
  pthread_t threads[THREADS];
  for (unsigned i = 0; i < count; i++)
    pthread_create(&threads[i], NULL, body, (void *)(uintptr_t)i);
  for (unsigned i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

static void *race_pcs(void *number) {
  /* Eight different lists, so that a second winner would show. */
  const uint64_t pcs[] = {(uintptr_t)handler_a, (uintptr_t)handler_b + (uintptr_t)number};
  pthread_barrier_wait(&barrier);
  if (set_pcs(object, 2, pcs) == 0)
    __atomic_fetch_add(&winners, 1, __ATOMIC_RELAXED);
  else if (errno != EBUSY)
    __atomic_fetch_add(&winners, 1000, __ATOMIC_RELAXED);
  return NULL;
}

static void *race_map(void *unused) {
  (void)unused;
  pthread_barrier_wait(&barrier);
  if (mmap(NULL, info.records_size, PROT_READ, MAP_SHARED, object, record_offset(7, 0)) !=
      MAP_FAILED)
    __atomic_fetch_add(&winners, 1, __ATOMIC_RELAXED);
  else if (errno != EBUSY)
    __atomic_fetch_add(&winners, 1000, __ATOMIC_RELAXED);
  return NULL;
}

static unsigned wrong;

static void *write_own_slots(void *number) {
  uintptr_t me = (uintptr_t)number;
  for (unsigned round = 0; round < ROUNDS; round++) {
    for (unsigned slot = me; slot < 64; slot += THREADS)
      if (set_record(&table, slot, round % 2 ? handler_a : handler_b, round * 64 + slot))
        __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    for (unsigned slot = me; slot < 64; slot += THREADS)
      if (slot_at(&table, slot)(round) !=
          (round % 2 ? answer_a : answer_b)(round * 64 + slot, round))
        __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

/* One writer replaces a record, with the same PC, that all others call. */
static unsigned long calls;
static void *replace_or_call(void *number) {
  if (number == 0) {
    for (uint64_t value = 1; value < 20000; value++)
      if (set_record(&table, 100, handler_a, value)) wrong++;
    stop = true;
    return NULL;
  }
  long last = 0;
  unsigned long mine = 0;
  for (; !stop; mine++) {
    long got = slot_at(&table, 100)(0);
    if (got == TORN || got < last) __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    last = got;
  }
  __atomic_fetch_add(&calls, mine, __ATOMIC_RELAXED);
  return NULL;
}

/* The PC changes too: a caller meets either record whole, or the trap between them. */
static __thread sigjmp_buf recover;
static unsigned long traps;
static void on_trap(int signal) {
  (void)signal;
  __atomic_fetch_add(&traps, 1, __ATOMIC_RELAXED);
  siglongjmp(recover, 1);
}
static void *switch_or_call(void *number) {
  if (number == 0) {
    for (uint64_t value = 1; value < 20000; value++)
      if (set_record(&table, 101, value % 2 ? handler_a : handler_b, 0)) wrong++;
    stop = true;
    return NULL;
  }
  while (!stop) {
    if (sigsetjmp(recover, 1)) continue;
    long got = slot_at(&table, 101)(0);
    if (got != answer_a(0, 0) && got != answer_b(0, 0))
      __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

/*
 * What a target would find: never the other one's data. Low words tell enough, and 32-bit programs
 * read them whole too.
 */
static uint32_t low_word(const void *at) {
  return __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE);
}
static void *switch_or_watch(void *number) {
  const struct trampfd_record *record = record_at(&table, 102);
  if (number == 0) {
    for (uint64_t value = 1; value < 20000; value++)
      if (set_record(&table, 102, value % 2 ? handler_a : handler_b, value)) wrong++;
    stop = true;
    return NULL;
  }
  while (!stop) {
    uint32_t seq = low_word(&record->seq), pc = low_word(&record->pc), value = low_word(record->data);
    if (low_word(&record->pc) != pc || low_word(&record->seq) != seq) continue;
    if (pc == (uint32_t)(uintptr_t)(value % 2 ? handler_b : handler_a))
      __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

/* Threads call a table whose records another thread replaces by memory of its own. */
static unsigned long escapes, survived;
static void on_bus(int signal) {
  (void)signal;
  siglongjmp(recover, 1);
}
static struct trampfd_record forged[1024];
static void *swap_or_call(void *number) {
  if (number == 0) {
    for (unsigned round = 0; round < 400; round++) {
      char *at = mmap(table.records, info.records_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
      if (at == table.records) memcpy(at, forged, sizeof forged);
      sched_yield();
      /* A fresh table in the same place. */
      munmap(table.code, table_size());
      if (mmap(table.records, info.records_size, PROT_READ, MAP_SHARED | MAP_FIXED, object,
               record_offset(50, 0)) != MAP_FAILED &&
          mmap(table.code, info.code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, object,
               code_offset(50)) != MAP_FAILED)
        set_record(&table, 3, handler_a, 3);
    }
    stop = true;
    return NULL;
  }
  while (!stop) {
    if (sigsetjmp(recover, 1)) continue;
    /*
     * A handler that was entered in time may find the memory behind its record replaced, and sees
     * a torn one. Only handler_c, which no list allows, gives 5.
     */
    long got = slot_at(&table, 3)(5);
    if (got == 5) __atomic_fetch_add(&escapes, 1, __ATOMIC_RELAXED);
    if (got == answer_a(3, 5)) __atomic_fetch_add(&survived, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

/*
 * mremap() asks the driver when it has moved the page tables, and then moves them back. Meanwhile
 * threads try to run the code in its new place, in front of records of their own.
 */
static char *elsewhere;
static void *move_or_call(void *number) {
  if (number == 0) {
    for (unsigned round = 0; round < 1000; round++) {
      survived += slot_at(&table, 3)(5) == answer_a(3, 5); /* now its code is mapped in */
      wrong += mremap(table.code, info.code_size, info.code_size, MREMAP_MAYMOVE | MREMAP_FIXED,
                      elsewhere) != MAP_FAILED;
    }
    stop = true;
    return NULL;
  }
  const struct table moved = {.code = elsewhere};
  while (!stop) {
    if (sigsetjmp(recover, 1)) continue;
    if (slot_at(&moved, 3)(5) == 5) __atomic_fetch_add(&escapes, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

int main(void) {
  pthread_barrier_init(&barrier, NULL, THREADS);
  object = open_object(); /* for `info` */
  close(object);

  unsigned rounds_won = 0;
  for (int round = 0; round < 20; round++) {
    winners = 0;
    object = open_device();
    run_threads(race_pcs, THREADS);
    rounds_won += winners == 1;
    close(object);
  }
  check(rounds_won == 20, "8 lists of PCs at once: one is taken (%u of 20)", rounds_won);

  object = open_object();
  winners = 0;
  run_threads(race_map, THREADS);
  check(winners == 1, "8 mappings at once: one is made (%u)", winners);

  table = map_table(object, 0);
  run_threads(write_own_slots, THREADS);
  check(wrong == 0, "8 threads write and call their own slots");

  set_record(&table, 100, handler_a, 0);
  run_threads(replace_or_call, 4);
  check(wrong == 0 && calls > 0, "records replaced under callers are never torn");
  printf("# %lu calls\n", calls);

  signal(SIGTRAP, on_trap);
  set_record(&table, 101, handler_a, 0);
  stop = false;
  run_threads(switch_or_call, 4);
  check(wrong == 0, "PCs switched under callers lead to one or the other, or trap");
  printf("# %lu traps\n", traps);

  stop = false;
  run_threads(switch_or_watch, 3);
  check(wrong == 0, "no target stands with the data of another");

  for (unsigned i = 0; i < 1024; i++) forged[i] = make_record(handler_c, i);
  signal(SIGBUS, on_bus), signal(SIGSEGV, on_bus);
  unmap_table(&table);
  table = map_table(object, 50);
  stop = false;
  run_threads(swap_or_call, 4);
  check(escapes == 0, "no caller ever runs on forged records");
  check(survived > 0, "though callers did run");
  printf("# %lu calls\n", survived);

  unmap_table(&table);
  table = map_table(object, 50);
  if (set_record(&table, 3, handler_a, 3)) die("set a record");
  elsewhere = mmap(NULL, table_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (elsewhere == MAP_FAILED) die("reserve");
  memcpy(elsewhere + info.code_size, forged, sizeof forged);
  survived = 0, stop = false;
  run_threads(move_or_call, 4);
  check(escapes == 0, "nor on code that mremap() is about to move (%lu)", escapes);
  check(wrong == 0 && survived == 1000, "which stays where it is");
  return finish();
}
