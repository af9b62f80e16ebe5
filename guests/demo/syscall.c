/* SVC: the number is the instruction's, arguments come in r2 and r3, the result goes to r2. */
#include "ctl.h"
#include "kernel.h"
#include "svc.h"

#define LINE_MAX 120

/** Writes up to the line's end or LINE_MAX characters; returns how many, or -1 when the buffer is not the task's. */
static u64 svc_write(struct task *task, u64 buffer, u64 length)
{
	char line[LINE_MAX + 1];
	u64 i;

	for (i = 0; i < length && i < LINE_MAX; i++) {
		const u8 *byte = user_page(task, buffer + i);

		if (!byte)
			return (u64)-1;
		line[i] = (char)*byte;
	}
	line[i] = 0;
	kprintf("%s\n", line);
	return i;
}

/** Moves the end of the heap, and gives back what lies above it; returns the end as it is then. */
static u64 svc_brk(struct task *task, u64 end)
{
	if (end >= task->heap && end <= task->heap + USER_HEAP_MAX) {
		u64 brk = (end + PAGE_SIZE - 1) & -PAGE_SIZE;

		if (brk < task->brk)
			unmap_range(task, brk, task->brk);
		task->brk = brk;
	}
	return task->brk;
}

static void svc_sleep(struct task *task, u64 milliseconds)
{
	task->wake_tod = stck() + milliseconds * TOD_MILLISECOND;
	task->state = TASK_SLEEPING;
	schedule();
}

void do_svc(struct pt_regs *regs)
{
	struct task *task = current;
	u64 argument_mask = task->is31 ? 0xffffffffULL : ~0ULL;
	u64 address_mask = task->is31 ? 0x7fffffffULL : ~0ULL;
	u64 first = regs->gprs[2] & argument_mask, second = regs->gprs[3] & argument_mask;
	u16 number = lowcore.svc_code;

	task->svcs++;
	trace(TRACE_SVC, regs->psw.address, number);
	switch (number) {
	case SVC_EXIT:
		task_restart(task);
		schedule();
		break;
	case SVC_WRITE:
		regs->gprs[2] = svc_write(task, first & address_mask, second);
		break;
	case SVC_YIELD:
		schedule();
		break;
	case SVC_TIME:
		regs->gprs[2] = (stck() - boot_tod) / TOD_MILLISECOND;
		break;
	case SVC_SLEEP:
		svc_sleep(task, first);
		break;
	case SVC_BRK:
		regs->gprs[2] = svc_brk(task, first & address_mask);
		break;
	case SVC_PUBLISH:
		task->published = first;
		break;
	default:
		kprintf("demo: %s: svc %u is not defined, begins again\n", task->name, number);
		task_restart(task);
	}
}
