/* SPDX-License-Identifier: MIT */
/* Shape of a shim's control block on aarch64, shared by aarch64.S and the C runtime. */
#ifndef ORACLE_SHIM_AARCH64_H
#define ORACLE_SHIM_AARCH64_H

/* x0 to x7 and x8, which may hold the address of a result; then x9 to x15, and x18. */
#define SHIM_ARG_GPRS 9
#define SHIM_GPRS 17
#define SHIM_CHAIN_REGISTER 16
#define SHIM_VECTORS 8
#define SHIM_RESULT_GPRS 2
#define SHIM_RESULT_VECTORS 4
#define SHIM_SAVED_GPRS 11 /* x19 to x29 */
#define SHIM_SAVED_VECTORS 8 /* the lower halves of v8 to v15 */

#define SHIM_TARGET 0
#define SHIM_CHAIN 8
#define SHIM_FAULT 16
#define SHIM_BAD 24
#define SHIM_GPR_XOR 32
#define SHIM_GPR_IN (SHIM_GPR_XOR + 8 * SHIM_GPRS)
#define SHIM_RESULT_GPR_XOR (SHIM_GPR_IN + 8 * SHIM_GPRS)
#define SHIM_RESULT_GPR_OUT (SHIM_RESULT_GPR_XOR + 16)
#define SHIM_VECTOR_XOR (SHIM_RESULT_GPR_OUT + 16)
#define SHIM_RESULT_VECTOR_XOR (SHIM_VECTOR_XOR + 16 * SHIM_VECTORS)
#define SHIM_SP (SHIM_RESULT_VECTOR_XOR + 16 * SHIM_RESULT_VECTORS)
#define SHIM_RETURN (SHIM_SP + 8)
#define SHIM_SAVED (SHIM_RETURN + 8)
#define SHIM_SAVED_VECTOR (SHIM_SAVED + 8 * SHIM_SAVED_GPRS)
#define SHIM_CONTROL (SHIM_SAVED_VECTOR + 8 * SHIM_SAVED_VECTORS)
#define SHIM_MAY_SET_CHAIN (SHIM_CONTROL + 8)

/* Bits of SHIM_BAD: what the callee, or whoever called the shim, got wrong. */
#define SHIM_BAD_SAVED_REGISTER 1
#define SHIM_BAD_STACK_POINTER 2
#define SHIM_BAD_DIRECTION_FLAG 0 /* there is none */
#define SHIM_BAD_FLOAT_CONTROL 8
#define SHIM_BAD_ENTRY_ALIGNMENT 16
#define SHIM_BAD_ENTRY_X87_STACK 0 /* there is none */
#define SHIM_BAD_PLATFORM_REGISTER 64

/* Bits of SHIM_FAULT: what the shim itself breaks, for the tester's self-test. */
#define SHIM_FAULT_SAVED_REGISTER 1
#define SHIM_FAULT_FLOAT_CONTROL 2
#define SHIM_FAULT_PLATFORM_REGISTER 4
#define SHIM_FAULT_DIRECTION_FLAG SHIM_FAULT_PLATFORM_REGISTER

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>
struct shim_control {
  void (*target)(void);
  void *chain; /* goes into x18 when not null */
  uintptr_t fault;
  uintptr_t bad;
  uintptr_t gpr_xor[SHIM_GPRS]; /* not of x18 */
  uintptr_t gpr_in[SHIM_GPRS];
  uintptr_t result_gpr_xor[SHIM_RESULT_GPRS];
  uintptr_t result_gpr_out[SHIM_RESULT_GPRS];
  uint64_t vector_xor[SHIM_VECTORS][2];
  uint64_t result_vector_xor[SHIM_RESULT_VECTORS][2];
  uintptr_t sp, return_address, saved[SHIM_SAVED_GPRS];
  uint64_t saved_vector[SHIM_SAVED_VECTORS], control;
  uintptr_t may_set_chain; /* the callee may change x18: it is about to call with a chain */
};
_Static_assert(offsetof(struct shim_control, result_gpr_out) == SHIM_RESULT_GPR_OUT, "layout");
_Static_assert(offsetof(struct shim_control, vector_xor) == SHIM_VECTOR_XOR, "layout");
_Static_assert(offsetof(struct shim_control, saved_vector) == SHIM_SAVED_VECTOR, "layout");
_Static_assert(offsetof(struct shim_control, may_set_chain) == SHIM_MAY_SET_CHAIN, "layout");
/* What a failure may leave behind in the processor, cleared before the next path. */
#define SHIM_RESET() __asm__ volatile("msr fpcr, xzr")
#endif
#endif
