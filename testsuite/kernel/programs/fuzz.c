/* SPDX-License-Identifier: MIT */
/*
 * Random system calls on the device from several processes and threads, for three fifths of the time
 * that the program may take. Two things may never happen: the kernel complains, or a slot reaches
 * handler_c, which no list allows.
 */
#include "harness.h"

#include <pthread.h>
#include <setjmp.h>
#include <sys/random.h>
#include <time.h>

enum { PROCESSES = 4, THREADS = 3, PLACES = 4, FDS = 4 };

static char *places; /* where tables come and go */
static size_t room;
static int fds[FDS];
static __thread sigjmp_buf recover;
static __thread uint64_t seed;
static unsigned long *counts; /* shared: calls made, slots run, escapes */

static uint64_t next(void) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return seed;
}
static uint64_t pick(uint64_t n) { return next() % n; }
static bool rarely(void) { return pick(32) == 0; }

static __thread volatile bool armed; /* a fault is expected: `recover' says where to go on */

static void on_fault(int signal, siginfo_t *how, void *context) {
  (void)context;
  if (armed) {
    armed = false;
    siglongjmp(recover, 1);
  }
  char line[80];
  int size = snprintf(line, sizeof line, "# stray signal %d at %p\n", signal, how->si_addr);
  if (write(1, line, size) < 0) _exit(2);
  _exit(3);
}

static void *address(void) {
  char *at = places + pick(PLACES) * room + (pick(2) ? info.code_size : 0);
  return rarely() ? at + pick(room) : rarely() ? at + pick(16) * 4096 : at;
}

static off_t offset(void) {
  off_t at = (off_t)pick(3) * info.table_stride + (pick(4) ? info.code_size : 0) +
             (off_t)(pick(3) ? pick(64) * 64 : 0);
  return rarely() ? (off_t)next() : at;
}

static size_t length(void) {
  static const size_t usual[] = {0, 1, 64, 128, 4096};
  /* No longer than the room to spare: mprotect() and madvise() go on until something stops them. */
  return rarely()  ? pick(3 * room)
         : pick(3) ? (pick(2) ? info.code_size : info.records_size)
                   : usual[pick(5)];
}

static int protection(void) {
  return rarely() ? (int)pick(8) : pick(2) ? PROT_READ : PROT_READ | PROT_EXEC;
}

static void write_records(int fd) {
  struct trampfd_record batch[24];
  void (*const targets[])(void) = {handler_a, handler_b, handler_c, NULL};
  unsigned count = 1 + pick(24);
  for (unsigned i = 0; i < count; i++) {
    batch[i] = make_record(targets[pick(4)], pick(1000));
    if (rarely()) memset(&batch[i], (int)next(), pick(64));
  }
  pwrite(fd, rarely() ? address() : batch, rarely() ? length() : count * 64, offset());
}

static void map_whole(int fd) {
  char *at = places + pick(PLACES) * room;
  off_t table = (off_t)pick(3) * info.table_stride;
  mmap(at + info.code_size, info.records_size, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
       table + info.code_size);
  mmap(at, info.code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, table);
  struct trampfd_record batch[64];
  for (unsigned i = 0; i < 64; i++) batch[i] = make_record(handler_a, i);
  pwrite(fd, batch, sizeof batch, table + info.code_size);
}

static void run_slot(void) {
  char *at = places + pick(PLACES) * room + pick(64) * info.slot_size;
  if (sigsetjmp(recover, 1)) return;
  armed = true;
  long got = ((Slot)(uintptr_t)at)(0x5eed);
  armed = false;
  __atomic_fetch_add(&counts[1], 1, __ATOMIC_RELAXED);
  if (got == 0x5eed) __atomic_fetch_add(&counts[2], 1, __ATOMIC_RELAXED);
}

static void forge(void) {
  char *at = places + pick(PLACES) * room + (pick(4) ? info.code_size : 0);
  size_t size = info.records_size;
  char *got =
      mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (got == MAP_FAILED || sigsetjmp(recover, 1)) return;
  struct trampfd_record forged = make_record(handler_c, 1);
  armed = true;
  for (unsigned i = 0; i < 64; i++) memcpy(got + i * 64, &forged, sizeof forged);
  armed = false;
}

static void reopen(void) {
  const uint64_t pcs[] = {(uintptr_t)handler_a, (uintptr_t)handler_b};
  int *fd = &fds[pick(FDS)], fresh = open_device();
  int old = __atomic_exchange_n(fd, fresh, __ATOMIC_RELAXED);
  if (pick(4)) set_pcs(fresh, 1 + pick(2), pcs);
  close(old);
}

static void fork_one(void) {
  static __thread int depth;
  if (depth || pick(8)) return;
  pid_t pid = fork();
  if (pid == 0) {
    depth = 1;
    alarm(10);
    for (int i = 0; i < 50; i++) {
      run_slot();
      write_records(fds[pick(FDS)]);
      if (rarely()) reopen();
      struct trampfd_adopt adopt = {.code = (uintptr_t)address(), .table = pick(4)};
      ioctl(fds[pick(FDS)], TRAMPFD_ADOPT, &adopt);
      if (rarely()) munmap(address(), info.records_size);
    }
    _exit(0);
  }
  if (pid > 0) waitpid(pid, NULL, 0);
}

static void one_call(void) {
  int fd = fds[pick(FDS)];
  struct trampfd_adopt adopt = {.code = (uintptr_t)address(), .table = pick(4)};
  char buffer[64];
  switch (pick(22)) {
    case 0:
      reopen();
      break;
    case 1:
    case 2:
    case 3:
    case 16:
      map_whole(fd);
      break;
    case 4:
      mmap(address(), length(), protection(), MAP_SHARED | (pick(2) ? MAP_FIXED : 0), fd, offset());
      break;
    case 5:
      munmap(address(), rarely() ? length() : pick(2) ? info.code_size : info.records_size);
      break;
    case 6:
      mprotect(address(), length(), protection());
      break;
    case 7:
      mremap(address(), length(), length(), (int)pick(8), address());
      break;
    case 8:
      madvise(address(), length(), (int)pick(26));
      break;
    case 9:
      ioctl(fd, pick(2) ? TRAMPFD_ADOPT : (unsigned)next(), &adopt);
      break;
    case 10:
      pread(fd, buffer, pick(80), pick(2) ? 0 : offset());
      break;
    case 11:
      forge();
      break;
    case 12:
      fork_one();
      break;
    case 13:
      if (rarely())
        mlockall(MCL_CURRENT);
      else
        munlockall();
      break;
    case 14:
    case 15:
      write_records(fd);
      break;
    default:
      run_slot();
  }
  __atomic_fetch_add(&counts[0], 1, __ATOMIC_RELAXED);
}

static time_t end;
static void *worker(void *number) {
  /* What threads do to each other cannot be repeated, so each run may as well be another one. */
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed || seed == 0) seed = (uintptr_t)number;
  while (time(NULL) < end) one_call();
  return NULL;
}

static void process(unsigned number) {
  const struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  static const int faults[] = {SIGSEGV, SIGBUS, SIGTRAP, SIGILL};
  for (unsigned i = 0; i < sizeof faults / sizeof *faults; i++) sigaction(faults[i], &action, NULL);
  room = (table_size() + 0xffff) & ~(size_t)0xffff;
  /* With room to spare: a random address with a random size reaches behind the last place. */
  places = mmap(NULL, (PLACES + 4) * room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                -1, 0);
  for (int i = 0; i < FDS; i++) fds[i] = open_object();
  pthread_t threads[THREADS];
  for (unsigned i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, worker, (void *)(uintptr_t)(number * THREADS + i + 1));
  for (unsigned i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  _exit(0);
}

int main(void) {
  counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const char *limit = getenv("LIMIT");
  end = time(NULL) + (limit ? atoi(limit) : 200) * 3 / 5;
  close(open_object()); /* fills `info` */
  pid_t children[PROCESSES];
  fflush(stdout);
  for (unsigned i = 0; i < PROCESSES; i++) {
    children[i] = fork();
    if (children[i] == 0) process(i);
  }
  unsigned whole = 0;
  for (unsigned i = 0; i < PROCESSES; i++) {
    int status;
    waitpid(children[i], &status, 0);
    whole += status == 0;
  }
  printf("# %lu calls, %lu slots run, %u of %u processes ended by themselves\n", counts[0],
         counts[1], whole, PROCESSES);
  check(counts[0] > 10000 && counts[1] > 1000, "calls were made and slots run");
  check(counts[2] == 0, "no slot reached a target that no list allows (%lu)", counts[2]);
  return finish();
}
