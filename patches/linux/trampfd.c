// SPDX-License-Identifier: GPL-2.0
/*
 * trampfd: trampolines whose code and targets belong to the kernel.
 *
 * A library that hands out function pointers made at run time (libffi's
 * closures) needs, for each of them, a few instructions and a record of where
 * they lead.  This device maps both into the process: constant pages of code,
 * the same for everybody, and pages of records that only this driver writes.
 * No store, mprotect() or /proc/pid/mem write of the process alters either,
 * and a record leads nowhere but to an address on a list that the process
 * fixed beforehand.
 *
 * A table is the code of some thousand slots and, right behind it, as many
 * records, which the code finds by its own address.  Code is executable only
 * while the records are mapped behind it: trampfd_mmap() takes the records
 * first and the code at just the one address that fits, no part of either can
 * be moved, split or changed in protection, and unmapping the records takes
 * the code away.
 *
 * An object (struct trampfd) belongs to the address space that opened it; in
 * any other one its descriptor is dead.  fork() gives the child a copy of
 * every mapped table.
 *
 * Lock order: mmap_lock, trampfd.lock, trampfd_table.lock of the parent in a
 * fork, trampfd_table.lock, trampfd_lock.  No user memory is touched under
 * any of ours.
 */

#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/pagemap.h>
#include <linux/refcount.h>
#include <linux/sched/mm.h>
#include <linux/sched/task_stack.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>
#include <linux/xarray.h>

#include "trampfd.h"

/* From one table to the next in the file: room for any architecture's. */
#define TABLE_STRIDE	0x80000
#define RECORD_SIZE	sizeof(struct trampfd_record)
#define PC_OFFSET	offsetof(struct trampfd_record, pc)
/* Records copied from the user at a time. */
#define BATCH		8

static unsigned int process_lists = 1;
module_param(process_lists, uint, 0644);
MODULE_PARM_DESC(process_lists,
		 "Different lists of allowed PCs that one process may set");

static unsigned int object_tables = 4096;
module_param(object_tables, uint, 0644);
MODULE_PARM_DESC(object_tables, "Tables of one object");

static unsigned int user_objects = 16384;
module_param(user_objects, uint, 0644);
MODULE_PARM_DESC(user_objects, "Open objects of one user");

static unsigned int user_kbytes = 1024 * 1024;
module_param(user_kbytes, uint, 0644);
MODULE_PARM_DESC(user_kbytes, "Memory for the records of one user, in KiB");

/*
 * The code of a table for tasks of one kind.  Sizes divide by the largest page
 * of the architecture, whichever runs now, so that geometry never varies.
 */
struct trampfd_isa {
	u32		id;
	unsigned int	slot_size;
	unsigned int	places;		/* slots and tail: a power of two */
	unsigned int	tail_places;	/* for what slots have in common */
	unsigned int	trap_offset;	/* in the tail */
	const void	*trap;		/* what fills gaps */
	unsigned int	trap_size;
	void		(*write_slot)(const struct trampfd_isa *isa, void *at,
				      unsigned int slot);
	void		(*write_tail)(const struct trampfd_isa *isa, void *at);
	void		*code;		/* constant once made */
};

/* Allowed PCs: struct trampfd_pcs with zeros behind the last one. */
struct trampfd_list {
	u32	npcs;
	u32	unset;
	u64	pcs[TRAMPFD_MAX_PCS];
};

/* A list in force in one address space. */
struct trampfd_policy {
	struct hlist_node	node;
	struct mm_struct	*mm;	/* grabbed: its address is its name */
	refcount_t		refs;
	struct trampfd_list	list;
};

/* What one user holds. */
struct trampfd_user {
	struct hlist_node	node;
	kuid_t			uid;
	refcount_t		refs;
	atomic_long_t		objects;
	atomic_long_t		pages;
};

/* The two mappings of a table. */
enum { HALF_CODE = 1, HALF_RECORDS = 2, HALF_BOTH = 3 };

/*
 * One table in one address space.  References: one for each mapping, one for
 * each object that writes to it, and the parent's @fork.
 */
struct trampfd_table {
	refcount_t			refs;
	struct mutex			lock;	/* of @halves and below */
	const struct trampfd_isa	*isa;
	struct trampfd_policy		*policy;
	struct trampfd_user		*user;
	unsigned long			code;	/* address of the code */
	unsigned int			halves;	/* those mapped now */
	bool				dead;	/* one half has been unmapped */
	struct trampfd_table		*fork;	/* copy awaiting its other half */
	struct page			*pages[];
};

/* An open file. */
struct trampfd {
	struct mm_struct		*mm;	/* grabbed */
	const struct trampfd_isa	*isa;
	struct trampfd_user		*user;
	struct mutex			lock;	/* of the two below */
	struct trampfd_policy		*policy;
	struct xarray			tables;
	struct address_space		mapping;
};

static DEFINE_MUTEX(trampfd_lock);	/* of the two below */
static DEFINE_HASHTABLE(trampfd_policies, 8);
static DEFINE_HASHTABLE(trampfd_users, 6);

static unsigned int trampfd_code_size(const struct trampfd_isa *isa)
{
	return isa->places * isa->slot_size;
}

static unsigned int trampfd_records_size(const struct trampfd_isa *isa)
{
	return isa->places * RECORD_SIZE;
}

static unsigned int trampfd_slots(const struct trampfd_isa *isa)
{
	return isa->places - isa->tail_places;
}

/* From the byte at @offset of a place to record @slot. */
static u32 trampfd_to_record(const struct trampfd_isa *isa, unsigned int place,
			     unsigned int offset, unsigned int slot)
{
	return trampfd_code_size(isa) + slot * RECORD_SIZE -
	       (place * isa->slot_size + offset);
}

/* From the byte at @offset of a slot to the tail. */
static u32 trampfd_to_tail(const struct trampfd_isa *isa, unsigned int slot,
			   unsigned int offset)
{
	return (trampfd_slots(isa) - slot) * isa->slot_size - offset;
}

#ifdef CONFIG_X86_64

static const u8 trampfd_int3[] = { 0xcc };

static void trampfd_put_u32(void *at, u32 value)
{
	memcpy(at, &value, sizeof(value));
}

static void trampfd_x86_64_slot(const struct trampfd_isa *isa, void *at,
				unsigned int slot)
{
	static const u8 code[] = {
		0xf3, 0x0f, 0x1e, 0xfa,		/* endbr64 */
		0x4c, 0x8d, 0x15, 0, 0, 0, 0,	/* lea record(%rip), %r10 */
		0xe9, 0, 0, 0, 0,		/* jmp tail */
	};

	memcpy(at, code, sizeof(code));
	trampfd_put_u32(at + 7, trampfd_to_record(isa, slot, 11, slot));
	trampfd_put_u32(at + 12, trampfd_to_tail(isa, slot, 16));
}

static void trampfd_x86_64_tail(const struct trampfd_isa *isa, void *at)
{
	static const u8 code[] = { 0x41, 0xff, 0x62, PC_OFFSET };

	memcpy(at, code, sizeof(code));		/* jmp *pc(%r10) */
}

/* Some convention uses each register, so the record goes on the stack. */
static void trampfd_i386_slot(const struct trampfd_isa *isa, void *at,
			      unsigned int slot)
{
	static const u8 code[] = {
		0xf3, 0x0f, 0x1e, 0xfb,		/* endbr32 */
		0x68, 0, 0, 0, 0,		/* push $(record - record 0) */
		0xe9, 0, 0, 0, 0,		/* jmp tail */
	};

	memcpy(at, code, sizeof(code));
	trampfd_put_u32(at + 5, slot * RECORD_SIZE);
	trampfd_put_u32(at + 10, trampfd_to_tail(isa, slot, 14));
}

static void trampfd_i386_tail(const struct trampfd_isa *isa, void *at)
{
	static const u8 code[] = {
		0x50,				/* push %eax: room for the PC */
		0x50,				/* push %eax */
		0xe8, 0, 0, 0, 0,		/* call 1f */
		0x58,				/* 1: pop %eax */
		0x05, 0, 0, 0, 0,		/* add $(record 0 - 1b), %eax */
		0x03, 0x44, 0x24, 0x08,		/* add 8(%esp), %eax */
		0x89, 0x44, 0x24, 0x08,		/* mov %eax, 8(%esp) */
		0x8b, 0x40, PC_OFFSET,		/* mov pc(%eax), %eax */
		0x89, 0x44, 0x24, 0x04,		/* mov %eax, 4(%esp) */
		0x58,				/* pop %eax */
		0xff, 0x24, 0x24,		/* jmp *(%esp) */
	};

	memcpy(at, code, sizeof(code));
	trampfd_put_u32(at + 9, trampfd_to_record(isa, trampfd_slots(isa), 7, 0));
}

static struct trampfd_isa trampfd_isas[] __ro_after_init = {
	{
		.id = TRAMPFD_ISA_X86_64,
		.slot_size = 16, .places = 1024, .tail_places = 2,
		.trap = trampfd_int3, .trap_size = sizeof(trampfd_int3),
		.trap_offset = 8,
		.write_slot = trampfd_x86_64_slot,
		.write_tail = trampfd_x86_64_tail,
	}, {
		.id = TRAMPFD_ISA_I386,
		.slot_size = 16, .places = 1024, .tail_places = 3,
		.trap = trampfd_int3, .trap_size = sizeof(trampfd_int3),
		.trap_offset = 40,
		.write_slot = trampfd_i386_slot,
		.write_tail = trampfd_i386_tail,
	},
};

/* By the segment that the task runs in: int 0x80 from 64-bit code is 64-bit. */
static const struct trampfd_isa *trampfd_current_isa(void)
{
	return &trampfd_isas[task_pt_regs(current)->cs == __USER32_CS];
}

static unsigned long trampfd_code_flags(void)
{
	return 0;
}

#elif defined(CONFIG_ARM64)

static const __le32 trampfd_brk[] = { cpu_to_le32(0xd4200000) };

static void trampfd_arm64_slot(const struct trampfd_isa *isa, void *at,
			       unsigned int slot)
{
	u32 record = trampfd_to_record(isa, slot, 4, slot) / 4;
	u32 tail = trampfd_to_tail(isa, slot, 8) / 4;
	__le32 *code = at;

	code[0] = cpu_to_le32(0xd503245f);		/* bti c */
	code[1] = cpu_to_le32(0x10000011 | record << 5);	/* adr x17, record */
	code[2] = cpu_to_le32(0x14000000 | tail);	/* b tail */
}

/* The acquire makes a caller that sees a new PC see what was stored before. */
static void trampfd_arm64_tail(const struct trampfd_isa *isa, void *at)
{
	__le32 *code = at;

	code[0] = cpu_to_le32(0x91000230 | PC_OFFSET << 10); /* add x16, x17, #pc */
	code[1] = cpu_to_le32(0xc8dffe10);		/* ldar x16, [x16] */
	code[2] = cpu_to_le32(0xd61f0200);		/* br x16 */
}

static struct trampfd_isa trampfd_isas[] __ro_after_init = {
	{
		.id = TRAMPFD_ISA_ARM64,
		.slot_size = 16, .places = 4096, .tail_places = 2,
		.trap = trampfd_brk, .trap_size = sizeof(trampfd_brk),
		.trap_offset = 16,
		.write_slot = trampfd_arm64_slot,
		.write_tail = trampfd_arm64_tail,
	},
};

static const struct trampfd_isa *trampfd_current_isa(void)
{
	return is_compat_task() ? NULL : &trampfd_isas[0];
}

/* A landing pad guards its slot only on pages marked for it. */
static unsigned long trampfd_code_flags(void)
{
	return system_supports_bti() ? VM_ARM64_BTI : 0;
}

#else
#error "trampfd has no code for this architecture"
#endif

static struct trampfd_user *trampfd_user_get(kuid_t uid)
{
	struct trampfd_user *user;

	mutex_lock(&trampfd_lock);
	hash_for_each_possible(trampfd_users, user, node, __kuid_val(uid)) {
		if (uid_eq(user->uid, uid)) {
			refcount_inc(&user->refs);
			goto out;
		}
	}
	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	if (!user)
		goto out;
	user->uid = uid;
	refcount_set(&user->refs, 1);
	hash_add(trampfd_users, &user->node, __kuid_val(uid));
out:
	mutex_unlock(&trampfd_lock);
	return user;
}

static void trampfd_user_put(struct trampfd_user *user)
{
	if (!refcount_dec_and_mutex_lock(&user->refs, &trampfd_lock))
		return;
	hash_del(&user->node);
	mutex_unlock(&trampfd_lock);
	kfree(user);
}

/* The policy of @mm with just this list, made if there is none. */
static struct trampfd_policy *
trampfd_policy_get(struct mm_struct *mm, const struct trampfd_list *list,
		   unsigned int limit)
{
	struct trampfd_policy *policy;
	unsigned int others = 0;

	mutex_lock(&trampfd_lock);
	hash_for_each_possible(trampfd_policies, policy, node,
			       (unsigned long)mm) {
		if (policy->mm != mm)
			continue;
		if (!memcmp(&policy->list, list, sizeof(*list))) {
			refcount_inc(&policy->refs);
			goto out;
		}
		others++;
	}
	policy = ERR_PTR(-EPERM);
	if (others >= limit)
		goto out;
	policy = kzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy) {
		policy = ERR_PTR(-ENOMEM);
		goto out;
	}
	mmgrab(mm);
	policy->mm = mm;
	refcount_set(&policy->refs, 1);
	policy->list = *list;
	hash_add(trampfd_policies, &policy->node, (unsigned long)mm);
out:
	mutex_unlock(&trampfd_lock);
	return policy;
}

static void trampfd_policy_put(struct trampfd_policy *policy)
{
	if (!refcount_dec_and_mutex_lock(&policy->refs, &trampfd_lock))
		return;
	hash_del(&policy->node);
	mutex_unlock(&trampfd_lock);
	mmdrop(policy->mm);
	kfree(policy);
}

static bool trampfd_policy_allows(const struct trampfd_policy *policy, u64 pc)
{
	u32 i;

	for (i = 0; i < policy->list.npcs; i++) {
		if (policy->list.pcs[i] == pc)
			return true;
	}
	return false;
}

/* Takes over the caller's references to @policy and @user if it succeeds. */
static struct trampfd_table *trampfd_table_new(const struct trampfd_isa *isa,
					       struct trampfd_policy *policy,
					       struct trampfd_user *user,
					       unsigned long code)
{
	struct trampfd_table *table;

	table = kzalloc(struct_size(table, pages,
				    trampfd_records_size(isa) / PAGE_SIZE),
			GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	refcount_set(&table->refs, 1);
	mutex_init(&table->lock);
	table->isa = isa;
	table->policy = policy;
	table->user = user;
	table->code = code;
	return table;
}

static unsigned int trampfd_table_pages(const struct trampfd_table *table)
{
	return trampfd_records_size(table->isa) / PAGE_SIZE;
}

static void trampfd_table_free_pages(struct trampfd_table *table)
{
	unsigned int i;

	for (i = 0; i < trampfd_table_pages(table); i++) {
		if (!table->pages[i])
			continue;
		__free_page(table->pages[i]);
		table->pages[i] = NULL;
		atomic_long_dec(&table->user->pages);
	}
}

static void trampfd_table_put(struct trampfd_table *table)
{
	if (!table || !refcount_dec_and_test(&table->refs))
		return;
	trampfd_table_put(table->fork);	/* a copy has none of its own yet */
	trampfd_table_free_pages(table);
	trampfd_policy_put(table->policy);
	trampfd_user_put(table->user);
	mutex_destroy(&table->lock);
	kfree(table);
}

/* The trap in the table's code. */
static u64 trampfd_trap(const struct trampfd_table *table)
{
	const struct trampfd_isa *isa = table->isa;

	return table->code + trampfd_slots(isa) * isa->slot_size +
	       isa->trap_offset;
}

/* Where a slot that is not set goes. */
static u64 trampfd_unset(const struct trampfd_table *table)
{
	const struct trampfd_list *list = &table->policy->list;

	return list->unset ? list->pcs[list->unset - 1] : trampfd_trap(table);
}

/* The page of records number @i, made if it is new.  Call it locked. */
static struct page *trampfd_table_page(struct trampfd_table *table,
				       unsigned int i)
{
	long limit = (long)READ_ONCE(user_kbytes) >> (PAGE_SHIFT - 10);
	struct trampfd_record *record;
	struct page *page;
	unsigned int n;

	lockdep_assert_held(&table->lock);
	i = array_index_nospec(i, trampfd_table_pages(table));
	if (table->pages[i])
		return table->pages[i];
	if (atomic_long_inc_return(&table->user->pages) > limit) {
		atomic_long_dec(&table->user->pages);
		return ERR_PTR(-ENOSPC);
	}
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page) {
		atomic_long_dec(&table->user->pages);
		return ERR_PTR(-ENOMEM);
	}
	record = page_address(page);
	for (n = 0; n < PAGE_SIZE / RECORD_SIZE; n++)
		record[n].pc = trampfd_unset(table);
	table->pages[i] = page;
	return page;
}

/*
 * The child's copy of a table.  What the parent holds is never refused to the
 * child for the user's limit: fork() itself and memcg have theirs.
 */
static struct trampfd_table *trampfd_table_copy(struct trampfd_table *from,
						struct mm_struct *mm)
{
	struct trampfd_policy *policy;
	struct trampfd_table *copy;
	unsigned int i;

	lockdep_assert_held(&from->lock);
	policy = trampfd_policy_get(mm, &from->policy->list, UINT_MAX);
	if (IS_ERR(policy))
		return NULL;
	refcount_inc(&from->user->refs);
	copy = trampfd_table_new(from->isa, policy, from->user, from->code);
	if (!copy) {
		trampfd_user_put(from->user);
		trampfd_policy_put(policy);
		return NULL;
	}
	for (i = 0; i < trampfd_table_pages(from); i++) {
		if (!from->pages[i])
			continue;
		copy->pages[i] = alloc_page(GFP_KERNEL_ACCOUNT);
		if (!copy->pages[i]) {
			trampfd_table_put(copy);
			return NULL;
		}
		atomic_long_inc(&copy->user->pages);
		copy_page(page_address(copy->pages[i]),
			  page_address(from->pages[i]));
	}
	return copy;
}

static void trampfd_record_set(const struct trampfd_table *table,
			       const struct trampfd_record *new,
			       struct trampfd_record *record)
{
	u64 pc = new->pc ? new->pc : trampfd_unset(table);
	const u64 *from = (const u64 *)new->data;
	u64 *to = (u64 *)record->data;
	u32 seq = record->seq;
	unsigned int i;

	BUILD_BUG_ON(offsetof(struct trampfd_record, data) % sizeof(u64));
	BUILD_BUG_ON(TRAMPFD_DATA_SIZE % sizeof(u64));

	/*
	 * A thread may be running through this slot.  With the same target it
	 * reads the record under @seq; with another one it must not bring the
	 * old target the new data, so it traps until the new target is there.
	 */
	WRITE_ONCE(record->seq, seq + 1);
	if (record->pc != pc)
		WRITE_ONCE(record->pc, trampfd_trap(table));
	smp_wmb(); /* odd @seq and the trap, before the data */
	for (i = 0; i < TRAMPFD_DATA_SIZE / sizeof(u64); i++)
		WRITE_ONCE(to[i], from[i]);
	smp_store_release(&record->pc, pc);	/* after the data */
	smp_store_release(&record->seq, seq + 2);	/* after all of it */
}

static struct page *trampfd_code_page(const struct trampfd_isa *isa,
				      unsigned long offset)
{
	return virt_to_page(isa->code + offset);
}

static unsigned int trampfd_half(const struct vm_area_struct *vma)
{
	unsigned long offset = vma->vm_pgoff << PAGE_SHIFT;

	return offset % TABLE_STRIDE ? HALF_RECORDS : HALF_CODE;
}

static vm_fault_t trampfd_vm_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct trampfd_table *table = vma->vm_private_data;
	unsigned long offset = (vmf->address & PAGE_MASK) - vma->vm_start;
	struct page *page;

	if (!table)
		return VM_FAULT_SIGBUS;

	if (trampfd_half(vma) == HALF_CODE) {
		/*
		 * trampfd_vm_close() of the records waits for this lock once
		 * the table is dead; the mm holds it until the page is mapped.
		 */
		page = trampfd_code_page(table->isa, offset);
		get_page(page);
		lock_page(page);
		if (READ_ONCE(table->dead) ||
		    READ_ONCE(table->halves) != HALF_BOTH) {
			unlock_page(page);
			put_page(page);
			return VM_FAULT_SIGBUS;
		}
		vmf->page = page;
		return VM_FAULT_LOCKED;
	}

	mutex_lock(&table->lock);
	page = ERR_PTR(-ENXIO);
	if (!table->dead)
		page = trampfd_table_page(table, offset / PAGE_SIZE);
	if (!IS_ERR(page))
		get_page(page);
	mutex_unlock(&table->lock);
	if (IS_ERR(page))
		return page == ERR_PTR(-ENOMEM) ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	vmf->page = page;
	return 0;
}

/* Takes pages of a file out of all page tables: what is called then faults. */
static void trampfd_unmap_pages(const struct vm_area_struct *vma, loff_t offset,
				unsigned int size)
{
	unmap_mapping_range(vma->vm_file->f_mapping, offset, size, 0);
}

/*
 * The mm has duplicated one of our mappings.  In a fork, the first half of a
 * table makes the child's copy and leaves it in @fork for the second half;
 * the parent's mmap_lock is held all the while.  A half that gets no partner
 * (MADV_DONTFORK), or no memory, never runs.
 *
 * Within one process it is a move, which trampfd_vm_mremap() is about to
 * refuse, but not before code would have been in the new place for a moment,
 * with anything behind it.  So there is nothing left to be moved.
 */
static void trampfd_vm_open(struct vm_area_struct *vma)
{
	struct trampfd_table *from = vma->vm_private_data;
	unsigned int half = trampfd_half(vma);
	struct trampfd_table *copy = NULL, *stale = NULL;

	vma->vm_private_data = NULL;
	if (!from)
		return;
	if (from->policy->mm == vma->vm_mm) {
		trampfd_unmap_pages(vma, (loff_t)vma->vm_pgoff << PAGE_SHIFT,
				    vma->vm_end - vma->vm_start);
		return;
	}

	mutex_lock(&from->lock);
	if (from->fork && from->fork->policy->mm == vma->vm_mm &&
	    !(from->fork->halves & half)) {
		copy = from->fork;	/* with its reference */
		from->fork = NULL;
	} else {
		stale = from->fork;
		from->fork = NULL;
		if (!from->dead && from->halves == HALF_BOTH)
			copy = trampfd_table_copy(from, vma->vm_mm);
		if (copy) {
			refcount_inc(&copy->refs);
			from->fork = copy;
		}
	}
	if (copy) {
		mutex_lock_nested(&copy->lock, SINGLE_DEPTH_NESTING);
		WRITE_ONCE(copy->halves, copy->halves | half);
		mutex_unlock(&copy->lock);
	}
	mutex_unlock(&from->lock);

	vma->vm_private_data = copy;
	trampfd_table_put(stale);
}

static void trampfd_vm_close(struct vm_area_struct *vma)
{
	struct trampfd_table *table = vma->vm_private_data;
	unsigned int half = trampfd_half(vma);
	unsigned int left, size, at;
	struct page *page;

	if (!table)
		return;
	mutex_lock(&table->lock);
	WRITE_ONCE(table->dead, true);
	left = table->halves & ~half;
	WRITE_ONCE(table->halves, left);
	if (!left)
		trampfd_table_free_pages(table);
	mutex_unlock(&table->lock);

	if (left == HALF_CODE) {
		/* Faults that found the table alive finish; then none will. */
		size = trampfd_code_size(table->isa);
		for (at = 0; at < size; at += PAGE_SIZE) {
			page = trampfd_code_page(table->isa, at);
			lock_page(page);
			unlock_page(page);
		}
		trampfd_unmap_pages(vma, ((loff_t)vma->vm_pgoff << PAGE_SHIFT) -
				    size, size);
	}
	trampfd_table_put(table);
}

static int trampfd_vm_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return -EINVAL;
}

static int trampfd_vm_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

static int trampfd_vm_mprotect(struct vm_area_struct *vma, unsigned long start,
			       unsigned long end, unsigned long newflags)
{
	return -EACCES;
}

static const struct vm_operations_struct trampfd_vm_ops = {
	.open		= trampfd_vm_open,
	.close		= trampfd_vm_close,
	.may_split	= trampfd_vm_may_split,
	.mremap		= trampfd_vm_mremap,
	.mprotect	= trampfd_vm_mprotect,
	.fault		= trampfd_vm_fault,
};

static bool trampfd_vma_is_ours(const struct vm_area_struct *vma)
{
	return vma && vma->vm_ops == &trampfd_vm_ops;
}

/* With a reference. */
static struct trampfd_table *trampfd_object_table(struct trampfd *object,
						  unsigned long number)
{
	struct trampfd_table *table;

	mutex_lock(&object->lock);
	table = xa_load(&object->tables, number);
	if (table)
		refcount_inc(&table->refs);
	mutex_unlock(&object->lock);
	return table;
}

/* Gives @table, with a reference of its own, a number that no live one has. */
static int trampfd_object_add(struct trampfd *object, unsigned long number,
			      struct trampfd_table *table)
{
	struct trampfd_table *old;

	lockdep_assert_held(&object->lock);
	old = xa_load(&object->tables, number);
	if (old && !READ_ONCE(old->dead))
		return -EBUSY;
	old = xa_store(&object->tables, number, table, GFP_KERNEL_ACCOUNT);
	if (xa_is_err(old))
		return xa_err(old);
	refcount_inc(&table->refs);
	trampfd_table_put(old);
	return 0;
}

static int trampfd_map_records(struct trampfd *object, unsigned long number,
			       struct vm_area_struct *vma)
{
	struct trampfd_table *table;
	unsigned int code_size = trampfd_code_size(object->isa);
	int ret;

	if (vma->vm_start <= code_size)
		return -EINVAL;
	refcount_inc(&object->policy->refs);
	refcount_inc(&object->user->refs);
	table = trampfd_table_new(object->isa, object->policy, object->user,
				  vma->vm_start - code_size);
	if (!table) {
		trampfd_user_put(object->user);
		trampfd_policy_put(object->policy);
		return -ENOMEM;
	}
	ret = trampfd_object_add(object, number, table);
	if (ret) {
		trampfd_table_put(table);
		return ret;
	}
	table->halves = HALF_RECORDS;
	vma->vm_private_data = table;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP,
		     VM_MAYWRITE | VM_MAYEXEC);
	return 0;
}

static int trampfd_map_code(struct trampfd *object, unsigned long number,
			    struct vm_area_struct *vma)
{
	struct trampfd_table *table = xa_load(&object->tables, number);
	int ret;

	if (!table)
		return -ENXIO;
	mutex_lock(&table->lock);
	if (table->dead)
		ret = -ENXIO;
	else if (table->halves & HALF_CODE)
		ret = -EBUSY;
	else if (vma->vm_start != table->code)
		ret = -EINVAL;
	else
		ret = 0;
	if (!ret) {
		WRITE_ONCE(table->halves, HALF_BOTH);
		refcount_inc(&table->refs);
	}
	mutex_unlock(&table->lock);
	if (ret)
		return ret;
	vma->vm_private_data = table;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP | trampfd_code_flags(),
		     VM_MAYWRITE);
	return 0;
}

static int trampfd_mmap(struct file *file, struct vm_area_struct *vma)
{
	const vm_flags_t access = VM_READ | VM_WRITE | VM_EXEC;
	struct trampfd *object = file->private_data;
	const struct trampfd_isa *isa = object->isa;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 number = offset / TABLE_STRIDE;
	vm_flags_t wanted = VM_READ;
	unsigned long size;
	bool code;
	int ret;

	offset %= TABLE_STRIDE;
	code = offset == 0;
	if (code) {
		wanted |= VM_EXEC;
		size = trampfd_code_size(isa);
	} else {
		size = trampfd_records_size(isa);
	}

	if (vma->vm_mm != object->mm)
		return -EPERM;
	if ((vma->vm_flags & access) != wanted)
		return -EACCES;
	if (!(vma->vm_flags & VM_MAYSHARE) ||
	    vma->vm_end - vma->vm_start != size ||
	    (!code && offset != trampfd_code_size(isa)) ||
	    number >= READ_ONCE(object_tables))
		return -EINVAL;

	mutex_lock(&object->lock);
	if (!object->policy)
		ret = -EACCES;
	else if (code)
		ret = trampfd_map_code(object, number, vma);
	else
		ret = trampfd_map_records(object, number, vma);
	mutex_unlock(&object->lock);
	if (ret)
		return ret;
	vma->vm_ops = &trampfd_vm_ops;
	return 0;
}

static ssize_t trampfd_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	struct trampfd *object = file->private_data;
	struct trampfd_info info = {
		.size		= sizeof(info),
		.version	= TRAMPFD_VERSION,
		.isa		= object->isa->id,
		.table_stride	= TABLE_STRIDE,
		.code_size	= trampfd_code_size(object->isa),
		.records_size	= trampfd_records_size(object->isa),
		.slot_size	= object->isa->slot_size,
		.record_size	= RECORD_SIZE,
		.slots		= trampfd_slots(object->isa),
		.data_offset	= offsetof(struct trampfd_record, data),
		.data_size	= TRAMPFD_DATA_SIZE,
		.pc_offset	= PC_OFFSET,
		.max_pcs	= TRAMPFD_MAX_PCS,
		.max_tables	= READ_ONCE(object_tables),
	};

	BUILD_BUG_ON(sizeof(info) != 64);
	BUILD_BUG_ON(sizeof(struct trampfd_record) != 64);

	if (object->mm != current->mm)
		return -EPERM;
	if (*ppos != TRAMPFD_CONTROL_OFFSET || count != sizeof(info))
		return -EINVAL;
	if (copy_to_user(buf, &info, sizeof(info)))
		return -EFAULT;
	*ppos += sizeof(info);
	return sizeof(info);
}

/* Targets lie in code, and in none that the process can rewrite now. */
static bool trampfd_list_is_code(struct mm_struct *mm,
				 const struct trampfd_list *list)
{
	struct vm_area_struct *vma;
	bool ok = true;
	u64 pc;
	u32 i;

	mmap_read_lock(mm);
	for (i = 0; ok && i < list->npcs; i++) {
		pc = list->pcs[i];
		vma = pc < TASK_SIZE ? vma_lookup(mm, pc) : NULL;
		ok = vma && (vma->vm_flags & (VM_EXEC | VM_WRITE)) == VM_EXEC &&
		     !trampfd_vma_is_ours(vma);
	}
	mmap_read_unlock(mm);
	return ok;
}

static ssize_t trampfd_write_list(struct trampfd *object,
				  const char __user *buf, size_t count)
{
	const size_t head = offsetof(struct trampfd_list, pcs);
	struct trampfd_list list = { };
	struct trampfd_policy *policy;
	int ret = 0;

	BUILD_BUG_ON(sizeof(struct trampfd_pcs) !=
		     offsetof(struct trampfd_list, pcs));

	if (count < head || count > sizeof(list))
		return -EINVAL;
	if (copy_from_user(&list, buf, count))
		return -EFAULT;
	if (!list.npcs || list.npcs > TRAMPFD_MAX_PCS ||
	    list.unset > list.npcs || count != head + list.npcs * sizeof(u64))
		return -EINVAL;
	if (!trampfd_list_is_code(object->mm, &list))
		return -EACCES;

	mutex_lock(&object->lock);
	if (object->policy) {
		ret = -EBUSY;
	} else {
		policy = trampfd_policy_get(object->mm, &list,
					    READ_ONCE(process_lists));
		if (IS_ERR(policy))
			ret = PTR_ERR(policy);
		else
			WRITE_ONCE(object->policy, policy);
	}
	mutex_unlock(&object->lock);
	return ret ? ret : count;
}

static int trampfd_record_check(const struct trampfd_table *table,
				const struct trampfd_record *record)
{
	if (record->seq || record->reserved)
		return -EINVAL;
	if (record->pc)
		return trampfd_policy_allows(table->policy, record->pc) ?
			0 : -EACCES;
	return memchr_inv(record->data, 0, sizeof(record->data)) ? -EINVAL : 0;
}

/* The records of successive slots, up to the first that is refused. */
static ssize_t trampfd_write_records(struct trampfd_table *table,
				     const char __user *buf, size_t count,
				     unsigned int offset)
{
	struct trampfd_record batch[BATCH];
	size_t done = 0, n, i;
	struct page *page;
	int ret = 0;

	while (done < count && !ret) {
		n = min_t(size_t, count - done, sizeof(batch));
		if (copy_from_user(batch, buf + done, n)) {
			ret = -EFAULT;
			break;
		}
		mutex_lock(&table->lock);
		for (i = 0; i < n / RECORD_SIZE; i++, offset += RECORD_SIZE) {
			ret = trampfd_record_check(table, &batch[i]);
			if (!ret && (table->dead || table->halves != HALF_BOTH))
				ret = -ENXIO;
			if (ret)
				break;
			page = trampfd_table_page(table, offset / PAGE_SIZE);
			ret = PTR_ERR_OR_ZERO(page);
			if (ret)
				break;
			trampfd_record_set(table, &batch[i],
					   page_address(page) +
					   offset_in_page(offset));
			done += RECORD_SIZE;
		}
		mutex_unlock(&table->lock);
		cond_resched();
	}
	return done ? done : ret;
}

static ssize_t trampfd_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct trampfd *object = file->private_data;
	struct trampfd_table *table;
	u64 number = *ppos / TABLE_STRIDE;
	u32 offset = *ppos % TABLE_STRIDE;
	u32 start, end;
	ssize_t ret;

	if (object->mm != current->mm)
		return -EPERM;
	if (*ppos == TRAMPFD_CONTROL_OFFSET) {
		ret = trampfd_write_list(object, buf, count);
		goto out;
	}
	start = trampfd_code_size(object->isa);
	end = start + trampfd_slots(object->isa) * RECORD_SIZE;
	if (!count || count % RECORD_SIZE || offset % RECORD_SIZE ||
	    offset < start || offset > end || count > end - offset ||
	    number >= READ_ONCE(object_tables))
		return -EINVAL;

	table = trampfd_object_table(object, number);
	if (!table)
		return READ_ONCE(object->policy) ? -ENXIO : -EACCES;
	ret = trampfd_write_records(table, buf, count, offset - start);
	trampfd_table_put(table);
out:
	if (ret > 0)
		*ppos += ret;
	return ret;
}

/*
 * The table whose code is mapped at this address, with a reference.  A 64-bit
 * process that runs 32-bit code can have objects and tables of both kinds.
 */
static struct trampfd_table *trampfd_table_at(const struct trampfd *object,
					      u64 code)
{
	struct mm_struct *mm = object->mm;
	struct trampfd_table *table = NULL;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = code < TASK_SIZE ? vma_lookup(mm, code) : NULL;
	if (trampfd_vma_is_ours(vma) && vma->vm_start == code &&
	    trampfd_half(vma) == HALF_CODE) {
		table = vma->vm_private_data;
		if (table && table->isa != object->isa)
			table = NULL;
		if (table)
			refcount_inc(&table->refs);
	}
	mmap_read_unlock(mm);
	return table;
}

static long trampfd_set(struct trampfd *object, void __user *argument)
{
	const size_t record = offsetof(struct trampfd_set, record);
	struct trampfd_table *table;
	struct trampfd_set set;
	ssize_t ret;

	BUILD_BUG_ON(sizeof(set) != 80);

	if (copy_from_user(&set, argument, record))
		return -EFAULT;
	if (set.reserved || set.slot >= trampfd_slots(object->isa))
		return -EINVAL;
	table = trampfd_table_at(object, set.code);
	if (!table)
		return -ENXIO;
	ret = -EACCES;
	if (READ_ONCE(object->policy) == table->policy)
		ret = trampfd_write_records(table, argument + record,
					    RECORD_SIZE,
					    set.slot * RECORD_SIZE);
	trampfd_table_put(table);
	return ret < 0 ? ret : 0;
}

static long trampfd_adopt(struct trampfd *object, void __user *argument)
{
	struct trampfd_table *table;
	struct trampfd_adopt adopt;
	int ret;

	if (copy_from_user(&adopt, argument, sizeof(adopt)))
		return -EFAULT;
	if (adopt.reserved || adopt.table >= READ_ONCE(object_tables))
		return -EINVAL;

	table = trampfd_table_at(object, adopt.code);
	if (!table)
		return -ENXIO;

	mutex_lock(&object->lock);
	if (!object->policy || object->policy != table->policy)
		ret = -EACCES;
	else if (READ_ONCE(table->dead))
		ret = -ENXIO;
	else
		ret = trampfd_object_add(object, adopt.table, table);
	mutex_unlock(&object->lock);
	trampfd_table_put(table);
	return ret;
}

static long trampfd_ioctl(struct file *file, unsigned int command,
			  unsigned long argument)
{
	struct trampfd *object = file->private_data;

	if (object->mm != current->mm)
		return -EPERM;
	switch (command) {
	case TRAMPFD_ADOPT:
		return trampfd_adopt(object, (void __user *)argument);
	case TRAMPFD_SET:
		return trampfd_set(object, (void __user *)argument);
	default:
		return -ENOTTY;
	}
}

static void trampfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct trampfd *object = file->private_data;
	unsigned long number, tables = 0;
	struct trampfd_table *table;
	u32 npcs;

	mutex_lock(&object->lock);
	npcs = object->policy ? object->policy->list.npcs : 0;
	xa_for_each(&object->tables, number, table)
		tables += !READ_ONCE(table->dead);
	mutex_unlock(&object->lock);
	seq_printf(m, "trampfd-isa:\t%u\n", object->isa->id);
	seq_printf(m, "trampfd-pcs:\t%u\n", npcs);
	seq_printf(m, "trampfd-tables:\t%lu\n", tables);
}

static const struct address_space_operations trampfd_aops = { };

static int trampfd_open(struct inode *inode, struct file *file)
{
	const struct trampfd_isa *isa;
	struct trampfd *object;
	int ret = -ENOMEM;

	if (!current->mm)
		return -EINVAL;
	isa = trampfd_current_isa();
	if (!isa)
		return -EOPNOTSUPP;

	object = kzalloc(sizeof(*object), GFP_KERNEL_ACCOUNT);
	if (!object)
		return -ENOMEM;
	object->user = trampfd_user_get(current_uid());
	if (!object->user)
		goto free_object;
	if (atomic_long_inc_return(&object->user->objects) >
	    READ_ONCE(user_objects)) {
		ret = -EMFILE;
		goto put_user;
	}
	object->isa = isa;
	mutex_init(&object->lock);
	xa_init_flags(&object->tables, XA_FLAGS_ACCOUNT);
	object->mm = current->mm;
	mmgrab(object->mm);

	/* The object's own, so that one object's pages can be unmapped. */
	address_space_init_once(&object->mapping);
	init_rwsem(&object->mapping.invalidate_lock);
	object->mapping.host = inode;
	object->mapping.a_ops = &trampfd_aops;
	mapping_set_gfp_mask(&object->mapping, GFP_KERNEL);
	file->f_mapping = &object->mapping;
	file->private_data = object;
	return 0;

put_user:
	atomic_long_dec(&object->user->objects);
	trampfd_user_put(object->user);
free_object:
	kfree(object);
	return ret;
}

static int trampfd_release(struct inode *inode, struct file *file)
{
	struct trampfd *object = file->private_data;
	struct trampfd_table *table;
	unsigned long number;

	xa_for_each(&object->tables, number, table)
		trampfd_table_put(table);
	xa_destroy(&object->tables);
	if (object->policy)
		trampfd_policy_put(object->policy);
	mmdrop(object->mm);
	atomic_long_dec(&object->user->objects);
	trampfd_user_put(object->user);
	mutex_destroy(&object->lock);
	kfree(object);
	return 0;
}

static const struct file_operations trampfd_fops = {
	.owner		= THIS_MODULE,
	.open		= trampfd_open,
	.release	= trampfd_release,
	.read		= trampfd_read,
	.write		= trampfd_write,
	.mmap		= trampfd_mmap,
	.unlocked_ioctl	= trampfd_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.show_fdinfo	= trampfd_show_fdinfo,
};

static struct miscdevice trampfd_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "trampfd",
	.mode	= 0666,
	.fops	= &trampfd_fops,
};

static void trampfd_free_code(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(trampfd_isas); i++) {
		if (trampfd_isas[i].code)
			free_pages_exact(trampfd_isas[i].code,
					 trampfd_code_size(&trampfd_isas[i]));
	}
}

static int __init trampfd_make_code(struct trampfd_isa *isa)
{
	unsigned int size = trampfd_code_size(isa);
	unsigned int at, slot;

	if (WARN_ON(size % PAGE_SIZE ||
		    size + trampfd_records_size(isa) > TABLE_STRIDE))
		return -EINVAL;
	isa->code = alloc_pages_exact(size, GFP_KERNEL);
	if (!isa->code)
		return -ENOMEM;
	for (at = 0; at < size; at += isa->trap_size)
		memcpy(isa->code + at, isa->trap, isa->trap_size);
	for (slot = 0; slot < trampfd_slots(isa); slot++)
		isa->write_slot(isa, isa->code + slot * isa->slot_size, slot);
	isa->write_tail(isa, isa->code + slot * isa->slot_size);
	return 0;
}

static int __init trampfd_init(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(trampfd_isas) && !ret; i++)
		ret = trampfd_make_code(&trampfd_isas[i]);
	if (!ret)
		ret = misc_register(&trampfd_device);
	if (ret)
		trampfd_free_code();
	return ret;
}
module_init(trampfd_init);

static void __exit trampfd_exit(void)
{
	misc_deregister(&trampfd_device);
	trampfd_free_code();
}
module_exit(trampfd_exit);

MODULE_DESCRIPTION("Trampolines whose code and targets belong to the kernel");
MODULE_LICENSE("GPL");
MODULE_VERSION("1.0");
