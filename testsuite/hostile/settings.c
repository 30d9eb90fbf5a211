/* SPDX-License-Identifier: MIT */
/* The hostile settings, each a function that changes the world of the process it runs in. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif

static const char *no(const char *what)
{
  static char text[120];
  snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
  return text;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *install_filter(const struct rule *rules, size_t count)
{
  static struct sock_filter code[160];
  unsigned short at = 0;
  for (size_t i = 0; i < count; i++) {
    const struct rule *rule = &rules[i];
    const unsigned low = (unsigned)offsetof(struct seccomp_data, args) + 8 * (unsigned)rule->argument;
    const unsigned skip = rule->mask ? 3 : 1;
    code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)rule->number, 0, (unsigned char)(skip + (rule->equal != 0)));
    if (rule->mask) {
      code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low);
      if (rule->equal)
        code[at++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule->mask);
      code[at++] = rule->equal ? (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->equal, 0, 1)
                               : (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, rule->mask, 0, 1);
    }
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)rule->error);
  }
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {at, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    return no("seccomp");
  return NULL;
}
#define FILTER(...) \
  do { \
    static const struct rule rules[] = {__VA_ARGS__}; \
    return install_filter(rules, COUNT(rules)); \
  } while (0)

#define NO_OPEN \
  {SYS_openat, 0, 0, 0, EPERM}, {SYS_openat2, 0, 0, 0, EPERM}
#ifdef SYS_open
#define NO_OLD_OPEN {SYS_open, 0, 0, 0, EPERM},
#else
#define NO_OLD_OPEN
#endif
#ifdef SYS_mmap2
#define MMAP SYS_mmap2
#else
#define MMAP SYS_mmap
#endif
#define NO_MEMFD {SYS_memfd_create, 0, 0, 0, EPERM}
#define NO_WRITE_AND_EXECUTE {MMAP, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC, EPERM}
#define NO_EXECUTABLE_MAP {MMAP, 2, PROT_EXEC, 0, EPERM}
#define NO_GAIN {SYS_mprotect, 2, PROT_EXEC, 0, EPERM}, {SYS_pkey_mprotect, 2, PROT_EXEC, 0, EPERM}

static const char *nothing(const struct files *files)
{
  (void)files;
  return NULL;
}

static const char *mdwe(const struct files *files)
{
  (void)files;
  return prctl(PR_SET_MDWE, 1, 0, 0, 0) == 0 ? NULL : no("PR_SET_MDWE");
}

/* What systemd's MemoryDenyWriteExecute= installs, in its documentation's words: no memory that is writable and executable at
   once, none that becomes executable, no executable shared memory segments. */
static const char *systemd(const struct files *files)
{
  (void)files;
#ifdef SYS_shmat
  FILTER(NO_WRITE_AND_EXECUTE, NO_GAIN, {SYS_shmat, 2, 0100000, 0, EPERM});
#else
  FILTER(NO_WRITE_AND_EXECUTE, NO_GAIN);
#endif
}

static const char *systemd_no_memfd(const struct files *files)
{
  (void)files;
  FILTER(NO_WRITE_AND_EXECUTE, NO_GAIN, NO_MEMFD);
}

/* A sandbox that the program enters once it has what it needs. */
static const char *sandbox(const struct files *files)
{
  (void)files;
  FILTER(NO_OLD_OPEN NO_OPEN, NO_MEMFD, NO_EXECUTABLE_MAP, NO_GAIN);
}

static const char *sandbox_no_mremap(const struct files *files)
{
  (void)files;
  FILTER(NO_OLD_OPEN NO_OPEN, NO_MEMFD, NO_EXECUTABLE_MAP, NO_GAIN, {SYS_mremap, 0, 0, 0, EPERM});
}

static const char *no_mprotect(const struct files *files)
{
  (void)files;
  FILTER({SYS_mprotect, 0, 0, 0, EPERM}, {SYS_pkey_mprotect, 0, 0, 0, EPERM});
}

static const char *no_mmap(const struct files *files)
{
  (void)files;
  FILTER({MMAP, 0, 0, 0, ENOMEM});
}

/* Filters of programs that are older than these calls say ENOSYS. */
static const char *old_kernel(const struct files *files)
{
  (void)files;
  FILTER({462, 0, 0, 0, ENOSYS}, {SYS_getrandom, 0, 0, 0, ENOSYS}, {SYS_memfd_create, 0, 0, 0, ENOSYS},
         {SYS_mremap, 3, 4, 0, EINVAL});
}

static const char *own_mounts(void)
{
  if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return no("a mount namespace of its own");
  return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? NULL : no("private mounts");
}

static const char *no_proc(const struct files *files)
{
  const char *const refused = own_mounts();
  (void)files;
  if (refused)
    return refused;
  if (mount("none", "/proc", "tmpfs", 0, NULL) != 0)
    return no("an empty /proc");
  return access("/proc/self", F_OK) != 0 ? NULL : "/proc is still there";
}

static const char *make_noexec(const char *folder)
{
  if (mount(folder, folder, NULL, MS_BIND, NULL) != 0
      || mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC, NULL) != 0)
    return no(folder);
  return NULL;
}

/* Nowhere to put code, and nothing to make it in. */
static const char *noexec(const struct files *files)
{
  const char *refused = own_mounts();
  (void)files;
  if (!refused)
    refused = make_noexec("/tmp");
  if (!refused)
    refused = make_noexec("/dev/shm");
  if (refused)
    return refused;
  FILTER(NO_MEMFD);
}

static const char *empty_root(const struct files *files)
{
  char folder[] = "/tmp/ffi-empty-XXXXXX";
  (void)files;
  if (!mkdtemp(folder))
    return no("mkdtemp");
  const int done = chdir(folder) == 0 && rmdir(folder) == 0 && chroot(".") == 0;
  return done ? NULL : no("chroot");
}

static const char *deleted(const struct files *files)
{
  return unlink(files->library) == 0 ? NULL : no("unlink");
}

static const char *renamed(const struct files *files)
{
  char name[4096];
  snprintf(name, sizeof name, "%s.elsewhere", files->library);
  return rename(files->library, name) == 0 ? NULL : no("rename");
}

static const char *replaced(const struct files *files)
{
  return rename(files->foreign, files->library) == 0 ? NULL : no("rename");
}

/* The old file under another name, a foreign one under its own. */
static const char *swapped(const struct files *files)
{
  const char *const refused = renamed(files);
  return refused ? refused : replaced(files);
}

enum { NUMBERS = 64 };
static const char *closed(const struct files *files)
{
  (void)files;
  for (int fd = 0; fd < NUMBERS; fd++)
    close(fd);
  return NULL;
}

/* Every descriptor there was now means a foreign file. */
static const char *reused(const struct files *files)
{
  closed(files);
  for (int fd = 0; fd < NUMBERS; fd++)
    if (open(files->foreign, O_RDWR) != fd)
      return no("open a foreign file");
  return NULL;
}

static const char *limit(int what, rlim_t value)
{
  struct rlimit limits = {value, value};
  if (setrlimit(what, &limits) != 0 || getrlimit(what, &limits) != 0)
    return no("setrlimit");
  return limits.rlim_cur == value ? NULL : "setrlimit says yes and does nothing, as an emulator's does";
}

static const char *no_files(const struct files *files)
{
  (void)files;
  return limit(RLIMIT_NOFILE, 0);
}

/* A field of /proc/self/statm, in bytes. */
static rlim_t statm(int field)
{
  unsigned long long pages[7] = {0};
  FILE *file = fopen("/proc/self/statm", "r");
  for (int i = 0; file && i <= field; i++)
    if (fscanf(file, "%llu", &pages[i]) != 1)
      break;
  if (file)
    fclose(file);
  return pages[field] * (rlim_t)sysconf(_SC_PAGESIZE);
}

static const char *space_none(const struct files *files)
{
  (void)files;
  return limit(RLIMIT_AS, statm(0));
}

static const char *space_some(const struct files *files)
{
  (void)files;
  return limit(RLIMIT_AS, statm(0) + (400 << 10));
}

static const char *space_enough(const struct files *files)
{
  (void)files;
  return limit(RLIMIT_AS, statm(0) + (4 << 20));
}

/* No more writable memory, as where the system does not overcommit and has none left. */
static const char *no_data(const struct files *files)
{
  (void)files;
  return limit(RLIMIT_DATA, 0);
}

static const char *at_secure(const struct files *files)
{
  (void)files;
  return getauxval(AT_SECURE) ? NULL : "the system did not set AT_SECURE for a set-uid program";
}

const struct setting settings[] = {
    {"nothing", nothing},
    {"at-secure", at_secure},
    {"mdwe", mdwe},
    {"systemd", systemd},
    {"systemd-no-memfd", systemd_no_memfd},
    {"sandbox", sandbox},
    {"sandbox-no-mremap", sandbox_no_mremap},
    {"no-mprotect", no_mprotect},
    {"no-mmap", no_mmap},
    {"old-kernel", old_kernel},
    {"no-proc", no_proc},
    {"noexec", noexec},
    {"empty-root", empty_root},
    {"deleted", deleted},
    {"renamed", renamed},
    {"replaced", replaced},
    {"swapped", swapped},
    {"closed", closed},
    {"reused", reused},
    {"no-files", no_files},
    {"space-none", space_none},
    {"space-some", space_some},
    {"space-enough", space_enough},
    {"no-data", no_data},
    {NULL, NULL},
};
