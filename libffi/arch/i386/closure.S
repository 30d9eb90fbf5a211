/* SPDX-License-Identifier: MIT */
/* The ABI handlers of i386: registers to an image, C++, the image to registers.

   No register is free in every convention, so a handler's parameter (a record, an ffi_closure) comes on the stack, under the
   return address.
   Entry:    esp one word of the trampoline's, 4 the parameter, 8 the return address, 12 the caller's stack arguments; every
             register as the caller of the closure left it. The doors that have less on the stack push it first
   Frame:    ebp saved ebp (the parameter's place), 4 the return address, 8 the caller's stack arguments; below, aligned,
             arguments for C++ at esp and the image at esp+16
   Clobbers: what a call may clobber. What the convention wants removed from the caller's stack is removed  */
#include "libffi/asm/asm_base.h"

#define IMAGE 16

/* pushed: how many of the two words below the return address are there already; chain: the register to push instead.  */
.macro enter_frame pushed, chain
	.cfi_def_cfa_offset 4 + 4 * \pushed
	endbr32
.if \pushed == 0
	pushl	%\chain
	.cfi_def_cfa_offset 8
.endif
.if \pushed < 2
	pushl	%eax
	.cfi_def_cfa_offset 12
.else
	movl	%eax, (%esp)
.endif
	movl	4(%esp), %eax
	movl	%ebp, 4(%esp)
	.cfi_offset %ebp, -8
	leal	4(%esp), %ebp
	.cfi_def_cfa %ebp, 8
.endm

.macro handler name, enter, pushed, chain
function \name
	enter_frame \pushed, \chain
	subl	$(IMAGE + IMAGE_SIZE), %esp
	andl	$-16, %esp
	movl	%eax, (%esp)
	movl	%edx, IMAGE+IMAGE_GPR+4(%esp)
	movl	%ecx, IMAGE+IMAGE_GPR+8(%esp)
	movl	-4(%ebp), %eax
	movl	%eax, IMAGE+IMAGE_GPR(%esp)
	xorl	%eax, %eax
	movl	%eax, IMAGE+IMAGE_RESULT_GPR(%esp)
	movl	%eax, IMAGE+IMAGE_RESULT_GPR+4(%esp)
	leal	IMAGE(%esp), %eax
	movl	%eax, 4(%esp)
	leal	8(%ebp), %eax
	movl	%eax, 8(%esp)
	call	\enter

	testl	$(PLAN_RESULT_X87 | PLAN_RESULT_FLOAT | PLAN_RESULT_DOUBLE), IMAGE+IMAGE_FLAGS(%esp)
	jnz	2f
	/* The return address moves up over what is removed, so that a plain ret ends the call that the caller began. At that ret, ecx
	   says how far the frame's end lies below, where a signal may have overwritten everything: CFA = esp + 4 - ecx, and the return
	   address is at esp.  */
1:	movl	IMAGE+IMAGE_POPS(%esp), %ecx
	movl	4(%ebp), %eax
	movl	%eax, 4(%ebp,%ecx)
	movl	IMAGE+IMAGE_RESULT_GPR(%esp), %eax
	movl	IMAGE+IMAGE_RESULT_GPR+4(%esp), %edx
	.cfi_remember_state
	leave
	.cfi_restore %ebp
	.cfi_def_cfa %esp, 4
	addl	%ecx, %esp
	.cfi_escape 0x0f, 5, 0x74, 4, 0x71, 0, 0x1c	/* DW_CFA_def_cfa_expression: breg4 4, breg1 0, minus */
	.cfi_escape 0x10, 8, 2, 0x74, 0			/* DW_CFA_expression of the return address: breg4 0 */
	ret
	.cfi_restore_state

2:	testl	$PLAN_RESULT_FLOAT, IMAGE+IMAGE_FLAGS(%esp)
	jz	3f
	flds	IMAGE+IMAGE_X87(%esp)
	jmp	1b
3:	testl	$PLAN_RESULT_DOUBLE, IMAGE+IMAGE_FLAGS(%esp)
	jz	4f
	fldl	IMAGE+IMAGE_X87(%esp)
	jmp	1b
4:	fldt	IMAGE+IMAGE_X87(%esp)
	jmp	1b
end_function \name
.endm

handler ffi_closure_record, ffi_enter_record, 2
handler ffi_closure_memory, ffi_enter_memory, 1
handler ffi_closure_raw, ffi_enter_raw, 1
handler ffi_closure_go_ecx, ffi_enter_go, 0, ecx
handler ffi_closure_go_eax, ffi_enter_go, 0, eax

/* Where the trampoline of a closure that is free or not yet bound ends.  */
function ffi_closure_trapped
	enter_frame 2
	subl	$16, %esp
	andl	$-16, %esp
	movl	%eax, (%esp)
	call	ffi_closure_trap
	ud2
end_function ffi_closure_trapped

end_of_file 0xc0000002, 3, 4
