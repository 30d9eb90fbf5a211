/* SPDX-License-Identifier: MIT */
/* Fails the first, the second, the n-th call of the library's to the system during one scenario: fault SCENARIO STYLE MOST; without words
   it lists the scenarios. Each n is a child of its own. It goes through the scenario with the failure six times, and then without: nothing
   breaks, memory and descriptors do not become fewer, and in the end everything works again. */
#define _GNU_SOURCE
#include <dirent.h>
#include <ffi_hardened.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"

enum { ROUNDS = 6, FIRST = 40 };

static struct report {
  char text[200], failed[40];
  unsigned seen;
} *report;

void wrong(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(report->text, sizeof report->text, format, arguments);
  va_end(arguments);
  _exit(1);
}

void notice(const char *call) { snprintf(report->failed, sizeof report->failed, "%s", call); }

static int open_descriptors(void)
{
  int count = 0;
  DIR *const folder = opendir("/proc/self/fd");
  while (folder && readdir(folder))
    count++;
  if (folder)
    closedir(folder);
  return count;
}

static long pages_mapped(void)
{
  long pages = 0;
  const long heap = (long)((uintptr_t)sbrk(0) / (uintptr_t)sysconf(_SC_PAGESIZE));
  FILE *const file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%ld", &pages) != 1)
    wrong("/proc/self/statm cannot be read");
  fclose(file);
  return pages - heap; /* how far the heap reaches is malloc's own business */
}

/* Where no mode could be had at first use there is none later: the choice is made once (DESIGN: selection). */
static int mode_is(ffi_hardened_mode mode)
{
  ffi_hardened_info info;
  return ffi_hardened_query(&info, sizeof info) != 0 && info.mode == mode;
}
static int has_no_mode(void) { return mode_is(FFI_HARDENED_MODE_NONE); }

static void child(const struct scenario *scenario, enum style style, unsigned number)
{
  const int descriptors = open_descriptors();
  long blocks = 0, pages = 0;
  alarm(30);
  for (int round = 0; round < ROUNDS; round++) {
    arm(number, style);
    const enum outcome outcome = scenario->run();
    const unsigned seen = calls_seen();
    const char *const failed = failed_call();
    disarm();
    if (round == 0)
      report->seen = seen;
    if (outcome == REFUSED && !failed && !has_no_mode())
      wrong("refused although nothing failed");
    if (round == ROUNDS / 2) {
      arm(0, ONCE);
      scenario->run(); /* what the library keeps for the next time is there from here on */
      disarm();
      blocks = blocks_held();
      pages = pages_mapped();
    }
  }
  const unsigned refused = changes_refused();
  if (blocks_held() > blocks + (long)refused)
    wrong("%ld blocks of memory were lost in %d rounds", blocks_held() - blocks, ROUNDS / 2 - 1);
  if (pages_mapped() > pages && !scenario->keeps && (style == ONCE || refused == 0))
    wrong("%ld pages were lost in %d rounds", pages_mapped() - pages, ROUNDS / 2 - 1);
  /* Kernel mode keeps its device open. */
  const int left = open_descriptors() - descriptors - mode_is(FFI_HARDENED_MODE_KERNEL);
  if (left != 0)
    wrong("%d descriptors were left open", left);
  arm(0, ONCE);
  if (scenario->run() != WORKED && !has_no_mode())
    wrong("it is still refused when nothing fails any more");
  _exit(0);
}

int main(int count, char **words)
{
  static const char *const styles[] = {"once", "kind", "all"};
  const struct scenario *scenario = scenarios;
  int style = 0, bad = 0;
  if (count != 4) {
    for (; scenario->name; scenario++)
      printf("%s%s\n", scenario->name, scenario->slots ? " slots" : "");
    return 0;
  }
  while (scenario->name && strcmp(scenario->name, words[1]) != 0)
    scenario++;
  while (style < 3 && strcmp(styles[style], words[2]) != 0)
    style++;
  if (!scenario->name || style == 3)
    return 2;
  report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  FILE *const file = tmpfile();
  const int said = file ? fileno(file) : -1;
  unsigned done = 0, step = 1;
  for (unsigned number = 1;; number += step) {
    int status;
    memset(report, 0, sizeof *report);
    fflush(stdout);
    if (ftruncate(said, 0) != 0 || lseek(said, 0, SEEK_SET) != 0)
      return 2;
    const pid_t pid = fork();
    if (pid == 0)
      dup2(said, STDERR_FILENO), child(scenario, (enum style)style, number);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
      return 2;
    done++;
    char words_said[200] = "";
    if (pread(said, words_said, sizeof words_said - 1, 0) < 0)
      return 2;
    const int expected = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && scenario->last_words && strcmp(words_said, scenario->last_words) == 0;
    if (status != 0 && !expected) {
      if (WIFSIGNALED(status))
        snprintf(report->text, sizeof report->text, "ended by signal %d: %.100s", WTERMSIG(status), words_said);
      printf("wrong: call %u (%s): %s\n", number, report->failed, report->text);
      if (++bad == 10)
        break;
    } else if (!report->failed[0]) {
      break; /* there were fewer calls than that */
    }
    /* Where calls are thousands, the first forty and a sample of the others. */
    if (number >= FIRST && report->seen > FIRST)
      step = 1 + (report->seen - FIRST) / (unsigned)atoi(words[3]);
  }
  printf("%u calls failed in turn, %d were borne badly\n", done - 1, bad);
  return bad != 0;
}
