/* SPDX-License-Identifier: MIT */
/* What every assembly file starts with: generated offsets, function brackets and the notes of its object file.  */

#include "libffi/asm/asm-offsets.h"

/* A hidden function with unwind information from its first instruction to its last.  */
.macro function name
	.text
	.p2align 4
	.globl	\name
	.hidden	\name
	.type	\name, %function
\name:
	.cfi_startproc
.endm

.macro end_function name
	.cfi_endproc
	.size	\name, . - \name
.endm

/* The end of a file: a stack without execute permission, and the GNU property `type' with the bits `bits' (landing pads, shadow
   stack), which the linker keeps only when every object has it. `align' is the size of a pointer.  */
.macro end_of_file type, bits, align
	.section .note.GNU-stack, "", %progbits
	.section .note.gnu.property, "a", %note
	.balign	\align
	.long	4			/* "GNU" and its zero */
	.long	2f - 1f
	.long	5			/* NT_GNU_PROPERTY_TYPE_0 */
	.asciz	"GNU"
1:	.long	\type
	.long	4
	.long	\bits
	.balign	\align
2:
.endm
