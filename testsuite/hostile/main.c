/* SPDX-License-Identifier: MIT */
/* Runs the workload in one hostile setting: hostile SETTING CLOSURES-BEFORE LIBRARY FOREIGN. A child enters the setting; its parent,
   outside, prints one line: unsupported, trouble, or "made N of M, refused by F, shared copies K". Without arguments it says whether
   shared mappings of files can be copied here. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"

struct report *report;

void trouble(const char *format, ...)
{
  va_list arguments;
  if (report->trouble[0])
    return;
  va_start(arguments, format);
  vsnprintf(report->trouble, sizeof report->trouble, format, arguments);
  va_end(arguments);
}

static void child(const struct setting *setting, int before, const struct files *files)
{
  alarm(100);
  work_before(before);
  const char *const reason = setting->apply(files);
  if (reason) {
    snprintf(report->trouble, sizeof report->trouble, "%s", reason);
    _exit(77);
  }
  work_within();
  look_at_mappings();
  snprintf(report->stage, sizeof report->stage, "the end");
  _exit(0);
}

static int mappings_can_be_copied(void)
{
  const size_t size = (size_t)sysconf(_SC_PAGESIZE);
  const int fd = open("/proc/self/exe", O_RDONLY);
  void *const first = fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  return first != MAP_FAILED && mremap(first, 0, size, MREMAP_MAYMOVE) != MAP_FAILED;
}

int main(int count, char **words)
{
  const struct setting *setting = settings;
  int status;
  if (count == 1) {
    puts(mappings_can_be_copied() ? "copies" : "no copies");
    return 0;
  }
  if (count != 5)
    return 2;
  while (setting->name && strcmp(setting->name, words[1]) != 0)
    setting++;
  if (!setting->name)
    return 2;
  report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (report == MAP_FAILED)
    return 2;
  const struct files files = {words[3], words[4]};
  void *volatile heap = malloc(100000); /* as every program has one */
  free(heap);
  const pid_t pid = fork();
  if (pid == 0)
    child(setting, atoi(words[2]), &files);
  if (pid < 0 || waitpid(pid, &status, 0) != pid)
    return 2;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
    printf("unsupported: %s\n", report->trouble);
  } else if (status != 0) {
    printf("trouble: ended with status %#x while %s\n", (unsigned)status, report->stage);
  } else if (report->trouble[0]) {
    printf("trouble: %s\n", report->trouble);
  } else {
    printf("made %d of %d, refused by %s, shared copies %d\n", report->made, report->wanted,
           report->refusal[0] ? report->refusal : "nobody", report->shared_copies);
  }
  return 0;
}
