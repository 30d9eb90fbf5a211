/* SPDX-License-Identifier: MIT */
/* Slots do what their records say: geometry, traps, updates, many tables, lost descriptors. */
#include "harness.h"

#if defined __aarch64__
static const unsigned char trap[] = {0, 0, 0x20, 0xd4};
#else
static const unsigned char trap[] = {0xcc};
#endif

static int call_slot(void *slot) {
  ((Slot)(uintptr_t)slot)(0);
  return 0;
}

/* Prints nothing; ends by the signal that the trap raises, with the slot's address checked. */
static void *trapped_at;
static void on_trap(int signal, siginfo_t *how, void *context) {
  (void)how, (void)context;
  static const char text[] = "# trap\n";
  if (write(1, text, sizeof text - 1) < 0) _exit(1);
  _exit(signal == SIGTRAP ? 0 : 1);
}
static int call_and_catch(void *slot) {
  struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &action, NULL);
  trapped_at = slot;
  call_slot(slot);
  return 2;
}

/* Leaves the kernel with pages of its own that have something in them. */
static void soil_memory(void) {
  static char dirt[1 << 16];
  memset(dirt, 0xa5, sizeof dirt);
  int ends[64][2];
  for (int i = 0; i < 64; i++)
    if (pipe(ends[i]) || write(ends[i][1], dirt, sizeof dirt) != sizeof dirt) die("fill a pipe");
  for (int i = 0; i < 64; i++) close(ends[i][0]), close(ends[i][1]);
}

static void one_table(int fd) {
  soil_memory();
  struct table table = map_table(fd, 0);
  unsigned wrong = 0;

  check((char *)record_at(&table, 0) == table.code + info.code_size, "records lie behind the code");
  check_ends(call_slot, slot_at(&table, 0), SIGTRAP, "an unset slot traps");
  check_ends(call_slot, slot_at(&table, info.slots - 1), SIGTRAP, "so does the last one");
  check_ends(call_and_catch, slot_at(&table, 5), 0, "the trap can be caught");
  const uint64_t tail = (uintptr_t)slot_at(&table, info.slots);
  for (unsigned i = 0; i < info.slots; i++)
    wrong += record_at(&table, i)->seq != 0 || record_at(&table, i)->pc < tail ||
             record_at(&table, i)->pc >= (uintptr_t)table.records;
  check(wrong == 0, "every unset record leads to a trap of the table");
  const struct trampfd_record unset = {.pc = record_at(&table, 0)->pc};
  for (unsigned at = 0; at < info.records_size; at += sizeof unset)
    wrong += memcmp(table.records + at, &unset, sizeof unset) != 0;
  check(wrong == 0, "and holds nothing else, nor do those behind the last");
  for (const char *at = (char *)(uintptr_t)unset.pc; at < table.records; at += sizeof trap)
    wrong += memcmp(at, trap, sizeof trap) != 0;
  check(wrong == 0, "from that trap on all code is traps");

  for (unsigned i = 0; i < info.slots; i++)
    wrong += set_record(&table, i, i % 2 ? handler_b : handler_a, i) != 0;
  for (unsigned i = 0; i < info.slots; i++)
    wrong += slot_at(&table, i)(i) != (i % 2 ? answer_b : answer_a)(i, i);
  check(wrong == 0, "every slot its record, every call its answer");
  for (unsigned i = 0; i < info.slots; i++) {
    struct trampfd_record wanted = make_record(i % 2 ? handler_b : handler_a, i);
    wanted.seq = 2;
    wrong += memcmp(&wanted, record_at(&table, i), sizeof wanted) != 0;
  }
  check(wrong == 0, "records in memory are those written, seq apart");
  struct table second = map_table(fd, 1);
  check(memcmp(table.code, second.code, info.code_size) == 0, "every table has the same code");
  unmap_table(&second);

  set_record(&table, 3, handler_b, 77);
  check(slot_at(&table, 3)(1) == answer_b(77, 1) && record_at(&table, 3)->seq == 4,
        "a record can be replaced");
  set_record(&table, 3, NULL, 0);
  check_ends(call_slot, slot_at(&table, 3), SIGTRAP, "and unset");
  struct payload zero = {0};
  check(memcmp(record_at(&table, 3)->data, &zero, sizeof zero) == 0, "which clears its data");
  set_record(&table, 3, handler_a, 78);
  check(slot_at(&table, 3)(1) == answer_a(78, 1), "and set again");
  check(slot_at(&table, 2)(1) == answer_a(2, 1) && slot_at(&table, 4)(1) == answer_a(4, 1),
        "its neighbours have not moved");

  struct trampfd_record *all = calloc(info.slots, sizeof *all);
  for (unsigned i = 0; i < info.slots; i++) all[i] = make_record(handler_b, i + 5000);
  check(pwrite(fd, all, info.slots * sizeof *all, record_offset(0, 0)) ==
            (ssize_t)(info.slots * sizeof *all),
        "a whole table in one write");
  for (unsigned i = 0; i < info.slots; i++) wrong += slot_at(&table, i)(9) != answer_b(i + 5000, 9);
  check(wrong == 0, "and all of it right");
  free(all);
  unmap_table(&table);
}

/* Pages are made when a record needs one: a closure costs a page, not a table. */
static long resident(const char *at) {
  char line[200], wanted[40];
  long kilobytes = -1;
  bool in = false;
  snprintf(wanted, sizeof wanted, "%lx-", (unsigned long)at);
  FILE *maps = fopen("/proc/self/smaps", "r");
  while (fgets(line, sizeof line, maps)) {
    if (strstr(line, wanted) == line) in = true;
    if (in && sscanf(line, "Rss: %ld kB", &kilobytes) == 1) break;
  }
  fclose(maps);
  return kilobytes;
}

static void memory(int fd) {
  long page = sysconf(_SC_PAGESIZE) / 1024;
  struct table table = map_table(fd, 0);
  check(resident(table.code) == 0 && resident(table.records) == 0, "a new table takes no memory");
  set_record(&table, 0, handler_a, 1);
  slot_at(&table, 0)(0);
  for (unsigned i = 1; i < (unsigned)page * 1024 / info.record_size && i < info.slots; i++)
    set_record(&table, i, handler_a, i), slot_at(&table, i)(0);
  check(resident(table.records) == page && resident(table.code) <= 2 * page,
        "a page of closures takes one page of records; code is everybody's");
  unmap_table(&table);
}

static void many_tables(int fd) {
  enum { COUNT = 40 };
  struct table tables[COUNT];
  unsigned wrong = 0;
  for (unsigned t = 0; t < COUNT; t++) tables[t] = map_table(fd, t * 100);
  for (unsigned t = 0; t < COUNT; t++) wrong += set_record(&tables[t], t, handler_a, t) != 0;
  for (unsigned t = 0; t < COUNT; t++) wrong += slot_at(&tables[t], t)(1) != answer_a(t, 1);
  check(wrong == 0, "40 tables of one object keep apart");
  char line[100];
  int tables_seen = 0, pcs_seen = 0, isa_seen = 0;
  snprintf(line, sizeof line, "/proc/self/fdinfo/%d", fd);
  FILE *fdinfo = fopen(line, "r");
  while (fgets(line, sizeof line, fdinfo)) {
    sscanf(line, "trampfd-tables: %d", &tables_seen);
    sscanf(line, "trampfd-pcs: %d", &pcs_seen);
    sscanf(line, "trampfd-isa: %d", &isa_seen);
  }
  fclose(fdinfo);
  check(tables_seen == COUNT && pcs_seen == 2 && isa_seen == (int)info.isa, "fdinfo counts them");
  for (unsigned t = 0; t < COUNT; t++) unmap_table(&tables[t]);

  int other = open_object();
  struct table mine = map_table(fd, 0), theirs = map_table(other, 0);
  set_record(&mine, 0, handler_a, 1), set_record(&theirs, 0, handler_b, 2);
  check(slot_at(&mine, 0)(0) == answer_a(1, 0) && slot_at(&theirs, 0)(0) == answer_b(2, 0),
        "table 0 of two objects are two tables");
  unmap_table(&mine), unmap_table(&theirs);
  close(other);
}

static void lost_descriptor(void) {
  int fd = open_object();
  struct table table = map_table(fd, 0);
  set_record(&table, 1, handler_a, 11);
  close(fd);
  check(slot_at(&table, 1)(2) == answer_a(11, 2), "called after its descriptor was closed");
  int null = open("/dev/null", O_RDWR);
  check(null == fd && slot_at(&table, 1)(2) == answer_a(11, 2), "and after its number was reused");
  close(null);

  struct trampfd_adopt adopt = {.code = (uintptr_t)table.code, .table = 6};
  int fresh = open_device();
  check_errno(ioctl(fresh, TRAMPFD_ADOPT, &adopt), EACCES, "adopt: before the PCs");
  const uint64_t pcs[] = {(uintptr_t)handler_a, (uintptr_t)handler_b};
  set_pcs(fresh, 2, pcs);
  adopt.code++;
  check_errno(ioctl(fresh, TRAMPFD_ADOPT, &adopt), ENXIO, "adopt: inside the code");
  adopt.code = (uintptr_t)table.records;
  check_errno(ioctl(fresh, TRAMPFD_ADOPT, &adopt), ENXIO, "adopt: the records");
  adopt.code = (uintptr_t)table.code;
  check_errno(ioctl(fresh, TRAMPFD_ADOPT, &adopt), 0, "adopt: the table");
  check_errno(ioctl(fresh, TRAMPFD_ADOPT, &adopt), EBUSY, "adopt: a number in use");
  table.fd = fresh, table.number = 6;
  check(set_record(&table, 1, handler_b, 12) == 0 && slot_at(&table, 1)(2) == answer_b(12, 2),
        "an adopted table can be written");
  check(set_record(&table, 2, handler_c, 12) == -1 && errno == EACCES,
        "and keeps to the same PCs");
  unmap_table(&table);
  check_errno(set_record(&table, 1, handler_b, 12), ENXIO, "until it is unmapped");
  close(fresh);
}

/* A list may name the place where slots go that are not set. */
static void unset_handler(void) {
  const struct {
    struct trampfd_pcs head;
    uint64_t pcs[2];
  } list = {{.npcs = 2, .unset = 2}, {(uintptr_t)handler_a, (uintptr_t)handler_c}};
  int fd = open_device();
  if (pwrite(fd, &list, sizeof list, TRAMPFD_CONTROL_OFFSET) != sizeof list) die("pcs with unset");
  struct table table = map_table(fd, 0);
  check(slot_at(&table, 4)(44) == 44, "unset slots go where the list says");
  set_record(&table, 4, handler_a, 4);
  check(slot_at(&table, 4)(44) == answer_a(4, 44), "set ones do not");
  set_record(&table, 4, NULL, 0);
  check(slot_at(&table, 4)(45) == 45, "unset again they do");
  unmap_table(&table);
  close(fd);
}

int main(void) {
  int fd = open_object();
  one_table(fd);
  memory(fd);
  many_tables(fd);
  close(fd);
  lost_descriptor();
  unset_handler();
  return finish();
}
