/* SPDX-License-Identifier: MIT */
/* Every way of misusing the descriptor that ends in a plain error. */
#include "harness.h"

#include <sys/uio.h>

static uint64_t pcs[64];

static long write_at(int fd, const void *bytes, size_t count, off_t offset) {
  return pwrite(fd, bytes, count, offset);
}

static void info_misuse(int fd) {
  char buffer[256];
  check_errno(pread(fd, buffer, 0, 0), EINVAL, "info: no bytes");
  check_errno(pread(fd, buffer, 63, 0), EINVAL, "info: one byte too few");
  check_errno(pread(fd, buffer, 65, 0), EINVAL, "info: one byte too many");
  check_errno(pread(fd, buffer, sizeof(struct trampfd_info), 64), EINVAL, "info: elsewhere");
  check_errno(pread(fd, (void *)8, sizeof(struct trampfd_info), 0), EFAULT, "info: bad pointer");

  memset(buffer, 0xa5, sizeof buffer);
  struct trampfd_info got;
  bool whole = pread(fd, buffer, sizeof got, 0) == sizeof got;
  memcpy(&got, buffer, sizeof got);
  info = got;
  check(whole && buffer[sizeof got] == (char)0xa5, "info: read whole and no further");
  check(got.size == sizeof got && got.version == TRAMPFD_VERSION && got.flags == 0,
        "info: size, version, flags");
  check(got.reserved == 0, "info: the reserved word is 0");
  check(got.slots >= 1000 && got.slots * got.slot_size <= got.code_size && got.slot_size <= 32,
        "info: a thousand slots, of 32 bytes at most");
  check(got.record_size == sizeof(struct trampfd_record) &&
            got.slots * got.record_size <= got.records_size &&
            got.code_size + got.records_size <= got.table_stride,
        "info: as many records, and tables that do not overlap");
  check(got.data_offset == offsetof(struct trampfd_record, data) &&
            got.data_size == TRAMPFD_DATA_SIZE &&
            got.pc_offset == offsetof(struct trampfd_record, pc),
        "info: layout of a record");
  check(got.max_pcs == TRAMPFD_MAX_PCS && got.max_tables > 0, "info: limits");
}

static void pcs_misuse(int fd) {
  struct {
    struct trampfd_pcs head;
    uint64_t pcs[TRAMPFD_MAX_PCS + 1];
  } list = {.head.npcs = 1, .pcs = {(uintptr_t)handler_a}};

  check_errno(write_at(fd, &list, 0, 0), EINVAL, "pcs: no bytes");
  check_errno(write_at(fd, &list, 7, 0), EINVAL, "pcs: half a header");
  check_errno(write_at(fd, &list, 8, 0), EINVAL, "pcs: a header alone");
  check_errno(write_at(fd, &list, 15, 0), EINVAL, "pcs: one byte too few");
  check_errno(write_at(fd, &list, 17, 0), EINVAL, "pcs: one byte too many");
  check_errno(write_at(fd, &list, sizeof list, 0), EINVAL, "pcs: longer than any list");
  check_errno(write_at(fd, (void *)8, 16, 0), EFAULT, "pcs: bad pointer");
  list.head.npcs = 0;
  check_errno(write_at(fd, &list, 8, 0), EINVAL, "pcs: an empty list");
  check_errno(write_at(fd, &list, 16, 0), EINVAL, "pcs: count 0, one PC");
  list.head.npcs = 2;
  check_errno(write_at(fd, &list, 16, 0), EINVAL, "pcs: count 2, one PC");
  list.head.npcs = TRAMPFD_MAX_PCS + 1;
  check_errno(write_at(fd, &list, 8 + 8 * (TRAMPFD_MAX_PCS + 1), 0), EINVAL, "pcs: 17 of them");
  list.head.npcs = 0xffffffff;
  check_errno(write_at(fd, &list, 8 + 8 * TRAMPFD_MAX_PCS, 0), EINVAL, "pcs: a huge count");
  list.head.npcs = 0x20000001; /* times 8 is 8 in 32 bits */
  check_errno(write_at(fd, &list, 16, 0), EINVAL, "pcs: a count that overflows");
  list.head.npcs = 1;
  list.head.unset = 2;
  check_errno(write_at(fd, &list, 16, 0), EINVAL, "pcs: unset slots go behind the list");
  list.head.unset = 0;

  uint64_t target = 0;
  check_errno(set_pcs(fd, 1, &target), EACCES, "pcs: NULL");
  target = 0x10;
  check_errno(set_pcs(fd, 1, &target), EACCES, "pcs: unmapped");
  target = (uintptr_t)&list;
  check_errno(set_pcs(fd, 1, &target), EACCES, "pcs: on the stack");
  target = (uintptr_t)pcs;
  check_errno(set_pcs(fd, 1, &target), EACCES, "pcs: in data");
  target = 0xffffffff81000000;
  check_errno(set_pcs(fd, 1, &target), EACCES, "pcs: a kernel address");
  target = 0x8000000000000000 | (uintptr_t)handler_a;
  check_errno(set_pcs(fd, 1, &target), EACCES, "pcs: a non-canonical address");
  target = (uintptr_t)handler_a | 0x100000000000000;
  check_errno(set_pcs(fd, 1, &target), EACCES, "pcs: right in its low bits only");
  uint64_t mixed[] = {(uintptr_t)handler_a, (uintptr_t)pcs};
  check_errno(set_pcs(fd, 2, mixed), EACCES, "pcs: one good, one bad");
  void *rwx =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  target = (uintptr_t)rwx;
  check_errno(set_pcs(fd, 1, &target), EACCES, "pcs: in writable code");
}

static void before_pcs(int fd) {
  struct trampfd_record record = make_record(handler_a, 1);
  check_errno(write_at(fd, &record, 64, record_offset(0, 0)), EACCES, "a record before the PCs");
  check_errno((long)mmap(NULL, info.records_size, PROT_READ, MAP_SHARED, fd, record_offset(0, 0)),
              EACCES, "mmap of records before the PCs");
  check_errno((long)mmap(NULL, info.code_size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0), EACCES,
              "mmap of code before the PCs");
}

/* What names a table by its address: with another object than the table's, and with the table's own. */
static void by_address(const struct table *table) {
  int stranger = open_device();
  struct trampfd_set set = {.code = (uintptr_t)table->code, .record = make_record(handler_a, 1)};
  const struct trampfd_adopt adopt = {.code = set.code, .table = 7};
  const uint64_t slot[] = {set.code};

  check_errno(set_pcs(stranger, 1, slot), EACCES, "pcs: a slot");
  check_errno(ioctl(stranger, TRAMPFD_SET, &set), EACCES, "set: by an object without PCs");
  check_errno(ioctl(stranger, TRAMPFD_ADOPT, &adopt), EACCES, "adopt: by an object without PCs");
  close(stranger);
  check_errno(ioctl(table->fd, TRAMPFD_SET, &set), 0, "set: by the table's own object");
  set.slot = info.slots;
  check_errno(ioctl(table->fd, TRAMPFD_SET, &set), EINVAL, "set: behind the last slot");
  set.slot = 0, set.code += 4096;
  check_errno(ioctl(table->fd, TRAMPFD_SET, &set), ENXIO, "set: inside a table");
  set.code = (uintptr_t)table->records;
  check_errno(ioctl(table->fd, TRAMPFD_SET, &set), ENXIO, "set: where records start");
}

static void records_misuse(void) {
  int fd = open_object();
  struct trampfd_record many[4];
  for (int i = 0; i < 4; i++) many[i] = make_record(handler_a, i);
  const uint64_t again[] = {(uintptr_t)handler_a, (uintptr_t)handler_b};
  const uint64_t other[] = {(uintptr_t)handler_c};

  check_errno(set_pcs(fd, 2, again), EBUSY, "pcs: the same again");
  check_errno(set_pcs(fd, 1, other), EBUSY, "pcs: others afterwards");
  int second = open_device();
  check_errno(set_pcs(second, 1, other), EPERM, "pcs: another list by a second object");
  check(set_pcs(second, 2, again) == 0, "pcs: the same list by a second object");
  close(second);

  off_t at = record_offset(0, 0);
  check_errno(write_at(fd, many, 64, at), ENXIO, "record: table not mapped");
  struct table table = map_table(fd, 0);
  check_errno(set_pcs(fd, 2, again), EBUSY, "pcs: after mapping");
  by_address(&table);
  check_errno(write_at(fd, many, 0, at), EINVAL, "record: no bytes");
  check_errno(write_at(fd, many, 63, at), EINVAL, "record: one byte too few");
  check_errno(write_at(fd, many, 65, at), EINVAL, "record: one byte too many");
  check_errno(write_at(fd, many, 64, at + 1), EINVAL, "record: unaligned offset");
  check_errno(write_at(fd, many, 64, at + 32), EINVAL, "record: half a slot off");
  check_errno(write_at(fd, many, 64, 64), EINVAL, "record: into the code");
  check_errno(write_at(fd, many, 64, at - 64), EINVAL, "record: into the code's last slot");
  check_errno(write_at(fd, many, 128, record_offset(0, info.slots - 1)), EINVAL,
              "record: over the end");
  check_errno(write_at(fd, many, 64, record_offset(0, info.slots)), EINVAL, "record: of the tail");
  check_errno(write_at(fd, many, 64, code_offset(1) - 64), EINVAL, "record: between two tables");
  check_errno(write_at(fd, many, 0x7ffff000, at), EINVAL, "record: huge size");
  check_errno(write_at(fd, many, 64, record_offset(info.max_tables, 0)), EINVAL,
              "record: table number too large");
  check_errno(write_at(fd, many, 64, (off_t)(((uint64_t)1 << 62) + info.code_size)), EINVAL,
              "record: enormous offset");
  check_errno(write_at(fd, many, 64, -(off_t)info.table_stride + info.code_size), EINVAL,
              "record: negative offset");
  check_errno(write_at(fd, many, 64, record_offset(1, 0)), ENXIO, "record: another table");
  check_errno(write_at(fd, (void *)8, 64, at), EFAULT, "record: bad pointer");

  struct trampfd_record bad = make_record(handler_c, 1);
  check_errno(write_at(fd, &bad, 64, at), EACCES, "record: a PC not on the list");
  bad = make_record(handler_a, 1), bad.pc++;
  check_errno(write_at(fd, &bad, 64, at), EACCES, "record: one byte behind a PC");
  bad = make_record(handler_a, 1), bad.pc |= (uint64_t)1 << 32;
  check(write_at(fd, &bad, 64, at) == -1 && errno == EACCES, "record: PC with high bits");
  bad = make_record(handler_a, 1), bad.seq = 2;
  check_errno(write_at(fd, &bad, 64, at), EINVAL, "record: seq set");
  bad = make_record(handler_a, 1), bad.reserved = 1;
  check_errno(write_at(fd, &bad, 64, at), EINVAL, "record: reserved word set");
  bad = make_record(handler_a, 1), bad.pc = 0;
  check_errno(write_at(fd, &bad, 64, at), EINVAL, "record: data without a PC");

  many[2].pc = (uintptr_t)handler_c;
  check(write_at(fd, many, sizeof many, at) == 128, "records: written up to the bad one");
  check(slot_at(&table, 1)(5) == answer_a(1, 5) && record_at(&table, 2)->seq == 0 &&
            record_at(&table, 3)->seq == 0,
        "records: none behind it");
  /* A page that ends in the middle of a batch of records. */
  const size_t page = sysconf(_SC_PAGESIZE);
  char *edge = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(edge + page, page);
  struct trampfd_record *last = (struct trampfd_record *)(edge + page) - 8;
  for (int i = 0; i < 8; i++) last[i] = make_record(handler_b, i);
  long done = write_at(fd, last, 16 * 64, at);
  check(done == 8 * 64, "records: stop where memory ends (%ld)", done);
  check(set_record(&table, 0, NULL, 0) == 0, "record: unset");

  struct iovec parts[] = {{&many[0], 64}, {&many[1], 64}};
  check(
      pwritev(fd, parts, 2, record_offset(0, 8)) == 128 && slot_at(&table, 9)(0) == answer_a(1, 0),
      "records: pwritev");
  munmap(table.records, info.records_size);
  const struct trampfd_adopt adopt = {.code = (uintptr_t)table.code, .table = 1};
  check_errno(ioctl(fd, TRAMPFD_ADOPT, &adopt), ENXIO, "adopt: a table without its records");
  unmap_table(&table);
  check_errno(write_at(fd, many, 64, at), ENXIO, "record: table unmapped again");
  close(fd);
}

static void other_calls(int fd) {
  char byte = 0;
  check_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "lseek");
  check_errno(ftruncate(fd, 4096), EINVAL, "ftruncate");
  check_errno(syscall(SYS_ioctl, fd, 0, 0), ENOTTY, "ioctl: number 0");
  check_errno(syscall(SYS_ioctl, fd, 0xffffffff, 0), ENOTTY, "ioctl: number ~0");
  check_errno(ioctl(fd, TRAMPFD_ADOPT, 8), EFAULT, "adopt: bad pointer");
  struct trampfd_adopt adopt = {.code = (uintptr_t)&byte};
  check_errno(ioctl(fd, TRAMPFD_ADOPT, &adopt), ENXIO, "adopt: not a table");
  adopt.code = 0;
  check_errno(ioctl(fd, TRAMPFD_ADOPT, &adopt), ENXIO, "adopt: NULL");
  adopt.code = ~(uint64_t)0;
  check_errno(ioctl(fd, TRAMPFD_ADOPT, &adopt), ENXIO, "adopt: the last address");
  adopt.reserved = 1;
  check_errno(ioctl(fd, TRAMPFD_ADOPT, &adopt), EINVAL, "adopt: reserved word set");
  adopt.reserved = 0, adopt.table = 0xffffffff;
  check_errno(ioctl(fd, TRAMPFD_ADOPT, &adopt), EINVAL, "adopt: table number too large");
  check_errno(fsync(fd), EINVAL, "fsync");

  int reader = open(DEVICE, O_RDONLY | O_CLOEXEC);
  check_errno(pwrite(reader, &byte, 1, 0), EBADF, "a read-only descriptor: pwrite");
  close(reader);
}

int main(void) {
  int fd = open_device();
  if (fd < 0) die("open " DEVICE);
  info_misuse(fd);
  before_pcs(fd);
  pcs_misuse(fd);
  other_calls(fd);
  close(fd);
  records_misuse();
  return finish();
}
