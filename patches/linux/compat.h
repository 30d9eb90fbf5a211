/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the driver uses and older kernels lack.  Only the build out of tree
 * includes it; the driver itself is the same text in a kernel tree.
 */
#ifndef TRAMPFD_COMPAT_H
#define TRAMPFD_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set,
				vm_flags_t clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#endif

#endif /* TRAMPFD_COMPAT_H */
