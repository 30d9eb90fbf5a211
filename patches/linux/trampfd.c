// SPDX-License-Identifier: GPL-2.0
/*
 * trampfd: trampolines whose code and targets belong to the kernel.
 *
 * A library that hands out function pointers made at run time (libffi's
 * closures) needs, for each of them, a few instructions and a record of where
 * they lead.  This device maps both into the process: one constant page of
 * code, the same for everybody, and pages of records that only this driver
 * writes.  No store, mprotect() or /proc/pid/mem write of the process alters
 * either, and a record leads nowhere but to an address on a list that the
 * process fixed beforehand.
 *
 * A table is TABLE_SLOTS slots: REGION bytes of code and, right behind them,
 * REGION bytes of records, so that a slot finds its record at its own address
 * plus REGION.  Code is executable only while the records are mapped behind
 * it: trampfd_mmap() takes the records first and the code at just the one
 * address that fits, no part of either can be moved, split or changed in
 * protection, and unmapping the records takes the code away.
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

/* 64 KiB on every machine: the largest page of arm64, whatever runs now. */
#define REGION		0x10000
#define TABLE_BYTES	(2 * REGION)
#define SLOT_SIZE	64
#define TABLE_SLOTS	(REGION / SLOT_SIZE)
#define TABLE_PAGES	(REGION / PAGE_SIZE)
/* In a slot: behind the longest code, inside the padding of traps. */
#define TRAP_OFFSET	32
/* Records copied from the user at a time. */
#define BATCH		8

static unsigned int process_lists = 1;
module_param(process_lists, uint, 0644);
MODULE_PARM_DESC(process_lists,
		 "Different lists of allowed PCs that one process may set");

static unsigned int object_tables = 4096;
module_param(object_tables, uint, 0644);
MODULE_PARM_DESC(object_tables, "Tables (1024 slots each) of one object");

static unsigned int user_objects = 16384;
module_param(user_objects, uint, 0644);
MODULE_PARM_DESC(user_objects, "Open objects of one user");

static unsigned int user_kbytes = 1024 * 1024;
module_param(user_kbytes, uint, 0644);
MODULE_PARM_DESC(user_kbytes, "Memory for the records of one user, in KiB");

/* What a slot's code looks like to tasks of one kind. */
struct trampfd_isa {
	u32		id;
	const void	*code;
	unsigned int	code_size;
	const void	*trap;		/* fills the rest of a slot */
	unsigned int	trap_size;
	struct page	*page;		/* slots from end to end; constant */
};

/* A list of allowed PCs in force in one address space. */
struct trampfd_policy {
	struct hlist_node	node;
	struct mm_struct	*mm;	/* grabbed: its address is its name */
	refcount_t		refs;
	u32			npcs;
	u64			pcs[TRAMPFD_MAX_PCS];
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

#ifdef CONFIG_X86_64

static const u8 trampfd_int3[] = { 0xcc };

static const u8 trampfd_x86_64[] = {
	0xf3, 0x0f, 0x1e, 0xfa,				/* endbr64 */
	0x4c, 0x8d, 0x15, 0xf5, 0xff, 0x00, 0x00,	/* lea record(%rip), %r10 */
	0xff, 0x25, 0x27, 0x00, 0x01, 0x00,		/* jmp *record.pc(%rip) */
};

static const u8 trampfd_i386[] = {
	0xf3, 0x0f, 0x1e, 0xfb,				/* endbr32 */
	0xe8, 0x00, 0x00, 0x00, 0x00,			/* call 1f */
	0x58,						/* 1: pop %eax */
	0x05, 0xf7, 0xff, 0x00, 0x00,			/* add $(record - 1b), %eax */
	0xff, 0x60, 0x38,				/* jmp *pc(%eax) */
};

static struct trampfd_isa trampfd_isas[] = {
	{
		.id = TRAMPFD_ISA_X86_64,
		.code = trampfd_x86_64, .code_size = sizeof(trampfd_x86_64),
		.trap = trampfd_int3, .trap_size = sizeof(trampfd_int3),
	}, {
		.id = TRAMPFD_ISA_I386,
		.code = trampfd_i386, .code_size = sizeof(trampfd_i386),
		.trap = trampfd_int3, .trap_size = sizeof(trampfd_int3),
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

/*
 * The acquire makes a caller that sees a new PC see what was stored before it.
 */
static const __le32 trampfd_arm64[] = {
	cpu_to_le32(0xd503245f),			/* bti c */
	cpu_to_le32(0x1007fff1),			/* adr x17, record */
	cpu_to_le32(0x9100e230),			/* add x16, x17, #pc */
	cpu_to_le32(0xc8dffe10),			/* ldar x16, [x16] */
	cpu_to_le32(0xd61f0200),			/* br x16 */
};

static struct trampfd_isa trampfd_isas[] = {
	{
		.id = TRAMPFD_ISA_ARM64,
		.code = trampfd_arm64, .code_size = sizeof(trampfd_arm64),
		.trap = trampfd_brk, .trap_size = sizeof(trampfd_brk),
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
static struct trampfd_policy *trampfd_policy_get(struct mm_struct *mm,
						 u32 npcs, const u64 *pcs,
						 unsigned int limit)
{
	struct trampfd_policy *policy;
	unsigned int others = 0;

	mutex_lock(&trampfd_lock);
	hash_for_each_possible(trampfd_policies, policy, node,
			       (unsigned long)mm) {
		if (policy->mm != mm)
			continue;
		if (policy->npcs == npcs &&
		    !memcmp(policy->pcs, pcs, npcs * sizeof(*pcs))) {
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
	policy->npcs = npcs;
	memcpy(policy->pcs, pcs, npcs * sizeof(*pcs));
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

	for (i = 0; i < policy->npcs; i++) {
		if (policy->pcs[i] == pc)
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

	table = kzalloc(struct_size(table, pages, TABLE_PAGES),
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

static void trampfd_table_free_pages(struct trampfd_table *table)
{
	unsigned int i;

	for (i = 0; i < TABLE_PAGES; i++) {
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

/* Where a slot that leads nowhere leads: to a trap in its own code. */
static u64 trampfd_trap(const struct trampfd_table *table, unsigned int slot)
{
	return table->code + slot * SLOT_SIZE + TRAP_OFFSET;
}

/* The page of records number @i, made if it is new.  Call it locked. */
static struct page *trampfd_table_page(struct trampfd_table *table,
				       unsigned int i)
{
	const unsigned int slots = PAGE_SIZE / SLOT_SIZE;
	long limit = (long)READ_ONCE(user_kbytes) >> (PAGE_SHIFT - 10);
	struct trampfd_record *record;
	struct page *page;
	unsigned int n;

	lockdep_assert_held(&table->lock);
	i = array_index_nospec(i, TABLE_PAGES);
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
	for (n = 0; n < slots; n++)
		record[n].pc = trampfd_trap(table, i * slots + n);
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
	policy = trampfd_policy_get(mm, from->policy->npcs, from->policy->pcs,
				    UINT_MAX);
	if (IS_ERR(policy))
		return NULL;
	refcount_inc(&from->user->refs);
	copy = trampfd_table_new(from->isa, policy, from->user, from->code);
	if (!copy) {
		trampfd_user_put(from->user);
		trampfd_policy_put(policy);
		return NULL;
	}
	for (i = 0; i < TABLE_PAGES; i++) {
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

static void trampfd_record_set(struct trampfd_table *table, unsigned int slot,
			       const struct trampfd_record *new,
			       struct trampfd_record *record)
{
	u64 pc = new->pc ? new->pc : trampfd_trap(table, slot);
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
		WRITE_ONCE(record->pc, trampfd_trap(table, slot));
	smp_wmb(); /* odd @seq and the trap, before the data */
	for (i = 0; i < TRAMPFD_DATA_SIZE / sizeof(u64); i++)
		WRITE_ONCE(to[i], from[i]);
	smp_store_release(&record->pc, pc);	/* after the data */
	smp_store_release(&record->seq, seq + 2);	/* after all of it */
}

static unsigned int trampfd_half(const struct vm_area_struct *vma)
{
	return (vma->vm_pgoff << PAGE_SHIFT) & REGION ? HALF_RECORDS : HALF_CODE;
}

static vm_fault_t trampfd_vm_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct trampfd_table *table = vma->vm_private_data;
	struct page *page;

	if (!table)
		return VM_FAULT_SIGBUS;

	if (trampfd_half(vma) == HALF_CODE) {
		/*
		 * trampfd_vm_close() of the records waits for this lock once
		 * the table is dead; the mm holds it until the page is mapped.
		 */
		page = table->isa->page;
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
		page = trampfd_table_page(table, (vmf->address - vma->vm_start) >>
						 PAGE_SHIFT);
	if (!IS_ERR(page))
		get_page(page);
	mutex_unlock(&table->lock);
	if (IS_ERR(page))
		return page == ERR_PTR(-ENOMEM) ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	vmf->page = page;
	return 0;
}

/*
 * The mm has duplicated one of our mappings.  In a fork, the first half of a
 * table makes the child's copy and leaves it in @fork for the second half;
 * the parent's mmap_lock is held all the while.  A half that gets no partner
 * (MADV_DONTFORK), or no memory, never runs.  Within one process it is a move,
 * which trampfd_vm_mremap() is about to refuse.
 */
static void trampfd_vm_open(struct vm_area_struct *vma)
{
	struct trampfd_table *from = vma->vm_private_data;
	unsigned int half = trampfd_half(vma);
	struct trampfd_table *copy = NULL, *stale = NULL;

	vma->vm_private_data = NULL;
	if (!from || from->policy->mm == vma->vm_mm)
		return;

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
	loff_t start = (loff_t)vma->vm_pgoff << PAGE_SHIFT;
	struct trampfd_table *table = vma->vm_private_data;
	unsigned int half = trampfd_half(vma);
	unsigned int left;

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
		lock_page(table->isa->page);
		unlock_page(table->isa->page);
		unmap_mapping_range(vma->vm_file->f_mapping, start - REGION,
				    REGION, 0);
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
	int ret;

	if (vma->vm_start <= REGION)
		return -EINVAL;
	refcount_inc(&object->policy->refs);
	refcount_inc(&object->user->refs);
	table = trampfd_table_new(object->isa, object->policy, object->user,
				  vma->vm_start - REGION);
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
	unsigned int half = trampfd_half(vma);
	unsigned long number;
	int ret;

	BUILD_BUG_ON(REGION % PAGE_SIZE);

	if (vma->vm_mm != object->mm)
		return -EPERM;
	if ((vma->vm_flags & access) !=
	    (half == HALF_CODE ? VM_READ | VM_EXEC : VM_READ))
		return -EACCES;
	if (!(vma->vm_flags & VM_MAYSHARE) ||
	    vma->vm_end - vma->vm_start != REGION ||
	    vma->vm_pgoff % TABLE_PAGES)
		return -EINVAL;
	number = vma->vm_pgoff / (2 * TABLE_PAGES);
	if (number >= READ_ONCE(object_tables))
		return -EINVAL;

	mutex_lock(&object->lock);
	if (!object->policy)
		ret = -EACCES;
	else if (half == HALF_CODE)
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
		.region_size	= REGION,
		.slot_size	= SLOT_SIZE,
		.slots		= TABLE_SLOTS,
		.data_offset	= offsetof(struct trampfd_record, data),
		.data_size	= TRAMPFD_DATA_SIZE,
		.pc_offset	= offsetof(struct trampfd_record, pc),
		.max_pcs	= TRAMPFD_MAX_PCS,
		.max_tables	= READ_ONCE(object_tables),
	};

	BUILD_BUG_ON(sizeof(info) != 64);
	BUILD_BUG_ON(sizeof(struct trampfd_record) != SLOT_SIZE);

	if (object->mm != current->mm)
		return -EPERM;
	if (*ppos != TRAMPFD_CONTROL_OFFSET || count != sizeof(info))
		return -EINVAL;
	if (copy_to_user(buf, &info, sizeof(info)))
		return -EFAULT;
	*ppos += sizeof(info);
	return sizeof(info);
}

/* A target lies in code, and in none that the process can rewrite now. */
static bool trampfd_pcs_are_code(struct mm_struct *mm, u32 npcs, const u64 *pcs)
{
	struct vm_area_struct *vma;
	bool ok = true;
	u32 i;

	mmap_read_lock(mm);
	for (i = 0; ok && i < npcs; i++) {
		vma = pcs[i] < TASK_SIZE ? vma_lookup(mm, pcs[i]) : NULL;
		ok = vma && (vma->vm_flags & (VM_EXEC | VM_WRITE)) == VM_EXEC &&
		     !trampfd_vma_is_ours(vma);
	}
	mmap_read_unlock(mm);
	return ok;
}

static ssize_t trampfd_write_pcs(struct trampfd *object, const char __user *buf,
				 size_t count)
{
	struct {
		struct trampfd_pcs	head;
		u64			pcs[TRAMPFD_MAX_PCS];
	} list;
	struct trampfd_policy *policy;
	int ret = 0;

	if (count < sizeof(list.head) || count > sizeof(list))
		return -EINVAL;
	if (copy_from_user(&list, buf, count))
		return -EFAULT;
	if (!list.head.npcs || list.head.npcs > TRAMPFD_MAX_PCS ||
	    list.head.reserved ||
	    count != sizeof(list.head) + list.head.npcs * sizeof(u64))
		return -EINVAL;
	if (!trampfd_pcs_are_code(object->mm, list.head.npcs, list.pcs))
		return -EACCES;

	mutex_lock(&object->lock);
	if (object->policy) {
		ret = -EBUSY;
	} else {
		policy = trampfd_policy_get(object->mm, list.head.npcs,
					    list.pcs,
					    READ_ONCE(process_lists));
		if (IS_ERR(policy))
			ret = PTR_ERR(policy);
		else
			object->policy = policy;
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
		for (i = 0; i < n / SLOT_SIZE; i++, offset += SLOT_SIZE) {
			ret = trampfd_record_check(table, &batch[i]);
			if (!ret && (table->dead || table->halves != HALF_BOTH))
				ret = -ENXIO;
			if (ret)
				break;
			page = trampfd_table_page(table, offset / PAGE_SIZE);
			ret = PTR_ERR_OR_ZERO(page);
			if (ret)
				break;
			trampfd_record_set(table, offset / SLOT_SIZE, &batch[i],
					   page_address(page) +
					   offset_in_page(offset));
			done += SLOT_SIZE;
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
	u32 offset = *ppos & (TABLE_BYTES - 1);
	loff_t number = *ppos / TABLE_BYTES;
	ssize_t ret;

	if (object->mm != current->mm)
		return -EPERM;
	if (*ppos == TRAMPFD_CONTROL_OFFSET) {
		ret = trampfd_write_pcs(object, buf, count);
		goto out;
	}
	if (!count || count % SLOT_SIZE || offset % SLOT_SIZE ||
	    offset < REGION || count > TABLE_BYTES - offset ||
	    number >= READ_ONCE(object_tables))
		return -EINVAL;

	table = trampfd_object_table(object, number);
	if (!table)
		return READ_ONCE(object->policy) ? -ENXIO : -EACCES;
	ret = trampfd_write_records(table, buf, count, offset - REGION);
	trampfd_table_put(table);
out:
	if (ret > 0)
		*ppos += ret;
	return ret;
}

static long trampfd_adopt(struct trampfd *object, void __user *argument)
{
	struct trampfd_table *table = NULL;
	struct vm_area_struct *vma;
	struct trampfd_adopt adopt;
	int ret;

	if (copy_from_user(&adopt, argument, sizeof(adopt)))
		return -EFAULT;
	if (adopt.reserved || adopt.table >= READ_ONCE(object_tables))
		return -EINVAL;

	mmap_read_lock(object->mm);
	vma = adopt.code < TASK_SIZE ? vma_lookup(object->mm, adopt.code) : NULL;
	if (trampfd_vma_is_ours(vma) && vma->vm_start == adopt.code &&
	    trampfd_half(vma) == HALF_CODE) {
		table = vma->vm_private_data;
		if (table)
			refcount_inc(&table->refs);
	}
	mmap_read_unlock(object->mm);
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
	npcs = object->policy ? object->policy->npcs : 0;
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
	xa_init(&object->tables);
	object->mm = current->mm;
	mmgrab(object->mm);

	/* The object's own, so that one object's pages can be unmapped. */
	address_space_init_once(&object->mapping);
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
		if (trampfd_isas[i].page)
			put_page(trampfd_isas[i].page);
	}
}

static int __init trampfd_make_code(struct trampfd_isa *isa)
{
	unsigned int slot, at;
	void *code;

	if (WARN_ON(isa->code_size > TRAP_OFFSET))
		return -EINVAL;
	isa->page = alloc_page(GFP_KERNEL);
	if (!isa->page)
		return -ENOMEM;
	code = page_address(isa->page);
	for (slot = 0; slot < PAGE_SIZE; slot += SLOT_SIZE) {
		memcpy(code + slot, isa->code, isa->code_size);
		for (at = isa->code_size; at < SLOT_SIZE; at += isa->trap_size)
			memcpy(code + slot + at, isa->trap, isa->trap_size);
	}
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
