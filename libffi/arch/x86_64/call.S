/* SPDX-License-Identifier: MIT */
/* The call of x86-64: image in, call, image out.

   void ffi_call_image(Image *image, void (*fn)(), const void *stack, size_t stack_bytes,
                       uint32_t plan_flags, uint32_t stack_align)
   Entry:    rdi image, rsi fn, rdx stack, rcx stack_bytes (a multiple of 16), r8d plan_flags, r9d stack_align (a power of two)
   Frame:    rbp saved rbp, -8 saved rbx (image here), -12 plan_flags, then the callee's stack arguments
   Clobbers: what a call may clobber  */
#include "libffi/asm/asm_base.h"

function ffi_call_image
	endbr64
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	pushq	%rbx
	.cfi_offset %rbx, -24
	subq	$8, %rsp
	movq	%rdi, %rbx
	movq	%rsi, %r11
	movl	%r8d, -12(%rbp)

	/* What few calls need lies behind the end, so that the others take no jump.  */
	testq	%rcx, %rcx
	jnz	6f
1:	testl	$PLAN_USES_VECTORS, %r8d
	jnz	7f
2:	movq	IMAGE_VECTOR_COUNT(%rbx), %rax
	movq	IMAGE_CHAIN(%rbx), %r10
	movq	IMAGE_GPR(%rbx), %rdi
	movq	IMAGE_GPR+8(%rbx), %rsi
	movq	IMAGE_GPR+16(%rbx), %rdx
	movq	IMAGE_GPR+24(%rbx), %rcx
	movq	IMAGE_GPR+32(%rbx), %r8
	movq	IMAGE_GPR+40(%rbx), %r9
	call	*%r11

	movq	%rax, IMAGE_RESULT_GPR(%rbx)
	movq	%rdx, IMAGE_RESULT_GPR+8(%rbx)
	movaps	%xmm0, IMAGE_VECTOR(%rbx)
	movaps	%xmm1, IMAGE_VECTOR+16(%rbx)
	testl	$(PLAN_RESULT_X87 | PLAN_RESULT_X87_PAIR), -12(%rbp)
	jnz	4f
3:	movq	-8(%rbp), %rbx
	leave
	.cfi_remember_state
	.cfi_def_cfa %rsp, 8
	ret
	.cfi_restore_state

	/* Ten bytes each; the rest of their sixteen is padding that nobody wrote.  */
4:	movq	$0, IMAGE_X87+8(%rbx)
	fstpt	IMAGE_X87(%rbx)
	testl	$PLAN_RESULT_X87_PAIR, -12(%rbp)
	jz	3b
	movq	$0, IMAGE_X87+24(%rbx)
	fstpt	IMAGE_X87+16(%rbx)
	jmp	3b

	/* The argument area ends on a multiple of stack_align. Pushing from its top touches every page of the stack in order.  */
6:	movl	%r9d, %r9d
	negq	%r9
	movq	%rsp, %rax
	subq	%rcx, %rax
	andq	%r9, %rax
	leaq	(%rax,%rcx), %rsp
5:	pushq	-8(%rdx,%rcx)
	subq	$8, %rcx
	jnz	5b
	jmp	1b

	/* What was just stored in eights is loaded in eights: a load of sixteen would have to wait for the store buffer.  */
7:	testl	$PLAN_WIDE_VECTORS, %r8d
	jnz	8f
	movq	IMAGE_VECTOR(%rbx), %xmm0
	movq	IMAGE_VECTOR+16(%rbx), %xmm1
	movq	IMAGE_VECTOR+32(%rbx), %xmm2
	movq	IMAGE_VECTOR+48(%rbx), %xmm3
	testl	$PLAN_MANY_VECTORS, %r8d
	jz	2b
	movq	IMAGE_VECTOR+64(%rbx), %xmm4
	movq	IMAGE_VECTOR+80(%rbx), %xmm5
	movq	IMAGE_VECTOR+96(%rbx), %xmm6
	movq	IMAGE_VECTOR+112(%rbx), %xmm7
	jmp	2b

8:	movaps	IMAGE_VECTOR(%rbx), %xmm0
	movaps	IMAGE_VECTOR+16(%rbx), %xmm1
	movaps	IMAGE_VECTOR+32(%rbx), %xmm2
	movaps	IMAGE_VECTOR+48(%rbx), %xmm3
	testl	$PLAN_MANY_VECTORS, %r8d
	jz	2b
	movaps	IMAGE_VECTOR+64(%rbx), %xmm4
	movaps	IMAGE_VECTOR+80(%rbx), %xmm5
	movaps	IMAGE_VECTOR+96(%rbx), %xmm6
	movaps	IMAGE_VECTOR+112(%rbx), %xmm7
	jmp	2b
end_function ffi_call_image

end_of_file 0xc0000002, 3, 8
