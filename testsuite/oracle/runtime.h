/* SPDX-License-Identifier: MIT */
/* Inside the oracle's runtime: the call under way, guarded memory, random values, register
   masks. */
#ifndef ORACLE_RUNTIME_H
#define ORACLE_RUNTIME_H

#include <stdbool.h>

#include "oracle.h"
#include ORACLE_SHIM

#define MAX_ARGS 64

/* The call under way. expected[i] is what must arrive; value[i] is the copy that is handed over, at
   the very end of a page with nothing mapped behind it. */
struct call {
  const struct signature *signature;
  const char *path;
  unsigned char *expected[MAX_ARGS];
  void *value[MAX_ARGS];
  unsigned char *result_expected;
  unsigned calls;
  bool probing;
  uint64_t wrong_args; /* while probing: bit i is set when argument i differed */
};
extern struct call call;

/* Faults that the self-test injects; see main.c for their names. */
enum fault {
  FAULT_NONE,
  FAULT_ARGUMENT,
  FAULT_RESULT,
  FAULT_OVERRUN,
  FAULT_UNDERRUN,
  FAULT_SAVED_REGISTER,
  FAULT_FLOAT_CONTROL,
  FAULT_DIRECTION_FLAG,
  FAULT_WIDENING,
  FAULT_CLOSURE_ARGUMENT,
  FAULT_AVALUE,
  FAULT_NO_CALL,
  FAULT_CRASH,
  FAULT_LAYOUT,
  FAULT_RAW,
  FAULT_PLAN
};
extern enum fault fault;

/* values.c */
uint64_t random_word(void);
void random_seed(uint64_t seed);
void *guarded(unsigned slot, size_t size); /* size bytes that end where the mapping ends */
enum { SLOT_ARGS = 0, SLOT_RESULT = MAX_ARGS, SLOT_AVALUE, SLOT_TYPES, SLOT_RAW, SLOT_COUNT };
void values_start(void);
void fresh_values(const struct signature *signature); /* new random arguments and result */
void random_fill(const struct type *type, unsigned char *at);
bool same_value(const struct type *type, const void *a, const void *b, unsigned *where);
void check_value(const struct type *type, const void *got, const void *expected, const char *what,
                 int index);
size_t result_room(const struct type *type); /* bytes that ffi_call may write */
uint64_t extended(const struct type *type, const void *value); /* an integer as a whole ffi_arg */
bool is_small_integer(const struct type *type);

/* main.c */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool guarded_run(void (*run)(void)); /* false, and a failure unless probing, when run() crashes */

/* masks.c: which bits of which register a signature leaves unused, found with compiled code
   alone. */
struct masks {
  uintptr_t gpr[SHIM_GPRS];
  uint64_t vector[SHIM_VECTORS][2];
  uintptr_t result_gpr[SHIM_RESULT_GPRS];
  uint64_t result_vector[SHIM_RESULT_VECTORS][2];
  uint64_t args_in_gprs[SHIM_ARG_GPRS]; /* the arguments that register carries, as a bit set */
  int pops;                             /* bytes that the callee removes from the stack */
};
extern struct masks masks;
const char *find_masks(void); /* NULL, or why this signature cannot be judged with this compiler */
void spoil_arguments(struct shim_control *control);
void spoil_result(struct shim_control *control);
void clear_control(struct shim_control *control,
                   void (*target)(void)); /* for the signature under way */

/* paths.c */
struct path {
  const char *name;
  void (*run)(void);
};
extern const struct path paths[];
extern const unsigned path_count;
const char *prepare(void); /* NULL, or why the library cannot describe the signature */
void direct_call(void (*fn)(void));

extern struct shim_control control_outer, control_callee, control_closure, control_inner;
void shim_outer(void);
void shim_callee(void);
void shim_closure(void);
void shim_inner(void);

#endif
