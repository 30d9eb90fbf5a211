/* SPDX-License-Identifier: MIT */
/* Trampolines for a process that SELinux, enforcing, denies execmem and execmod. */
#include "harness.h"

#include <sys/mount.h>
#include <sys/xattr.h>

static bool write_file(const char *path, const void *bytes, size_t size) {
  int fd = open(path, O_WRONLY);
  bool ok = fd >= 0 && write(fd, bytes, size) == (ssize_t)size;
  close(fd);
  return ok;
}

static bool load_policy(const char *path) {
  static char policy[1 << 16];
  int fd = open(path, O_RDONLY);
  ssize_t size = read(fd, policy, sizeof policy);
  close(fd);
  return size > 0 && write_file("/sys/fs/selinux/load", policy, size);
}

static bool confine(void) {
  static const char context[] = "system_u:system_r:confined_t:s0";
  return write_file("/proc/self/attr/current", context, sizeof context - 1);
}

static long anonymous(int prot) {
  return (long)mmap(NULL, 65536, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Exit status 0: everything as @map_code (an errno, or 0) has it. */
static int confined(void *map_code) {
  if (!confine()) return 1;
  if (anonymous(PROT_READ | PROT_WRITE | PROT_EXEC) != -1 || errno != EACCES) return 2;
  if (anonymous(PROT_READ | PROT_EXEC) != -1 || errno != EACCES) return 3;
  int fd = open_object();
  char *at = mmap(NULL, table_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct table table = {.fd = fd, .number = 0, .code = at, .records = at + info.code_size};
  if (mmap(table.records, info.records_size, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
           record_offset(0, 0)) == MAP_FAILED)
    return 4;
  void *code = mmap(table.code, info.code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED,
                    fd, code_offset(0));
  int got = code == MAP_FAILED ? errno : 0;
  if (got != (intptr_t)map_code) return 5;
  if (code == MAP_FAILED) return 0;
  if (set_record(&table, 3, handler_a, 4)) return 6;
  if (slot_at(&table, 3)(5) != answer_a(4, 5)) return 7;
  return 0;
}

int main(void) {
  if (mount("selinuxfs", "/sys/fs/selinux", "selinuxfs", 0, NULL)) die("mount selinuxfs");
  check(load_policy("/tests/without.policy"), "a policy without the module loads");
  check(write_file("/sys/fs/selinux/enforce", "1", 1), "and is enforced");
  check_ends(confined, (void *)EACCES, 0, "execmem denied, module missing: code cannot be mapped");
  check(load_policy("/tests/with.policy"), "a policy with the module loads");
  check_ends(confined, (void *)EACCES, 0, "device not labelled: code cannot be mapped");
  static const char label[] = "system_u:object_r:trampfd_device_t:s0";
  check_errno(lsetxattr(DEVICE, "security.selinux", label, sizeof label, 0), 0,
              "the device gets its label");
  check_ends(confined, (void *)0, 0, "execmem denied, device labelled: trampolines run");
  check(write_file("/sys/fs/selinux/booleans/domain_use_trampfd", "0", 1) &&
            write_file("/sys/fs/selinux/commit_pending_bools", "1", 1),
        "the boolean can be turned off");
  check_ends(confined, (void *)EACCES, 0, "which denies the code again");
  check(write_file("/sys/fs/selinux/enforce", "0", 1), "permissive again");
  umount("/sys/fs/selinux");
  return finish();
}
