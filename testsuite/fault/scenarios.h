/* SPDX-License-Identifier: MIT */
/* The scenarios, and what they have in common. */
#ifndef SCENARIOS_H
#define SCENARIOS_H

/* Deprecated functions have to bear failures too. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <ffi.h>

#include "fault.h"

/* Whether a status is a refusal. What these functions are given is right, so it can be FFI_BAD_TYPEDEF alone, for want of memory. */
int refused(ffi_status status);

/* A signature, the function that has it: 2a + b, and the data with which closures give a + b + data. */
extern ffi_type *two[2];
long plain(long a, double b);

/* So many closures, of which all that could be had are called and freed. */
enum outcome make_closures(int count);

enum outcome small_signature(void);
enum outcome structs(void);
enum outcome large_signature(void);
enum outcome huge_signature(void);
enum outcome many_shapes(void);
enum outcome discarded_result(void);
enum outcome variadic(void);
enum outcome call_plan(void);
enum outcome huge_call_plan(void);

enum outcome one_closure(void);
enum outcome some_closures(void);
enum outcome many_closures(void);
enum outcome rebinding(void);
enum outcome huge_closure(void);
enum outcome own_memory(void);
enum outcome go_closure(void);
enum outcome other_thread(void);
enum outcome forked(void);

enum outcome raw_call(void);
enum outcome raw_closure(void);
enum outcome raw_own_memory(void);
enum outcome java_raw_call(void);
enum outcome java_raw_closure(void);
enum outcome java_raw_own_memory(void);

/* Memory of the program's own for one closure, readable, writable and executable. */
void *own_executable_memory(void);

#endif
