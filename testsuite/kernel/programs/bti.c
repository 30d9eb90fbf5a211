/* SPDX-License-Identifier: MIT */
/* arm64: slots are entered at their landing pad and nowhere else. */
#include "harness.h"

#include <sys/auxv.h>

#ifndef HWCAP2_BTI
#define HWCAP2_BTI (1 << 17)
#endif

static struct table table;

/* An indirect branch as calls make it (x9: not one of those exempt from `bti c`). */
static int branch_to(void *at) {
  register void *target __asm__("x9") = at;
  register long argument __asm__("x0") = 1;
  __asm__ volatile("blr %1"
                   : "+r"(argument)
                   : "r"(target)
                   : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x10", "x11", "x12", "x13",
                     "x14", "x15", "x16", "x17", "x30", "memory", "cc");
  return argument != answer_a(1, 1);
}

static bool guarded(void) {
  char line[300], wanted[40];
  bool in = false, found = false;
  snprintf(wanted, sizeof wanted, "%lx-", (unsigned long)table.code);
  FILE *maps = fopen("/proc/self/smaps", "r");
  while (fgets(line, sizeof line, maps)) {
    if (strstr(line, wanted) == line) in = true;
    if (in && strstr(line, "VmFlags:") == line) {
      found = strstr(line, " bt") != NULL;
      break;
    }
  }
  fclose(maps);
  return found;
}

int main(void) {
  if (!(getauxval(AT_HWCAP2) & HWCAP2_BTI)) die("this machine has no BTI");
  table = map_table(open_object(), 0); /* without PROT_BTI: the driver sees to it */
  set_record(&table, 0, handler_a, 1);
  check(guarded(), "the code is mapped guarded");
  check_ends(branch_to, table.code, 0, "a slot can be called at its start");
  check_ends(branch_to, table.code + 4, SIGILL, "but not behind its landing pad");
  check_ends(branch_to, table.code + 8, SIGILL, "nor at its branch");
  check_errno(mprotect(table.code, info.code_size, PROT_READ | PROT_EXEC), EACCES,
              "mprotect() cannot take the guard away");
  check(guarded(), "which stays");
  return finish();
}
