/* SPDX-License-Identifier: MIT */
/* The ABI handlers of x86-64: registers to an image, C++, the image to registers.

   Entry:    a trampoline jumped here: r10 holds the door's parameter (a record, an ffi_closure or a Go closure), every other
             register and the stack are as the caller of the closure left them
   Frame:    rbp saved rbp, 16 the caller's stack arguments, below the image at rsp and, above the image, xmm6-15 for whom
             these are to be preserved
   Clobbers: what a call may clobber  */
#include "libffi/asm/asm_base.h"

/* Register usage, Microsoft: a callee preserves rdi, rsi and xmm6-15, too. The image holds rdi and rsi.  */
	.set	PRESERVED_SIZE, 10 * 16

.macro each_preserved do
	.irp	n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\do	\n, (IMAGE_SIZE + (\n - 6) * 16)
	.endr
.endm
.macro preserve n, at
	movaps	%xmm\n, \at(%rsp)
	.cfi_offset %xmm\n, \at - IMAGE_SIZE - PRESERVED_SIZE - 16
.endm
.macro bring_back n, at
	movaps	\at(%rsp), %xmm\n
.endm
.macro is_back n, at
	.cfi_restore %xmm\n
.endm

.macro handler name, enter, vectors, preserved=0
function \name
	endbr64
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	subq	$(IMAGE_SIZE + \preserved * PRESERVED_SIZE), %rsp
	movq	%rdi, IMAGE_GPR(%rsp)
	movq	%rsi, IMAGE_GPR+8(%rsp)
	movq	%rdx, IMAGE_GPR+16(%rsp)
	movq	%rcx, IMAGE_GPR+24(%rsp)
	movq	%r8, IMAGE_GPR+32(%rsp)
	movq	%r9, IMAGE_GPR+40(%rsp)
	xorl	%eax, %eax
	movq	%rax, IMAGE_RESULT_GPR(%rsp)
	movq	%rax, IMAGE_RESULT_GPR+8(%rsp)
.if \vectors
	movaps	%xmm0, IMAGE_VECTOR(%rsp)
	movaps	%xmm1, IMAGE_VECTOR+16(%rsp)
	movaps	%xmm2, IMAGE_VECTOR+32(%rsp)
	movaps	%xmm3, IMAGE_VECTOR+48(%rsp)
	movaps	%xmm4, IMAGE_VECTOR+64(%rsp)
	movaps	%xmm5, IMAGE_VECTOR+80(%rsp)
	movaps	%xmm6, IMAGE_VECTOR+96(%rsp)
	movaps	%xmm7, IMAGE_VECTOR+112(%rsp)
.else
	movq	%rax, IMAGE_VECTOR(%rsp)
	movq	%rax, IMAGE_VECTOR+16(%rsp)
.endif
.if \preserved
	.cfi_offset %rdi, IMAGE_GPR - IMAGE_SIZE - PRESERVED_SIZE - 16
	.cfi_offset %rsi, IMAGE_GPR+8 - IMAGE_SIZE - PRESERVED_SIZE - 16
	each_preserved preserve
.endif
	movl	$(\vectors * PLAN_USES_VECTORS + \preserved * PLAN_PRESERVES_VECTORS), IMAGE_SAVED(%rsp)
	movq	%r10, %rdi
	movq	%rsp, %rsi
	leaq	16(%rbp), %rdx
	call	\enter
	movq	IMAGE_RESULT_GPR(%rsp), %rax
	movq	IMAGE_RESULT_GPR+8(%rsp), %rdx
	movq	IMAGE_VECTOR(%rsp), %xmm0
	movq	IMAGE_VECTOR+16(%rsp), %xmm1
	testl	$(PLAN_RESULT_X87 | PLAN_RESULT_X87_PAIR | PLAN_WIDE_RESULT), IMAGE_FLAGS(%rsp)
	jnz	2f
1:
.if \preserved
	movq	IMAGE_GPR(%rsp), %rdi
	movq	IMAGE_GPR+8(%rsp), %rsi
	each_preserved bring_back
.endif
	leave
	.cfi_remember_state
	.cfi_def_cfa %rsp, 8
.if \preserved
	.cfi_restore %rdi
	.cfi_restore %rsi
	each_preserved is_back
.endif
	ret
	.cfi_restore_state

2:	testl	$PLAN_WIDE_RESULT, IMAGE_FLAGS(%rsp)
	jz	4f
	movaps	IMAGE_VECTOR(%rsp), %xmm0
	jmp	1b

	/* %st1 goes in first.  */
4:	testl	$PLAN_RESULT_X87_PAIR, IMAGE_FLAGS(%rsp)
	jz	3f
	fldt	IMAGE_X87+16(%rsp)
3:	fldt	IMAGE_X87(%rsp)
	jmp	1b
end_function \name
.endm

handler ffi_closure_sysv, ffi_enter_record, 0
handler ffi_closure_sysv_vectors, ffi_enter_record, 1
handler ffi_closure_win64, ffi_enter_record, 1, 1
handler ffi_closure_sysv_memory, ffi_enter_memory, 0
handler ffi_closure_sysv_memory_vectors, ffi_enter_memory, 1
handler ffi_closure_win64_memory, ffi_enter_memory, 1, 1
handler ffi_closure_sysv_go, ffi_enter_go, 0
handler ffi_closure_sysv_go_vectors, ffi_enter_go, 1
handler ffi_closure_win64_go, ffi_enter_go, 1, 1

/* Where the trampoline of a closure that is free or not yet bound ends.  */
function ffi_closure_trapped
	endbr64
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	movq	%r10, %rdi
	call	ffi_closure_trap
	ud2
end_function ffi_closure_trapped

end_of_file 0xc0000002, 3, 8
