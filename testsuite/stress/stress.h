/* SPDX-License-Identifier: MIT */
/* What the parts of the stress program share: closures that change hands, and children that must not hang. */
#ifndef STRESS_H
#define STRESS_H

#include <ffi.h>
#include <sys/types.h>

/* Ends the program with a complaint. */
void wrong(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
#define REQUIRE(condition) ((condition) ? (void)0 : wrong("%s:%d: failed: %s", __FILE__, __LINE__, #condition))

/* A closure that adds its data to its arguments. */
struct entry {
  ffi_closure *closure;
  void *code;
  ffi_cif cif;
  long data;
};
void make(struct entry *entry, long data);
void use(const struct entry *entry);
void drop(struct entry *entry);

/* Prepares a shape that differs from number to number. */
void prepare_shape(unsigned number);

unsigned next(unsigned *state);

/* Closures that all threads share: puts one at a place and returns what stood there. */
enum { POOL = 512, MOST_THREADS = 64 };
struct entry *swap(unsigned place, struct entry *entry);
void empty_pool(void);

/* Everything a program does, once; and for `rounds' rounds or until `stop', as the start of a thread. */
extern int rounds, stop;
void one_round(unsigned *state);
void *work(void *seed);

/* Waits for a child, but not for ever: one that hangs is what is looked for. */
void expect_success(pid_t child, int seconds);

void forks(int count);
void first_forks(int count);
void bare_forks(int count);
void forking_handlers(int count);
void namespaces(int count);
void cancelling(int count);

#endif
