/* Taking pages away from a program. */
#include "ctl.h"
#include "kernel.h"

/** Unmaps what is mapped of `start` up to `end`: INVALIDATE PAGE TABLE ENTRY purges it from the TLB, too. */
void unmap_range(struct task *task, u64 start, u64 end)
{
	u64 address;

	for (address = start; address < end; address += PAGE_SIZE) {
		u64 *entry = page_table_entry(task->asce, address, false);

		if (!entry || (*entry & PAGE_INVALID))
			continue;
		ipte((u64 *)((u64)entry & ~0x7ffULL), address);
		frame_free((void *)(*entry & -PAGE_SIZE));
	}
}
