/* SPDX-License-Identifier: MIT */
/* The static trampoline tables of aarch64: slot i hands record i to the handler that the record's index names.

   Entry:    a call through a closure; every register and the stack belong to the callee of that call
   Leaves:   x17 the record; x15, x16 and flags clobbered; all else untouched, so that no unwind rule is needed on the way
   Reaches:  entry `index' of the allowlist, or entry 0 if a record may not name that index. The allowlist's address
             comes from read-only memory: the page before a copied table, relocated data for the built-in one.
             The last jump goes through x16, which `bti c' accepts from a jump.  */
#include "libffi/asm/asm_base.h"

/* A copied table finds its neighbours at fixed distances; `adr' and a literal load span 1 MiB.  */
.macro copied_record table, index
	adr	x17, \table + TABLE_CODE_BYTES + \index * TABLE_RECORD_BYTES
.endm
.macro copied_allowlist table
	ldr	x15, \table - TABLE_PAGE_BYTES
.endm

/* The built-in one uses what the linker places anywhere.  */
.macro builtin_record table, index
	adrp	x17, ffi_builtin_records + \index * TABLE_RECORD_BYTES
	add	x17, x17, :lo12:ffi_builtin_records + \index * TABLE_RECORD_BYTES
.endm
.macro builtin_allowlist table
	adrp	x15, allowlist
	ldr	x15, [x15, :lo12:allowlist]
.endm

.macro table name, bytes, kind
	.text
	.balign	\bytes
	.globl	\name
	.hidden	\name
	.type	\name, %function
\name:
0:	.cfi_startproc
	.set	index, 0
	.rept	\bytes / TABLE_SLOT_BYTES - TABLE_TAIL_SLOTS
	bti	c
	\kind\()_record 0b, index
	b	1f
	.balign	TABLE_SLOT_BYTES
	.set	index, index + 1
	.endr
1:	ldr	w16, [x17, #RECORD_HANDLER]
	cmp	w16, #TABLE_RECORD_HANDLERS
	csel	w16, w16, wzr, lo
	\kind\()_allowlist 0b
	ldr	x16, [x15, x16, lsl #3]
	br	x16
	.balign	TABLE_SLOT_BYTES
	.org	\name + \bytes
	.cfi_endproc
	.size	\name, \bytes
.endm

table ffi_tramp_table, TABLE_CODE_BYTES, copied
table ffi_tramp_builtin, TABLE_BUILTIN_BYTES, builtin

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

end_of_file 0xc0000000, 7, 8
