// SPDX-License-Identifier: MIT
// A library that has every property ours must not have, to show that the checks see them.
#include <math.h>

int ffi_type_void = 1;
int *where = &ffi_type_void;
double ffi_call(double x) { return sin(x) * ffi_type_void; }
__attribute__((constructor)) static void at_load(void) { ffi_type_void = 2; }
__asm__(".text\n.globl bare\nbare: movabs $where, %rax\n ret\n nop\n.byte 0xab,0xcd\n");
