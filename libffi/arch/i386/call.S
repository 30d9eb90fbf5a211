/* SPDX-License-Identifier: MIT */
/* The call of i386: image in, call, image out.

   void ffi_call_image(Image *image, void (*fn)(), const void *stack, size_t stack_bytes,
                       uint32_t plan_flags, uint32_t stack_align)
   Entry:    on the stack, as the System V psABI for i386 has it; stack_bytes is a multiple of 16, stack_align a power of two
   Frame:    ebp saved ebp, 8 to 28 the arguments above, -4 saved ebx (image here), then the callee's stack arguments
   Clobbers: what a call may clobber. The callee may have removed its arguments: esp is restored from the frame  */
#include "libffi/asm/asm_base.h"

function ffi_call_image
	endbr32
	pushl	%ebp
	.cfi_def_cfa_offset 8
	.cfi_offset %ebp, -8
	movl	%esp, %ebp
	.cfi_def_cfa_register %ebp
	pushl	%ebx
	.cfi_offset %ebx, -12
	movl	8(%ebp), %ebx

	/* The argument area ends on a multiple of stack_align. Pushing from its top touches every page of the stack in order.  */
	movl	20(%ebp), %ecx
	movl	28(%ebp), %edx
	negl	%edx
	movl	%esp, %eax
	subl	%ecx, %eax
	andl	%edx, %eax
	leal	(%eax,%ecx), %esp
	movl	16(%ebp), %edx
	testl	%ecx, %ecx
	jz	2f
1:	pushl	-4(%edx,%ecx)
	subl	$4, %ecx
	jnz	1b
2:
	movl	IMAGE_GPR(%ebx), %eax
	movl	IMAGE_GPR+4(%ebx), %edx
	movl	IMAGE_GPR+8(%ebx), %ecx
	call	*12(%ebp)

	movl	%eax, IMAGE_RESULT_GPR(%ebx)
	movl	%edx, IMAGE_RESULT_GPR+4(%ebx)
	movl	24(%ebp), %eax
	testl	$(PLAN_RESULT_X87 | PLAN_RESULT_FLOAT | PLAN_RESULT_DOUBLE), %eax
	jnz	4f
3:	leal	-4(%ebp), %esp
	.cfi_remember_state
	popl	%ebx
	.cfi_restore %ebx
	popl	%ebp
	.cfi_restore %ebp
	.cfi_def_cfa %esp, 4
	ret
	.cfi_restore_state

	/* st0 in the width of its type: a store of another width would raise exceptions of its own.  */
4:	testl	$PLAN_RESULT_FLOAT, %eax
	jz	5f
	fstps	IMAGE_X87(%ebx)
	jmp	3b
5:	testl	$PLAN_RESULT_DOUBLE, %eax
	jz	6f
	fstpl	IMAGE_X87(%ebx)
	jmp	3b
6:	movl	$0, IMAGE_X87+8(%ebx)		/* ten bytes of twelve are stored */
	fstpt	IMAGE_X87(%ebx)
	jmp	3b
end_function ffi_call_image

end_of_file 0xc0000002, 3, 4
