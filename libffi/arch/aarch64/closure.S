/* SPDX-License-Identifier: MIT */
/* The ABI handlers of aarch64: registers to an image, C++, the image to registers.

   Entry:    a trampoline jumped here: x17 holds the door's parameter (a record or an ffi_closure), for a Go closure x18 does;
             every other register but the trampoline's x15 and x16 and the stack are as the caller of the closure left them
   Frame:    x29 saved x29, 8 saved x30, 16 the caller's stack arguments, below the image at sp
   Clobbers: what a call may clobber  */
#include "libffi/asm/asm_base.h"

/* paciasp is a landing pad as well.  */
.macro enter_frame
	paciasp
	.cfi_negate_ra_state
	stp	x29, x30, [sp, #-16]!
	.cfi_def_cfa_offset 16
	.cfi_offset 29, -16
	.cfi_offset 30, -8
	mov	x29, sp
	.cfi_def_cfa_register 29
.endm

.macro handler name, enter, parameter, vectors
function \name
	enter_frame
	sub	sp, sp, #IMAGE_SIZE
	stp	x0, x1, [sp, #IMAGE_GPR]
	stp	x2, x3, [sp, #IMAGE_GPR+16]
	stp	x4, x5, [sp, #IMAGE_GPR+32]
	stp	x6, x7, [sp, #IMAGE_GPR+48]
	str	x8, [sp, #IMAGE_INDIRECT]
.if \vectors
	stp	q0, q1, [sp, #IMAGE_VECTOR]
	stp	q2, q3, [sp, #IMAGE_VECTOR+32]
	stp	q4, q5, [sp, #IMAGE_VECTOR+64]
	stp	q6, q7, [sp, #IMAGE_VECTOR+96]
.else
	movi	v0.2d, #0
	stp	q0, q0, [sp, #IMAGE_VECTOR]
	stp	q0, q0, [sp, #IMAGE_VECTOR+32]
.endif
	mov	x9, #(\vectors * PLAN_USES_VECTORS)
	str	x9, [sp, #IMAGE_SAVED]
	mov	x0, \parameter
	mov	x1, sp
	add	x2, x29, #16
	bl	\enter
	ldp	x0, x1, [sp, #IMAGE_GPR]
	ldp	q0, q1, [sp, #IMAGE_VECTOR]
	ldp	q2, q3, [sp, #IMAGE_VECTOR+32]
	mov	sp, x29
	.cfi_def_cfa_register 31
	ldp	x29, x30, [sp], #16
	.cfi_restore 29
	.cfi_restore 30
	.cfi_def_cfa_offset 0
	autiasp
	.cfi_negate_ra_state
	ret
end_function \name
.endm

handler ffi_closure_sysv, ffi_enter_record, x17, 0
handler ffi_closure_sysv_vectors, ffi_enter_record, x17, 1
handler ffi_closure_sysv_memory, ffi_enter_memory, x17, 0
handler ffi_closure_sysv_memory_vectors, ffi_enter_memory, x17, 1
handler ffi_closure_sysv_go, ffi_enter_go, x18, 0
handler ffi_closure_sysv_go_vectors, ffi_enter_go, x18, 1

/* Where the trampoline of a closure that is free or not yet bound ends.  */
function ffi_closure_trapped
	enter_frame
	mov	x0, x17
	bl	ffi_closure_trap
	brk	#1
end_function ffi_closure_trapped

end_of_file 0xc0000000, 7, 8
