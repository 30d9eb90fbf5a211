/* SPDX-License-Identifier: MIT */
/* What the parts of the hostile program share: the report that a child leaves for its parent, and the settings. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stddef.h>

/* Shared between parent and child, so that it survives whatever becomes of the child. */
struct report {
  char stage[64];      /* what the child was doing */
  char trouble[200];   /* empty: nothing was wrong */
  char refusal[64];    /* the public function that refused first, or empty */
  int wanted, made;    /* closures: asked for in the setting, and got */
  int shared_copies;   /* mappings of the library's own file that are shared and executable; -1: cannot tell */
};
extern struct report *report;

void trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Where the library's file is (the program's own when it is static), and a file full of traps, `foreign'. */
struct files {
  const char *library, *foreign;
};

/* What becomes of the world. apply() returns NULL, or why this machine cannot do it. */
struct setting {
  const char *name;
  const char *(*apply)(const struct files *files);
};
extern const struct setting settings[];

/* A seccomp filter that answers these system calls with these errors. A rule with a mask holds only for calls with a bit of it set
   in that argument, and a rule with `equal' only for that value. */
struct rule {
  int number, argument;
  unsigned mask, equal;
  int error;
};
const char *install_filter(const struct rule *rules, size_t count);

/* Calls, closures, frees; what it finds wrong goes to the report. The compiler is told BATCH, so many closures that they fill the
   built-in table and copies of it. */
void work_before(int closures);
void work_within(void);
void look_at_mappings(void);

#endif
