/* SPDX-License-Identifier: MIT */
/* The static trampoline tables of x86-64: slot i hands record i to the handler that the record's index names.

   Entry:    a call through a closure; every register and the stack belong to the callee of that call
   Leaves:   r10 the record; r11 clobbered; all else untouched, so that no unwind rule is needed on the way
   Reaches:  entry `index' of the allowlist, or entry 0 if a record may not name that index. The allowlist's address
             comes from read-only memory: the page before a copied table, relocated data for the built-in one.  */
#include "libffi/asm/asm_base.h"

.macro table name, bytes, records, allowlist
	.text
	.balign	TABLE_PAGE_BYTES, 0xcc
	.globl	\name
	.hidden	\name
	.type	\name, %function
\name:
	.cfi_startproc
	.set	index, 0
	.rept	\bytes / TABLE_SLOT_BYTES - TABLE_TAIL_SLOTS
	endbr64
	leaq	(\records + index * TABLE_RECORD_BYTES)(%rip), %r10
	{disp32} jmp	1f
	.balign	TABLE_SLOT_BYTES, 0xcc
	.set	index, index + 1
	.endr
1:	movl	RECORD_HANDLER(%r10), %r11d
	cmpl	$TABLE_RECORD_HANDLERS, %r11d
	jb	2f
	xorl	%r11d, %r11d
2:	shll	$3, %r11d
	addq	\allowlist(%rip), %r11
	jmp	*(%r11)
	.balign	TABLE_SLOT_BYTES, 0xcc
	.org	\name + \bytes, 0xcc
	.cfi_endproc
	.size	\name, \bytes
.endm

table ffi_tramp_table, TABLE_CODE_BYTES, (ffi_tramp_table + TABLE_CODE_BYTES), (ffi_tramp_table - TABLE_PAGE_BYTES)
table ffi_tramp_builtin, TABLE_BUILTIN_BYTES, ffi_builtin_records, allowlist

	.section .data.rel.ro.local, "aw", %progbits
	.balign	8
allowlist:
	.quad	ffi_handlers

	.bss
	.balign	TABLE_PAGE_BYTES
	.globl	ffi_builtin_records
	.hidden	ffi_builtin_records
	.type	ffi_builtin_records, %object
ffi_builtin_records:
	.zero	TABLE_BUILTIN_BYTES / TABLE_SLOT_BYTES * TABLE_RECORD_BYTES
	.size	ffi_builtin_records, . - ffi_builtin_records

end_of_file 0xc0000002, 3, 8
