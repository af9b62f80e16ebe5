/* The two programs and who of them runs. The kernel itself is never preempted; idle is a task without a program. */
#include "ctl.h"
#include "kernel.h"

extern const u8 __user64_image[], __user64_image_end[];
extern const u8 __user31_image[], __user31_image_end[];

static u8 kernel_stacks[2][KERNEL_STACK_SIZE] __attribute__((aligned(8)));

struct task idle_task = { .name = "idle", .state = TASK_IDLE, .number = 2 };
struct task *current = &idle_task;

struct task tasks[2] = {
	{
		.name = "user64",
		.number = 0,
		.key = 8,
		.text = USER64_TEXT,
		.image = __user64_image,
		.heap = USER64_HEAP,
		.stack_top = USER64_STACK_TOP,
	},
	{
		.name = "user31",
		.number = 1,
		.key = 9,
		.is31 = true,
		.text = USER31_TEXT,
		.image = __user31_image,
		.heap = USER31_HEAP,
		.stack_top = USER31_STACK_TOP,
	},
};

struct pt_regs *task_regs(const struct task *task)
{
	return (struct pt_regs *)(task->kernel_stack - PT_FRAME_SIZE + PT_GPRS);
}

/** The state in which a program begins: at its first byte, an empty stack, problem state, primary space, its own key. */
static void set_start_state(struct task *task)
{
	struct pt_regs *regs = task_regs(task);
	u64 addressing = task->is31 ? PSW_MASK_BA : PSW_MASK_EA | PSW_MASK_BA;

	memset(regs, 0, sizeof *regs);
	regs->psw.mask = PSW_MASK_DAT | PSW_MASK_EXT | PSW_MASK_PSTATE | PSW_KEY(task->key) | addressing;
	regs->psw.address = task->text;
	regs->gprs[15] = task->stack_top - (task->is31 ? 96 : STACK_FRAME_OVERHEAD);
	task->brk = task->heap;
	task->published = 0;
	task->lives++;
}

static void task_init(struct task *task, u64 asce_type, u64 image_size)
{
	task->kernel_stack = (u64)kernel_stacks[task->number] + KERNEL_STACK_SIZE;
	task->asce = space_create(asce_type) | ASCE_PRIVATE;
	task->image_size = image_size;
	task->text_end = task->text + ((image_size + PAGE_SIZE - 1) & -PAGE_SIZE);
	set_start_state(task);

	/* switch_to resumes it in first_return, with r15 at the interruption frame. */
	u64 *frame = (u64 *)(task->kernel_stack - PT_FRAME_SIZE);
	task->ksp = (u64)frame;
	frame[14] = (u64)first_return;
	frame[15] = (u64)frame;
	task->state = TASK_RUNNABLE;
}

void tasks_init(void)
{
	task_init(&tasks[0], ASCE_REGION_SECOND, (u64)(__user64_image_end - __user64_image));
	task_init(&tasks[1], ASCE_SEGMENT, (u64)(__user31_image_end - __user31_image));
}

/** Throws the program's pages away and lets it begin again, in the same space, when it is next dispatched. */
void task_restart(struct task *task)
{
	trace(TRACE_EXIT, task_regs(task)->psw.address, task->lives);
	unmap_range(task, task->text, task->text_end);
	unmap_range(task, task->heap, task->brk);
	unmap_range(task, task->stack_top - USER_STACK_MAX, task->stack_top);
	set_start_state(task);
}

void wake_sleepers(u64 now)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		if (tasks[i].state == TASK_SLEEPING && tasks[i].wake_tod <= now)
			tasks[i].state = TASK_RUNNABLE;
	}
}

/** The runnable task after `current`, itself last; idle when there is none. */
static struct task *pick_next(void)
{
	u32 first = current == &idle_task ? 0 : current->number + 1u;
	u32 i;

	for (i = 0; i < 2; i++) {
		struct task *task = &tasks[(first + i) % 2];

		if (task->state == TASK_RUNNABLE)
			return task;
	}
	return &idle_task;
}

/** Gives the CPU to the next runnable task; returns when the caller is dispatched again. */
void schedule(void)
{
	struct task *previous = current, *next = pick_next();

	if (next == previous)
		return;
	trace(TRACE_SWITCH, (u64)next, next->number);
	current = next;
	if (next != &idle_task) {
		lowcore.kernel_stack = next->kernel_stack;
		lctlg(1, next->asce);
	}
	switch_to(previous, next);
}
