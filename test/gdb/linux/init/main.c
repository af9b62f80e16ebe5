/*
 * A kernel of nothing but the structures that guestscope's gdb scripts read, under the names that Linux gives them. Values
 * are set here; the layout is as unlike Linux's as C lets it be, so that only what the debug information says can be right.
 */

typedef unsigned int u32;
typedef unsigned long u64;

struct list_head { struct list_head *next, *prev; };
struct psw { u64 mask, addr; };

struct signal_struct { int unused; struct list_head thread_head; };
struct task_struct {
	u64 before;
	int pid, tgid;
	struct { char comm[16]; u32 __state; };
	u32 exit_state;
	void *mm;
	struct signal_struct *signal;
	struct list_head thread_node, tasks;
};

struct module_layout { u32 size; void *base; };
struct module {
	char name[56];
	u32 state;
	struct list_head list;
	struct module_layout core_layout;
	void *sect_attrs;
};

#ifdef __powerpc64__
struct paca_struct { u64 before[5]; struct task_struct *__current; };
#else
struct lowcore {
	unsigned char area[0x340];
	struct task_struct *current_task;
	u64 kernel_asce;
	u32 cpu_nr;
};
#endif

struct atomic { u64 counter; };
struct prb_data_blk_lpos { u64 begin, next; };
struct prb_desc { struct atomic state_var; struct prb_data_blk_lpos text_blk_lpos; };
struct printk_info { unsigned short text_len; u64 ts_nsec; };
struct prb_desc_ring {
	u32 count_bits;
	struct prb_desc *descs;
	struct printk_info *infos;
	struct atomic head_id, tail_id;
};
struct prb_data_ring { char *data; u32 size_bits; };
struct printk_ringbuffer { struct prb_data_ring text_data_ring; struct prb_desc_ring desc_ring; };

struct stack_frame { u64 empty[9], gprs[10], back_chain; };
#ifdef __powerpc64__
struct pt_regs { u64 gpr[32], nip, msr, orig_gpr3, ctr, link, args; };
#else
struct pt_regs { u64 args; struct psw psw; u64 gprs[16]; };
#endif

#define LIST(name) { &(name), &(name) }

/* Types that nothing else uses are not in the debug information. */
struct stack_frame some_frame;
static char some_mm;
struct signal_struct init_signals, worker_signals;
struct task_struct init_task, worker, second;

struct signal_struct init_signals = { 0, { &init_task.thread_node, &init_task.thread_node } };
struct signal_struct worker_signals = { 0, { &worker.thread_node, &second.thread_node } };
struct task_struct init_task = {
	.pid = 0, .comm = "swapper/0", .signal = &init_signals,
	.thread_node = LIST(init_signals.thread_head), .tasks = { &worker.tasks, &worker.tasks },
};
struct task_struct worker = {
	.pid = 42, .tgid = 42, .comm = "worker", .__state = 1, .mm = &some_mm, .signal = &worker_signals,
	.thread_node = { &second.thread_node, &worker_signals.thread_head },
	.tasks = { &init_task.tasks, &init_task.tasks },
};
struct task_struct second = {
	.pid = 43, .tgid = 42, .comm = "second", .__state = 0x402, .mm = &some_mm, .signal = &worker_signals,
	.thread_node = { &worker_signals.thread_head, &worker.thread_node },
};

struct list_head modules;
struct module only = {
	.name = "only_one", .list = LIST(modules), .core_layout = { .base = (void *)0x3ff80000000, .size = 8192 },
};
struct list_head modules = { &only.list, &only.list };

/* Records 6 to 9 in four slots: one that is not committed, one without text, one that goes round the end. */
#define COMMITTED (1UL << 62)
#define FINALIZED (2UL << 62)
static char text[64] = "\0\0\0\0\0\0\0\010wrapped!........first line\nand next.......";
static struct printk_info infos[4] = {
	[2] = { 19, 1500000000 }, [3] = { 4, 2 }, [0] = { 0, 3 }, [1] = { 8, 12345678901 },
};
static struct prb_desc descs[4] = {
	[2] = { { FINALIZED | 6 }, { 16, 48 } },
	[3] = { { 7 }, { 48, 56 } },
	[0] = { { FINALIZED | 8 }, { 3, 3 } },
	[1] = { { COMMITTED | 9 }, { 56, 64 + 16 } },
};
static struct printk_ringbuffer ring = {
	{ text, 6 }, { 2, descs, infos, { COMMITTED | 9 }, { FINALIZED | 6 } },
};
struct printk_ringbuffer *prb = &ring;

u64 jiffies_64 = 4294937296UL;
const char linux_banner[] = "Linux version 6.1.0-fake (nobody@nowhere)";

void system_call(void);
void ext_int_handler(void);
void io_int_handler(void);

__attribute__((noinline)) void tick(void)
{
	jiffies_64++;
}

/* Called by the handler of a supervisor call, on a stack of its own. */
__attribute__((noinline)) void __do_syscall(struct pt_regs *regs)
{
	regs->args++;
	tick();
}

__attribute__((noinline)) void user_like(void)
{
#ifdef __powerpc64__
	asm volatile("sc" ::: "memory", "r0", "r9", "r10", "r11", "r12", "lr");
#else
	asm volatile("svc 4" ::: "memory");
#endif
}

#ifdef __powerpc64__
struct paca_struct paca = { .__current = &worker };

void start_kernel(void)
{
	u32 *vector = (u32 *)0xc00;

	asm("" : "+b"(vector));
	*vector = 0x48000000 | (((u64)system_call - 0xc00) & 0x3fffffc);
	asm volatile("mtsprg 1, %0; isync" :: "r"(&paca) : "memory");
	for (;;)
		user_like();
}
#else
void start_kernel(void)
{
	struct lowcore *lc = (struct lowcore *)0;
	struct psw *new = (struct psw *)0x1b0;

	asm("" : "+a"(lc), "+a"(new));
	new[0] = (struct psw){ 0x0000000180000000, (u64)ext_int_handler };
	new[1] = (struct psw){ 0x0000000180000000, (u64)system_call };
	new[4] = (struct psw){ 0x0000000180000000, (u64)io_int_handler };
	lc->current_task = &worker;
	lc->cpu_nr = 0;
	for (;;)
		user_like();
}
#endif
