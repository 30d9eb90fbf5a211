/* SPDX-License-Identifier: MIT */
/* The call of aarch64: image in, call, image out.

   void ffi_call_image(Image *image, void (*fn)(), const void *stack, size_t stack_bytes,
                       uint32_t plan_flags, uint32_t stack_align)
   Entry:    x0 image, x1 fn, x2 stack, x3 stack_bytes (a multiple of 16), w4 plan_flags, w5 stack_align (always 16)
   Frame:    x29 saved x29, 8 saved x30, 16 saved x19 (image here), below it the callee's stack arguments
   Clobbers: what a call may clobber; x18 only when the image has a chain  */
#include "libffi/asm/asm_base.h"

function ffi_call_image
	paciasp
	.cfi_negate_ra_state
	stp	x29, x30, [sp, #-32]!
	.cfi_def_cfa_offset 32
	.cfi_offset 29, -32
	.cfi_offset 30, -24
	mov	x29, sp
	.cfi_def_cfa_register 29
	str	x19, [sp, #16]
	.cfi_offset 19, -16
	mov	x19, x0
	mov	x9, x1

	/* Pushing from the top of the argument area touches every page of the stack in order.  */
	cbz	x3, 2f
	add	x2, x2, x3
1:	ldp	x10, x11, [x2, #-16]!
	stp	x10, x11, [sp, #-16]!
	subs	x3, x3, #16
	b.ne	1b
2:
	tst	w4, #PLAN_USES_VECTORS
	b.eq	4f
	/* What was just stored in eights is loaded in eights: a load of sixteen would have to wait for the store buffer.  */
	tst	w4, #PLAN_WIDE_VECTORS
	b.ne	3f
	ldr	d0, [x19, #IMAGE_VECTOR]
	ldr	d1, [x19, #IMAGE_VECTOR+16]
	ldr	d2, [x19, #IMAGE_VECTOR+32]
	ldr	d3, [x19, #IMAGE_VECTOR+48]
	tst	w4, #PLAN_MANY_VECTORS
	b.eq	4f
	ldr	d4, [x19, #IMAGE_VECTOR+64]
	ldr	d5, [x19, #IMAGE_VECTOR+80]
	ldr	d6, [x19, #IMAGE_VECTOR+96]
	ldr	d7, [x19, #IMAGE_VECTOR+112]
	b	4f
3:	ldp	q0, q1, [x19, #IMAGE_VECTOR]
	ldp	q2, q3, [x19, #IMAGE_VECTOR+32]
	ldp	q4, q5, [x19, #IMAGE_VECTOR+64]
	ldp	q6, q7, [x19, #IMAGE_VECTOR+96]
4:	ldr	x10, [x19, #IMAGE_CHAIN]
	cbz	x10, 5f
	mov	x18, x10
5:	ldr	x8, [x19, #IMAGE_INDIRECT]
	ldp	x0, x1, [x19, #IMAGE_GPR]
	ldp	x2, x3, [x19, #IMAGE_GPR+16]
	ldp	x4, x5, [x19, #IMAGE_GPR+32]
	ldp	x6, x7, [x19, #IMAGE_GPR+48]
	blr	x9

	stp	x0, x1, [x19, #IMAGE_GPR]
	stp	q0, q1, [x19, #IMAGE_VECTOR]
	stp	q2, q3, [x19, #IMAGE_VECTOR+32]
	mov	sp, x29
	.cfi_def_cfa_register 31
	ldr	x19, [sp, #16]
	.cfi_restore 19
	ldp	x29, x30, [sp], #32
	.cfi_restore 29
	.cfi_restore 30
	.cfi_def_cfa_offset 0
	autiasp
	.cfi_negate_ra_state
	ret
end_function ffi_call_image

end_of_file 0xc0000000, 7, 8
