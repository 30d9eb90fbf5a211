/* SPDX-License-Identifier: MIT */
/* Shape of a shim's control block on i386, shared by i386.S and the C runtime. */
#ifndef ORACLE_SHIM_I386_H
#define ORACLE_SHIM_I386_H

/* ecx, edx and eax: which of them carry arguments depends on the convention. */
#define SHIM_ARG_GPRS 3
#define SHIM_GPRS 3
#define SHIM_VECTORS 0
#define SHIM_RESULT_GPRS 2
#define SHIM_RESULT_VECTORS 0

#define SHIM_TARGET 0
#define SHIM_CHAIN 4
#define SHIM_FAULT 8
#define SHIM_BAD 12
#define SHIM_GPR_XOR 16
#define SHIM_GPR_IN 28
#define SHIM_RESULT_GPR_XOR 40
#define SHIM_RESULT_GPR_OUT 48
#define SHIM_FIRST_WORD 56
#define SHIM_POPS 60
#define SHIM_POPPED 64
#define SHIM_X87_RESULTS 68
#define SHIM_CHAIN_IN_EAX 72
#define SHIM_SP 76
#define SHIM_RETURN 80
#define SHIM_SAVED 84
#define SHIM_CONTROL 100
#define SHIM_SCRATCH 116

/* Bits of SHIM_BAD: what the callee, or whoever called the shim, got wrong. */
#define SHIM_BAD_SAVED_REGISTER 1
#define SHIM_BAD_STACK_POINTER 2
#define SHIM_BAD_DIRECTION_FLAG 4
#define SHIM_BAD_FLOAT_CONTROL 8
#define SHIM_BAD_ENTRY_ALIGNMENT 16
#define SHIM_BAD_ENTRY_X87_STACK 32
#define SHIM_BAD_X87_STACK 64

/* Bits of SHIM_FAULT: what the shim itself breaks, for the tester's self-test. */
#define SHIM_FAULT_SAVED_REGISTER 1
#define SHIM_FAULT_FLOAT_CONTROL 2
#define SHIM_FAULT_DIRECTION_FLAG 4

#define SHIM_ANY (-1) /* of pops and x87_results: not to be judged */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>
struct shim_control {
  void (*target)(void);
  void *chain; /* goes into the static chain register when not null */
  uintptr_t fault;
  uintptr_t bad;
  uintptr_t gpr_xor[SHIM_GPRS];
  uintptr_t gpr_in[SHIM_GPRS];
  uintptr_t result_gpr_xor[SHIM_RESULT_GPRS];
  uintptr_t result_gpr_out[SHIM_RESULT_GPRS];
  uintptr_t first_word; /* on the stack */
  int pops;             /* bytes of its arguments that the callee has to remove */
  int popped;           /* and what it did remove */
  int x87_results;      /* values that the callee leaves on the x87 stack */
  int chain_in_eax;     /* not in ecx */
  uintptr_t sp, return_address, saved[4];
  uint32_t control[4];
  uint32_t scratch[8];
  uint64_t vector_xor[SHIM_VECTORS][2], result_vector_xor[SHIM_RESULT_VECTORS][2];
};
_Static_assert(offsetof(struct shim_control, result_gpr_out) == SHIM_RESULT_GPR_OUT, "layout");
_Static_assert(offsetof(struct shim_control, popped) == SHIM_POPPED, "layout");
_Static_assert(offsetof(struct shim_control, saved) == SHIM_SAVED, "layout");
_Static_assert(offsetof(struct shim_control, scratch) == SHIM_SCRATCH, "layout");
/* What a failure may leave behind in the processor, cleared before the next path. */
#define SHIM_RESET() __asm__ volatile("fninit")
#define SHIM_EXTENDS_RESULTS
/* fastcall and thiscall: an argument in ecx, so that the static chain is in eax; but not of variadic functions. */
#ifdef ORACLE_ARGUMENT_IN_ECX
#define SHIM_ARGUMENT_IN_ECX (call.signature->nfixed < 0)
#else
#define SHIM_ARGUMENT_IN_ECX 0
#endif
#define SHIM_CHAIN_REGISTER (SHIM_ARGUMENT_IN_ECX ? 2 : 0)
#ifndef ORACLE_NO_ECHO
#define SHIM_MEMORY_RESULT(control) (SHIM_ARGUMENT_IN_ECX ? (control).gpr_in[0] : (control).first_word)
#endif
#endif
#endif
