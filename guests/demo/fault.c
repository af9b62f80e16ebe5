/* Program interruptions: demand paging for the programs, the end for everything unexpected. */
#include "kernel.h"

#define PGM_SEGMENT_TRANSLATION 0x10
#define PGM_PAGE_TRANSLATION 0x11
#define PGM_ASCE_TYPE 0x38
#define PGM_REGION_FIRST 0x39
#define PGM_REGION_SECOND 0x3a
#define PGM_REGION_THIRD 0x3b
#define PGM_CODE_MASK 0x7f             /* without the PER event bit */

u64 faults;

static bool is_translation_exception(u16 code)
{
	return code == PGM_SEGMENT_TRANSLATION || code == PGM_PAGE_TRANSLATION || code == PGM_ASCE_TYPE ||
	       code == PGM_REGION_FIRST || code == PGM_REGION_SECOND || code == PGM_REGION_THIRD;
}

/** Gives `task` the page at `address`: from its image, protected, or a zero page of heap or stack. False: not its own. */
bool handle_page_fault(struct task *task, u64 address)
{
	u64 page = address & -PAGE_SIZE;
	bool text = page >= task->text && page < task->text_end;
	bool heap = page >= task->heap && page < task->brk;
	bool stack = page >= task->stack_top - USER_STACK_MAX && page < task->stack_top;

	if (!text && !heap && !stack)
		return false;
	u8 *frame = frame_alloc(task->key);
	if (text) {
		u64 offset = page - task->text, left = task->image_size - offset;

		memcpy(frame, task->image + offset, left < PAGE_SIZE ? left : PAGE_SIZE);
	}
	*page_table_entry(task->asce, page, true) = (u64)frame | (text ? PAGE_PROTECT : 0);
	task->faults++;
	faults++;
	trace(TRACE_FAULT, address, (u64)frame);
	return true;
}

/** Where the kernel finds the byte at `address` of `task`, faulting the page in; NULL when it is not the task's. */
u8 *user_page(struct task *task, u64 address)
{
	u64 *entry = page_table_entry(task->asce, address, false);

	if (!entry || (*entry & PAGE_INVALID)) {
		if (!handle_page_fault(task, address))
			return NULL;
		entry = page_table_entry(task->asce, address, false);
	}
	return (u8 *)((*entry & -PAGE_SIZE) | (address & (PAGE_SIZE - 1)));
}

static void program_check_in_task(struct task *task, const struct pt_regs *regs, u16 code)
{
	kprintf("demo: %s: program interruption %#x at %#llx, begins again\n", task->name, code, regs->psw.address);
	task_restart(task);
}

void do_program_check(struct pt_regs *regs)
{
	u16 code = lowcore.program_code & PGM_CODE_MASK;
	u64 address = lowcore.teid & -PAGE_SIZE;

	if (!user_mode(regs)) {
		kprintf("demo: kernel psw %016llx %016llx, teid %016llx, last break %#llx\n", regs->psw.mask,
			regs->psw.address, lowcore.teid, lowcore.breaking_event_address);
		panic(PANIC_PROGRAM_CHECK, code, "program interruption in the kernel");
	}
	if (is_translation_exception(code) && handle_page_fault(current, address))
		return;
	program_check_in_task(current, regs, code);
}
