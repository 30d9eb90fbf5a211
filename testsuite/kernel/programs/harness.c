/* SPDX-License-Identifier: MIT */
/* Test points in TAP, and what several of the device's test programs do. */
#include "harness.h"

static int points, failures;

static void point(bool ok, const char *description, const char *directive) {
  printf("%sok %d - %s%s\n", ok ? "" : "not ", ++points, description, directive);
  fflush(stdout);
  failures += !ok;
}

void check(bool ok, const char *description, ...) {
  char line[200];
  va_list arguments;
  va_start(arguments, description);
  vsnprintf(line, sizeof line, description, arguments);
  va_end(arguments);
  point(ok, line, "");
}

void skip(const char *reason, const char *description) {
  char directive[200];
  snprintf(directive, sizeof directive, " # SKIP %s", reason);
  point(true, description, directive);
}

void check_errno(long result, int error, const char *description) {
  int got = result == -1 ? errno : 0;
  if (got != error)
    printf("# result %ld, errno %d (%s), wanted %d (%s)\n", result, got, strerror(got), error,
           strerror(error));
  point(got == error, description, "");
}

int run_child(int (*body)(void *), void *argument) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    alarm(20);
    _exit(body(argument));
  }
  int status;
  if (waitpid(pid, &status, 0) != pid) die("waitpid");
  return status;
}

void check_ends(int (*body)(void *), void *argument, int signal, const char *description) {
  int status = run_child(body, argument);
  bool ok = signal ? WIFSIGNALED(status) && WTERMSIG(status) == signal : status == 0;
  if (!ok) printf("# wait status %#x, wanted signal %d\n", status, signal);
  point(ok, description, "");
}

int finish(void) {
  printf("1..%d\n", points);
  return failures != 0;
}

void die(const char *what) {
  printf("Bail out! %s: %s\n", what, strerror(errno));
  exit(99);
}

/* ---- handlers ---- */

#if defined __x86_64__
#define HANDLER(name)                                    \
  __asm__(".globl " #name "\n.type " #name ",@function\n" \
          #name ":\n endbr64\n mov %rdi, %rsi\n mov %r10, %rdi\n jmp " #name "_c\n")
#elif defined __i386__
#define HANDLER(name)                                                                       \
  __asm__(".globl " #name "\n.type " #name ",@function\n" #name                             \
          ":\n endbr32\n mov 12(%esp), %edx\n mov 4(%esp), %eax\n add $8, %esp\n"          \
          " sub $4, %esp\n push %edx\n push %eax\n call " #name "_c\n add $12, %esp\n ret\n")
#elif defined __aarch64__
#define HANDLER(name)                                    \
  __asm__(".globl " #name "\n.type " #name ",%function\n" \
          #name ":\n hint #34\n mov x1, x0\n mov x0, x17\n b " #name "_c\n")
#else
#error "no handlers for this architecture"
#endif

__asm__(".text");
HANDLER(handler_a);
HANDLER(handler_b);
HANDLER(handler_c);

/* A consistent copy of a record that another thread may be changing. */
static struct payload snapshot(const struct trampfd_record *record) {
  struct payload copy;
  uint32_t before;
  do {
    before = __atomic_load_n(&record->seq, __ATOMIC_ACQUIRE);
    const uint64_t *words = (const uint64_t *)record->data;
    uint64_t *to = (uint64_t *)&copy;
    for (unsigned i = 0; i < sizeof copy / sizeof *to; i++)
      to[i] = __atomic_load_n(&words[i], __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
  } while (before % 2 || before != __atomic_load_n(&record->seq, __ATOMIC_RELAXED));
  return copy;
}

long answer_a(uint64_t value, long argument) { return (long)value * 16 + argument + 1; }
long answer_b(uint64_t value, long argument) { return (long)value * 16 + argument + 2; }

static long answer(const struct trampfd_record *record, long argument,
                   long (*how)(uint64_t, long)) {
  struct payload got = snapshot(record);
  return got.twin == ~got.value ? how(got.value, argument) : TORN;
}

__attribute__((used)) long handler_a_c(const struct trampfd_record *record, long argument) {
  return answer(record, argument, answer_a);
}
__attribute__((used)) long handler_b_c(const struct trampfd_record *record, long argument) {
  return answer(record, argument, answer_b);
}
__attribute__((used)) long handler_c_c(const struct trampfd_record *record, long argument) {
  (void)record;
  return argument;
}

/* ---- objects, tables, records ---- */

struct trampfd_info info;

int open_device(void) { return open(DEVICE, O_RDWR | O_CLOEXEC); }

int set_pcs(int fd, unsigned count, const uint64_t *pcs) {
  struct {
    struct trampfd_pcs head;
    uint64_t pcs[64];
  } list = {.head = {.npcs = count}};
  memcpy(list.pcs, pcs, count * sizeof *pcs);
  ssize_t size = sizeof list.head + count * sizeof *pcs;
  return pwrite(fd, &list, size, TRAMPFD_CONTROL_OFFSET) == size ? 0 : -1;
}

int open_object(void) {
  const uint64_t pcs[] = {(uintptr_t)handler_a, (uintptr_t)handler_b};
  int fd = open_device();
  if (fd < 0) die("open " DEVICE);
  if (pread(fd, &info, sizeof info, TRAMPFD_CONTROL_OFFSET) != sizeof info) die("pread info");
  if (set_pcs(fd, 2, pcs)) die("allowed PCs");
  return fd;
}

size_t table_size(void) { return info.code_size + info.records_size; }

off_t code_offset(unsigned table) { return (off_t)table * info.table_stride; }

off_t record_offset(unsigned table, unsigned slot) {
  return code_offset(table) + info.code_size + slot * info.record_size;
}

struct table map_table(int fd, unsigned number) {
  struct table table = {.fd = fd, .number = number};
  table.code = mmap(NULL, table_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (table.code == MAP_FAILED) die("reserve a table");
  table.records = table.code + info.code_size;
  if (mmap(table.records, info.records_size, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
           record_offset(number, 0)) == MAP_FAILED)
    die("map records");
  if (mmap(table.code, info.code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd,
           code_offset(number)) == MAP_FAILED)
    die("map code");
  return table;
}

void unmap_table(struct table *table) {
  if (munmap(table->code, table_size())) die("munmap a table");
  table->code = table->records = NULL;
}

struct trampfd_record make_record(void (*pc)(void), uint64_t value) {
  struct payload payload = {.value = value, .twin = ~value};
  struct trampfd_record record = {.pc = (uintptr_t)pc};
  _Static_assert(sizeof payload == sizeof record.data, "a payload fills the record");
  if (pc) memcpy(record.data, &payload, sizeof payload);
  return record;
}

int set_record(const struct table *table, unsigned slot, void (*pc)(void), uint64_t value) {
  struct trampfd_record record = make_record(pc, value);
  ssize_t done = pwrite(table->fd, &record, sizeof record, record_offset(table->number, slot));
  return done == sizeof record ? 0 : -1;
}

Slot slot_at(const struct table *table, unsigned slot) {
  return (Slot)(uintptr_t)(table->code + slot * info.slot_size);
}

const struct trampfd_record *record_at(const struct table *table, unsigned slot) {
  return (const struct trampfd_record *)(table->records + slot * info.record_size);
}

void set_parameter(const char *name, unsigned value) {
  char path[100], text[20];
  snprintf(path, sizeof path, "/sys/module/trampfd/parameters/%s", name);
  int fd = open(path, O_WRONLY), length = snprintf(text, sizeof text, "%u", value);
  if (fd < 0 || write(fd, text, length) != length) die(path);
  close(fd);
}
