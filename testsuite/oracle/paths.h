/* SPDX-License-Identifier: MIT */
/* What paths.c and closures.c share: the prepared cif, and the ways through closures. */
#ifndef ORACLE_PATHS_H
#define ORACLE_PATHS_H

#include "runtime.h"

extern ffi_cif cif;
extern void **avalue;

void check_shim(const struct shim_control *control, const char *who);

void run_closure(void);
void run_narrow_closure(void);
void run_nested_closure(void);
void run_foreign_closure(void);
void run_raw_closure(void);
void run_foreign_raw_closure(void);
void run_go_closure(void);

#endif
