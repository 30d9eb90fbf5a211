/* SPDX-License-Identifier: MIT */
/* Shape of a shim's control block on x86-64, shared by x86_64.S and the C runtime. */
#ifndef ORACLE_SHIM_X86_64_H
#define ORACLE_SHIM_X86_64_H

/* Argument registers, in the order in which integers take them; then rax, r10, r11. */
#define SHIM_ARG_GPRS 6
#define SHIM_GPRS 9
#ifndef ORACLE_MICROSOFT
#define SHIM_SCRATCH_RAX 6
#endif
#define SHIM_VECTORS 8
#define SHIM_RESULT_GPRS 2
#define SHIM_RESULT_VECTORS 2
/* On entry to a function the stack pointer plus this many bytes is a multiple of 16. */
#define SHIM_STACK_BIAS 8

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
#define SHIM_SP (SHIM_RESULT_VECTOR_XOR + 32)
#define SHIM_RETURN (SHIM_SP + 8)
#define SHIM_SAVED (SHIM_RETURN + 8)
#define SHIM_CONTROL (SHIM_SAVED + 48)
#define SHIM_SCRATCH (SHIM_CONTROL + 16)
#define SHIM_MICROSOFT (SHIM_SCRATCH + 32)
#define SHIM_SAVED_VECTORS (SHIM_MICROSOFT + 8)

/* Bits of SHIM_BAD: what the callee, or whoever called the shim, got wrong. */
#define SHIM_BAD_SAVED_REGISTER 1
#define SHIM_BAD_STACK_POINTER 2
#define SHIM_BAD_DIRECTION_FLAG 4
#define SHIM_BAD_FLOAT_CONTROL 8
#define SHIM_BAD_ENTRY_ALIGNMENT 16
#define SHIM_BAD_ENTRY_X87_STACK 32

/* Bits of SHIM_FAULT: what the shim itself breaks, for the tester's self-test. */
#define SHIM_FAULT_SAVED_REGISTER 1
#define SHIM_FAULT_FLOAT_CONTROL 2
#define SHIM_FAULT_DIRECTION_FLAG 4

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
  uint64_t vector_xor[SHIM_VECTORS][2];
  uint64_t result_vector_xor[SHIM_RESULT_VECTORS][2];
  uintptr_t sp, return_address, saved[6];
  uint32_t control[4];
  uint32_t scratch[8];
  uintptr_t microsoft; /* the callee preserves rdi, rsi and xmm6-15, too */
  uint64_t saved_vectors[10][2];
};
_Static_assert(offsetof(struct shim_control, result_gpr_out) == SHIM_RESULT_GPR_OUT, "layout");
_Static_assert(offsetof(struct shim_control, vector_xor) == SHIM_VECTOR_XOR, "layout");
_Static_assert(offsetof(struct shim_control, saved) == SHIM_SAVED, "layout");
_Static_assert(offsetof(struct shim_control, scratch) == SHIM_SCRATCH, "layout");
_Static_assert(offsetof(struct shim_control, saved_vectors) == SHIM_SAVED_VECTORS, "layout");
/* What a failure may leave behind in the processor, cleared before the next path. */
#define SHIM_RESET() __asm__ volatile("fninit")
#define SHIM_CHAIN_REGISTER 7 /* r10, an index into gpr_in */
#ifndef ORACLE_MICROSOFT
/* Both compilers rely on extended integers: arguments (clang) and results up to 32 bits. */
#define SHIM_EXTENDS_ARGUMENTS
#define SHIM_EXTENDS_RESULTS
/* rdi holds the address of a result in memory, rax returns it. */
#define SHIM_MEMORY_RESULT(control) (control).gpr_in[0]
#else
#define SHIM_MEMORY_RESULT(control) (control).gpr_in[3] /* rcx does */
/* What a handler, which follows the platform's convention, need not preserve, and the closure has to. */
#define SHIM_SPOIL() \
  __asm__ volatile(".irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\tpcmpeqd %%xmm\\n, %%xmm\\n\n\t.endr\n\t" \
                   "movq $-1, %%rdi\n\tmovq $-1, %%rsi" \
                   : \
                   : \
                   : "rdi", "rsi", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", \
                     "xmm15")
/* Floating point arguments of variadic functions are in two registers; a callee may read either. */
#define SHIM_VARIADIC_TWICE
#endif
#endif
#endif
