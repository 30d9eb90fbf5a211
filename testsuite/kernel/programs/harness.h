/* SPDX-License-Identifier: MIT */
/* Test points in TAP, and what several of the device's test programs do. */
#ifndef TRAMPFD_HARNESS_H
#define TRAMPFD_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trampfd.h"

#define DEVICE "/dev/trampfd"

/* One test point each; the description is a printf format. */
void check(bool ok, const char *description, ...) __attribute__((format(printf, 2, 3)));
void skip(const char *reason, const char *description);
/* Passes if @result is -1 (or MAP_FAILED) and errno is @error. */
void check_errno(long result, int error, const char *description);
/* Runs @body in a child and passes if @signal ends it (0: if it returns 0). */
void check_ends(int (*body)(void *), void *argument, int signal, const char *description);
/* The child's wait status; kills it after 20 seconds. */
int run_child(int (*body)(void *), void *argument);
/* Prints the plan; the value for main() to return. */
int finish(void);
/* Ends the program: what it needs in order to test anything does not work. */
void die(const char *what) __attribute__((noreturn));

/* Two handlers: what they return tells which one ran and what it was given. */
void handler_a(void);
void handler_b(void);
/* Never allowed by open_object(). */
void handler_c(void);

struct payload {
  uint64_t value;
  uint64_t twin; /* check_payload(): value's complement */
  uint64_t rest[4];
};

/* What calling a slot of value @value gives with argument @argument. */
long answer_a(uint64_t value, long argument);
long answer_b(uint64_t value, long argument);
#define TORN (-1L) /* instead of an answer: value and twin disagree */

typedef long (*Slot)(long);

struct table {
  int fd;
  unsigned number;
  char *code;
  char *records;
};

extern struct trampfd_info info; /* filled by open_object() */

int open_device(void);
int set_pcs(int fd, unsigned count, const uint64_t *pcs);
/* An object that allows handler_a and handler_b. */
int open_object(void);
/* Both halves of table @number; dies if that fails. */
struct table map_table(int fd, unsigned number);
void unmap_table(struct table *table);
/* Of code and records together. */
size_t table_size(void);
/* File offsets. */
off_t code_offset(unsigned table);
off_t record_offset(unsigned table, unsigned slot);

struct trampfd_record make_record(void (*pc)(void), uint64_t value);
/* pwrite() of one record: 0, or -1 and errno. */
int set_record(const struct table *table, unsigned slot, void (*pc)(void), uint64_t value);
Slot slot_at(const struct table *table, unsigned slot);
const struct trampfd_record *record_at(const struct table *table, unsigned slot);

/* Writes a number to a parameter of the module; dies if that fails. */
void set_parameter(const char *name, unsigned value);

#endif
