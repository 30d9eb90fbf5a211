/* SPDX-License-Identifier: MIT */
/* What the driver allocates for a process is charged to its memory cgroup. */
#include "harness.h"

#include <sys/mount.h>
#include <sys/stat.h>

#define GROUPS "/tmp/cgroup"

static void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) die(path);
  close(fd);
}

/* A line of this process's group's memory.stat, in bytes. */
static long charged(const char *what) {
  char name[40];
  long value, found = -1;
  FILE *file = fopen(GROUPS "/a/memory.stat", "r");
  while (file && found < 0 && fscanf(file, "%39s %ld", name, &value) == 2)
    if (!strcmp(name, what)) found = value;
  if (found < 0) die(what);
  fclose(file);
  return found;
}

enum { TABLES = 64 };
static struct table tables[TABLES];

static void map_tables(int fd, unsigned apart) {
  for (unsigned t = 0; t < TABLES; t++) tables[t] = map_table(fd, t * apart);
}
static void unmap_tables(void) {
  for (unsigned t = 0; t < TABLES; t++) unmap_table(&tables[t]);
}

/* Sets a record on each page of all tables; the bytes that they take, as far as that succeeds. */
static long fill(void) {
  const long page = sysconf(_SC_PAGESIZE);
  long bytes = 0;
  for (unsigned t = 0; t < TABLES; t++)
    for (unsigned slot = 0; slot < info.slots; slot += page / info.record_size)
      bytes += set_record(&tables[t], slot, handler_a, slot) == 0 ? page : 0;
  return bytes;
}

static void pages(void) {
  int fd = open_object();
  map_tables(fd, 1);
  const long before = charged("kernel"), size = fill(), after = charged("kernel");
  printf("# %ld bytes of records; charged %ld, then %ld\n", size, before, after);
  check(size == (long)TABLES * info.records_size && after - before >= size, "records are charged");
  unmap_tables();
  check(charged("kernel") - before < size / 16, "and no longer when they are unmapped");
  close(fd);
}

/* What the index of some objects takes, whose tables have numbers that lie so far apart. */
static long index_of(unsigned apart) {
  enum { OBJECTS = 8 };
  const long before = charged("slab_reclaimable");
  int fds[OBJECTS];
  for (unsigned i = 0; i < OBJECTS; i++) {
    fds[i] = open_object();
    map_tables(fds[i], apart);
    unmap_tables();
  }
  const long taken = charged("slab_reclaimable") - before;
  for (unsigned i = 0; i < OBJECTS; i++) close(fds[i]);
  return taken;
}

static int takes_too_much(void *unused) {
  (void)unused;
  write_file(GROUPS "/b/cgroup.procs", "0");
  map_tables(open_object(), 1);
  return fill() == (long)TABLES * info.records_size;
}

int main(void) {
  if (mkdir(GROUPS, 0700) || mount("cgroup2", GROUPS, "cgroup2", 0, NULL)) die("mount cgroup2");
  write_file(GROUPS "/cgroup.subtree_control", "+memory");
  if (mkdir(GROUPS "/a", 0700) || mkdir(GROUPS "/b", 0700)) die("make groups");
  write_file(GROUPS "/b/memory.max", "2M");
  write_file(GROUPS "/a/cgroup.procs", "0");
  pages();
  const long dense = index_of(1), sparse = index_of(64);
  check(sparse - dense > 100000, "the index of an object's tables is charged (%ld, %ld)", dense,
        sparse);
  /* The write that asks for it fails, or the group's killer comes: the kernel's choice. */
  int status = run_child(takes_too_much, NULL);
  check(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL),
        "a group cannot have more than it may (%#x)", status);
  return finish();
}
