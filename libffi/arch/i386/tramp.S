/* SPDX-License-Identifier: MIT */
/* The static trampoline tables of i386: slot i hands record i to the handler that the record's index names.

   Entry:    a call through a closure; every register and the stack belong to the callee of that call, and some convention
             uses each of eax, edx and ecx
   Leaves:   on the stack, above the return address: the handler's address, the record's. Every register untouched
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
	.cfi_def_cfa_offset 4
	endbr32
	pushl	$(index * TABLE_RECORD_BYTES)
	.cfi_def_cfa_offset 8
	{disp32} jmp	1f
	.balign	TABLE_SLOT_BYTES, 0xcc
	.set	index, index + 1
	.endr
1:	pushl	%eax			/* room for the handler's address */
	.cfi_def_cfa_offset 12
	pushl	%eax
	.cfi_def_cfa_offset 16
	pushl	%ecx
	.cfi_def_cfa_offset 20
	call	2f			/* to the next instruction: processors do not take it for a call */
2:	.cfi_def_cfa_offset 24
	popl	%eax
	.cfi_def_cfa_offset 20
	leal	(\records - 2b)(%eax), %ecx
	addl	12(%esp), %ecx
	movl	%ecx, 12(%esp)
	movl	RECORD_HANDLER(%ecx), %ecx
	cmpl	$TABLE_RECORD_HANDLERS, %ecx
	jb	3f
	xorl	%ecx, %ecx
3:	movl	(\allowlist - 2b)(%eax), %eax
	movl	(%eax,%ecx,4), %eax
	movl	%eax, 8(%esp)
	popl	%ecx
	.cfi_def_cfa_offset 16
	popl	%eax
	.cfi_def_cfa_offset 12
	jmp	*(%esp)
	.org	\name + \bytes, 0xcc
	.cfi_endproc
	.size	\name, \bytes
.endm

table ffi_tramp_table, TABLE_CODE_BYTES, (ffi_tramp_table + TABLE_CODE_BYTES), (ffi_tramp_table - TABLE_PAGE_BYTES)
table ffi_tramp_builtin, TABLE_BUILTIN_BYTES, ffi_builtin_records, allowlist

	.section .data.rel.ro.local, "aw", %progbits
	.balign	4
allowlist:
	.long	ffi_handlers

	.bss
	.balign	TABLE_PAGE_BYTES
	.globl	ffi_builtin_records
	.hidden	ffi_builtin_records
	.type	ffi_builtin_records, %object
ffi_builtin_records:
	.zero	TABLE_BUILTIN_BYTES / TABLE_SLOT_BYTES * TABLE_RECORD_BYTES
	.size	ffi_builtin_records, . - ffi_builtin_records

end_of_file 0xc0000002, 3, 4
