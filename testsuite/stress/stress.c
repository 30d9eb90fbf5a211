/* SPDX-License-Identifier: MIT */
/* Stress, one kind per run: stress KIND NUMBER. Threads that pass closures to each other, signal handlers that call closures, closures by
   the million, unloading, exec, and what forks.c, namespaces.c and cancelling.c do. Exit status 0: every result was right. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <ffi.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stress.h"

static const char *program;

void wrong(const char *format, ...)
{
  char text[300];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof text - 1, format, arguments);
  va_end(arguments);
  text[length < (int)sizeof text - 1 ? length : (int)sizeof text - 2] = '\n';
  if (write(STDOUT_FILENO, text, strlen(text)) < 0)
    _exit(3);
  _exit(1);
}
static ffi_type *two[] = {&ffi_type_slong, &ffi_type_double};

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = *(long *)values[0] + (long)*(double *)values[1] + *(long *)user_data;
}

void make(struct entry *entry, long data)
{
  entry->data = data;
  REQUIRE(ffi_prep_cif(&entry->cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two) == FFI_OK);
  entry->closure = ffi_closure_alloc(sizeof *entry->closure, &entry->code);
  REQUIRE(entry->closure);
  REQUIRE(ffi_prep_closure_loc(entry->closure, &entry->cif, handler, &entry->data, entry->code) == FFI_OK);
}

void use(const struct entry *entry)
{
  const long got = ((long (*)(long, double))entry->code)(3, 4);
  if (got != 7 + entry->data)
    wrong("a closure gave %ld, not %ld", got, 7 + entry->data);
}

void drop(struct entry *entry)
{
  ffi_closure_free(entry->closure);
  entry->closure = NULL;
}

/* A shape that differs from number to number. */
void prepare_shape(unsigned number)
{
  ffi_type *types[14];
  ffi_cif cif;
  for (int i = 0; i < 14; i++)
    types[i] = number >> i & 1 ? &ffi_type_sint : &ffi_type_double;
  REQUIRE(ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 14, &ffi_type_void, types) == FFI_OK);
}

unsigned next(unsigned *state) { return (*state = *state * 1664525u + 1013904223u) >> 8; }

/* Everything a program does, for as long as told. Closures change hands in a pool that all threads share. */
static struct entry *pool[POOL];
int rounds, stop;

struct entry *swap(unsigned place, struct entry *entry) { return __atomic_exchange_n(&pool[place % POOL], entry, __ATOMIC_ACQ_REL); }

void one_round(unsigned *state)
{
  struct entry *entry = malloc(sizeof *entry);
  REQUIRE(entry);
  make(entry, (long)next(state));
  use(entry);
  entry = swap(next(state), entry);
  if (entry) {
    use(entry);
    if (next(state) % 4 == 0) { /* bound anew by another thread */
      entry->data = (long)next(state);
      REQUIRE(ffi_prep_closure_loc(entry->closure, &entry->cif, handler, &entry->data, entry->code) == FFI_OK);
      use(entry);
    }
    drop(entry);
    free(entry);
  }
  if (next(state) % 16 == 0)
    prepare_shape(next(state));
}

void *work(void *seed)
{
  unsigned state = (unsigned)(uintptr_t)seed;
  for (int i = 0; i < rounds && !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++)
    one_round(&state);
  return NULL;
}

void empty_pool(void)
{
  for (unsigned i = 0; i < POOL; i++) {
    struct entry *const entry = swap(i, NULL);
    if (entry) {
      use(entry);
      drop(entry);
      free(entry);
    }
  }
}

/* Generations of threads: their caches outlive them. */
static void threads(int count)
{
  pthread_t thread[MOST_THREADS];
  for (int generation = 0; generation < 3; generation++) {
    for (int i = 0; i < count; i++)
      REQUIRE(pthread_create(&thread[i], NULL, work, (void *)(uintptr_t)(generation * 1000 + i)) == 0);
    for (int i = 0; i < count; i++)
      REQUIRE(pthread_join(thread[i], NULL) == 0);
  }
  empty_pool();
}

/* Wait for a child, but not for ever: one that hangs is what is looked for. */
void expect_success(pid_t child, int seconds)
{
  int status;
  REQUIRE(child > 0);
  for (int i = 0; i < seconds * 1000; i++) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) {
      if (status != 0)
        wrong("a child ended with status %#x", (unsigned)status);
      return;
    }
    REQUIRE(ended == 0);
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  kill(child, SIGABRT);
  waitpid(child, &status, 0);
  wrong("a child hangs");
}

/* A signal arrives at any instruction of the library and its handler calls closures: an old one, and those in the making elsewhere. */
static struct entry for_signals[100];
static volatile sig_atomic_t signals_seen;

static void on_signal(int number)
{
  const int saved = errno;
  (void)number;
  use(&for_signals[signals_seen % 100]);
  if (signals_seen % 4 == 0) /* one that is new, every now and then, whatever was interrupted */
    prepare_shape((unsigned)signals_seen / 4);
  signals_seen++;
  errno = saved;
}

static void in_handlers(int count)
{
  struct sigaction action = {.sa_handler = on_signal};
  struct itimerval often = {{0, 50}, {0, 50}};
  unsigned state = 1;
  for (int i = 0; i < 100; i++)
    make(&for_signals[i], i);
  REQUIRE(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
  while (signals_seen < count) {
    struct entry *const victim = &for_signals[next(&state) % 100];
    one_round(&state);
    /* The handler may call the very closure that is being bound: before or after, it has the same data. */
    REQUIRE(ffi_prep_closure_loc(victim->closure, &victim->cif, handler, &victim->data, victim->code) == FFI_OK);
  }
  often = (struct itimerval){{0, 0}, {0, 0}};
  REQUIRE(setitimer(ITIMER_REAL, &often, NULL) == 0);
  empty_pool();
  for (int i = 0; i < 100; i++)
    drop(&for_signals[i]);
}

static size_t count_mappings(void)
{
  size_t lines = 0;
  FILE *const file = fopen("/proc/self/maps", "r");
  REQUIRE(file);
  for (int c; (c = getc(file)) != EOF;)
    lines += c == '\n';
  fclose(file);
  return lines;
}

static size_t resident(void)
{
  size_t all, pages = 0;
  FILE *const file = fopen("/proc/self/statm", "r");
  REQUIRE(file && fscanf(file, "%zu %zu", &all, &pages) == 2);
  fclose(file);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* So many closures alive at once, each with its own data, a second time in the memory of the first. Freeing scattered closures that are
   sealed costs two system calls each, so only some thousands are. */
static void live(int count)
{
  struct small { ffi_closure *closure; void *code; } *all = calloc((size_t)count, sizeof *all);
  ffi_cif cif;
  size_t most[2];
  REQUIRE(all && ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two) == FFI_OK);
  const size_t before = count_mappings(), memory = resident();
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < count; i++) {
      all[i].closure = ffi_closure_alloc(sizeof(ffi_closure), &all[i].code);
      REQUIRE(all[i].closure);
      REQUIRE(ffi_prep_closure_loc(all[i].closure, &cif, handler, &all[i].code, all[i].code) == FFI_OK);
    }
    most[round] = count_mappings();
    for (int i = 0; i < count; i++)
      REQUIRE(((long (*)(long, double))all[i].code)(3, 4) == 7 + (long)(uintptr_t)all[i].code);
    if (round == 0)
      printf("%d closures: %zu bytes each, %zu mappings\n", count, (resident() - memory) / (size_t)count, most[0] - before);
    for (int i = 0; i < 2000; i++) {
      const long long any = i * 7919LL % count;
      ffi_closure_free(all[any].closure);
      all[any].closure = NULL;
    }
    for (int i = 0; i < count; i++)
      ffi_closure_free(all[i].closure);
  }
  if (most[1] > most[0] + most[0] / 4 + 16)
    wrong("%zu mappings the first time, %zu the second", most[0], most[1]);
  free(all);
}

/* Without growth, whether closures come one at a time or in batches of a thousand. */
static void cycles(int count)
{
  enum { BATCH = 1000 };
  static struct entry batch[BATCH];
  size_t memory = 0, mappings = 0;
  const int steps = 20;
  for (int step = 0; step < steps; step++) {
    for (int i = 0; i < count / steps / 2; i++) {
      make(&batch[0], i);
      if (i % 64 == 0)
        use(&batch[0]);
      drop(&batch[0]);
    }
    for (int i = 0; i < count / steps / 2 / BATCH; i++) {
      for (int k = 0; k < BATCH; k++)
        make(&batch[k], k);
      use(&batch[i % BATCH]);
      for (int k = 0; k < BATCH; k++)
        drop(&batch[(k * 7 + i) % BATCH]);
    }
    if (step == 4) {
      memory = resident();
      mappings = count_mappings();
    }
  }
  if (resident() > memory + (256 << 10))
    wrong("resident memory grew by %zu bytes", resident() - memory);
  if (count_mappings() > mappings + 32)
    wrong("mappings grew by %zu", count_mappings() - mappings);
}

/* A second copy of the library, loaded and closed again and again; what was made meanwhile goes on working. */
#define FIND(name) __typeof__(name) *const own_##name = (__typeof__(name) *)(uintptr_t)dlsym(library, #name)
static void unloading(int count)
{
  static struct { void *code; long data; ffi_cif cif; } kept[1001];
  const char *const copy = getenv("STRESS_COPY");
  REQUIRE(copy);
  for (int i = 0; i < count; i++) {
    void *const library = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
    if (!library)
      wrong("%s", dlerror());
    FIND(ffi_closure_alloc);
    FIND(ffi_prep_cif);
    FIND(ffi_prep_closure_loc);
    FIND(ffi_closure_free);
    REQUIRE(own_ffi_closure_alloc && own_ffi_closure_alloc != ffi_closure_alloc);
    const int k = i < 1000 ? i : 1000;
    ffi_closure *const closure = own_ffi_closure_alloc(sizeof *closure, &kept[k].code);
    kept[k].data = i;
    REQUIRE(closure && own_ffi_prep_cif(&kept[k].cif, FFI_DEFAULT_ABI, 2, &ffi_type_slong, two) == FFI_OK);
    REQUIRE(own_ffi_prep_closure_loc(closure, &kept[k].cif, handler, &kept[k].data, kept[k].code) == FFI_OK);
    REQUIRE(dlclose(library) == 0);
    for (int old = 0; old < k; old += 37)
      REQUIRE(((long (*)(long, double))kept[old].code)(3, 4) == 7 + kept[old].data);
    REQUIRE(((long (*)(long, double))kept[k].code)(3, 4) == 7 + i);
    if (k == 1000)
      own_ffi_closure_free(closure);
  }
  const pid_t child = fork(); /* its handlers were not unloaded either */
  if (child == 0)
    _exit(((long (*)(long, double))kept[0].code)(3, 4) != 7 + kept[0].data);
  expect_success(child, 20);
}

/* A new program starts afresh, whatever the old one's threads were doing. */
static void executing(int count)
{
  pthread_t thread[4];
  if (count <= 0)
    return;
  rounds = 1 << 30;
  for (int i = 0; i < 4; i++)
    REQUIRE(pthread_create(&thread[i], NULL, work, (void *)(uintptr_t)i) == 0);
  struct entry entry;
  for (int i = 0; i < 300; i++)
    make(&entry, i), use(&entry);
  char number[16];
  snprintf(number, sizeof number, "%d", count - 1);
  execl(program, program, "exec", number, (char *)NULL);
  wrong("exec failed");
}

int main(int words, char **word)
{
  static const struct { const char *name; void (*run)(int); } kinds[] = {
      {"threads", threads}, {"forks", forks}, {"first-forks", first_forks}, {"signals", in_handlers}, {"live", live},
      {"cycles", cycles}, {"unload", unloading}, {"exec", executing}, {"bare-forks", bare_forks}, {"forking-handlers", forking_handlers},
      {"namespaces", namespaces}, {"cancelling", cancelling}};
  program = word[0];
  if (words < 3)
    return 2;
  rounds = words > 3 ? atoi(word[3]) : 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, word[1]) == 0) {
      kinds[i].run(atoi(word[2]));
      return 0;
    }
  return 2;
}
