/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT) */
/*
 * User interface of /dev/trampfd: trampolines whose code and targets belong
 * to the kernel.  README.md beside this file states the contract.
 */
#ifndef _UAPI_LINUX_TRAMPFD_H
#define _UAPI_LINUX_TRAMPFD_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Value of trampfd_info.version; a caller leaves any other version alone. */
#define TRAMPFD_VERSION		1

/*
 * File offset of the control area: pread() there fills a struct trampfd_info,
 * pwrite() there sets the allowed PCs, once.  Every other offset of the file
 * is an offset in a table, see struct trampfd_info.
 */
#define TRAMPFD_CONTROL_OFFSET	0

/*
 * Values of trampfd_info.isa, and where the target finds the record's address.
 * On i386 a word of no interest and that address stand on the stack, below the
 * return address: the target removes both.
 */
#define TRAMPFD_ISA_X86_64	1	/* in %r10 */
#define TRAMPFD_ISA_I386	2	/* at 4(%esp) */
#define TRAMPFD_ISA_ARM64	3	/* in x17; x16 is lost */

/**
 * struct trampfd_info - geometry and limits, read rather than assumed
 * @size: sizeof(struct trampfd_info) as the driver knows it
 * @version: TRAMPFD_VERSION
 * @isa: one of TRAMPFD_ISA_*, of the task that opened the device
 * @flags: 0
 * @table_stride: distance between two tables in the file
 * @code_size: bytes of code in one table
 * @records_size: bytes of records in one table
 * @slot_size: distance between slots
 * @record_size: distance between records
 * @slots: slots of a table that can be used, counted from its start
 * @data_offset: offset of the caller's bytes in a record
 * @data_size: number of the caller's bytes in a record
 * @pc_offset: offset of the target PC in a record
 * @max_pcs: longest list of allowed PCs
 * @max_tables: table numbers of one object run from 0 to max_tables - 1
 * @reserved: 0
 *
 * Table t lies in the file from t * @table_stride: its code, and its records
 * right behind that.  It has the same shape in memory.
 */
struct trampfd_info {
	__u32	size;
	__u32	version;
	__u32	isa;
	__u32	flags;
	__u32	table_stride;
	__u32	code_size;
	__u32	records_size;
	__u32	slot_size;
	__u32	record_size;
	__u32	slots;
	__u32	data_offset;
	__u32	data_size;
	__u32	pc_offset;
	__u32	max_pcs;
	__u32	max_tables;
	__u32	reserved;
};

/* Longest list of allowed PCs. */
#define TRAMPFD_MAX_PCS		16

/**
 * struct trampfd_pcs - the only addresses that slots may jump to
 * @npcs: length of @pcs, 1 to TRAMPFD_MAX_PCS
 * @unset: 0: a slot that is not set traps; n: it goes to the n-th of @pcs
 * @pcs: addresses in executable memory that is not writable
 */
struct trampfd_pcs {
	__u32		npcs;
	__u32		unset;
	__aligned_u64	pcs[];
};

/* Bytes of a record that are the caller's own. */
#define TRAMPFD_DATA_SIZE	48

/**
 * struct trampfd_record - what a slot reaches, as written and as mapped
 * @seq: written as 0; in memory it is odd while the driver changes the record
 *	and grows by 2 with every change
 * @reserved: 0
 * @data: the caller's bytes, copied as they are
 * @pc: an allowed PC; or 0, with all of @data 0, to unset the slot, which
 *	memory shows as the address where such slots go
 */
struct trampfd_record {
	__u32		seq;
	__u32		reserved;
	__u8		data[TRAMPFD_DATA_SIZE];
	__aligned_u64	pc;
};

/**
 * struct trampfd_adopt - a mapped table to be written through this descriptor
 * @code: address of the table's code in the calling process
 * @table: table number that it gets in this object
 * @reserved: 0
 */
struct trampfd_adopt {
	__aligned_u64	code;
	__u32		table;
	__u32		reserved;
};

/*
 * Take over a table that this process inherited by fork(), or whose descriptor
 * it has lost.  The object's list of allowed PCs has to be the table's own.
 */
#define TRAMPFD_ADOPT		_IOW('t', 0xa0, struct trampfd_adopt)

/**
 * struct trampfd_set - one record, named by where its table is mapped
 * @code: address of the table's code in the calling process
 * @slot: slot of that table
 * @reserved: 0
 * @record: as for pwrite()
 */
struct trampfd_set {
	__aligned_u64		code;
	__u32			slot;
	__u32			reserved;
	struct trampfd_record	record;
};

/*
 * Set or unset one slot of any table of this process whose list of allowed PCs
 * is the object's own.  Unlike pwrite() it harms nothing when the descriptor's
 * number has become another file's: that file does not know the command.
 */
#define TRAMPFD_SET		_IOW('t', 0xa1, struct trampfd_set)

#endif /* _UAPI_LINUX_TRAMPFD_H */
