/*
 * System calls and context switches: two programs in the problem state, each in a space of its own, call the supervisor, which
 * loads its own space at every call, saves and restores registers, and changes programs at every eighth.
 */
#include "dat.h"

#define TEXT(x) #x
#define STRING(x) TEXT(x)
#define CALLS 100000
#define USER 0x1000000ul /* both programs' data, each in frames of its own */
#define PAGES 24ul

struct page_table page_tables[64];
static struct space kernel_space, user_spaces[2];

struct task {
	unsigned long gr[16];
	unsigned long psw[2];
	unsigned long asce;
	unsigned int ar[16];
};

struct task tasks[2], *current_task = &tasks[0];
unsigned long kernel_asce, switches, checksum, made;
static unsigned char stacks[2][8192] __attribute__((aligned(16)));

static long call_add(unsigned long a, unsigned long b)
{
	return (long)(a + b);
}
static long call_mix(unsigned long a, unsigned long b)
{
	checksum = checksum * 31 + (a ^ b);
	return (long)checksum;
}
static long call_count(unsigned long a, unsigned long b)
{
	(void)a;
	return (long)(made + b);
}
/* Reads a word of the caller's space through the secondary space. */
static long call_peek(unsigned long a, unsigned long b)
{
	unsigned long value;

	asm volatile("	lctlg	%%c7,%%c7,%1\n"
		     "	sacf	256\n"
		     "	lg	%0,0(%2)\n"
		     "	sacf	0\n"
		     : "=&d"(value)
		     : "Q"(current_task->asce), "a"(a)
		     : "memory");
	return (long)(value + b);
}

typedef long call(unsigned long, unsigned long);
static call *const table[4] = { call_add, call_mix, call_count, call_peek };

/* From svc_entry: the number is at real 0x8a. */
void supervisor(unsigned int number)
{
	struct task *t = current_task;

	t->gr[2] = (unsigned long)table[number & 3](t->gr[2], t->gr[3]);
	if (++made % 8 == 0) {
		current_task = t == &tasks[0] ? &tasks[1] : &tasks[0];
		switches++;
	}
}

/* Registers are saved in the task by its real address, since every space has the supervisor's frames at their real places. */
asm("	.balign	8\n"
    "svc_entry:\n"
    "	stmg	%r0,%r15,0x300(%r0)\n"
    "	lctlg	%c1,%c1,0x400(%r0)\n"
    "	larl	%r1,current_task\n"
    "	lg	%r1,0(%r1)\n"
    "	mvc	0(128,%r1),0x300(%r0)\n"
    "	mvc	128(16,%r1),0x140(%r0)\n"
    "	stam	%a0,%a15,152(%r1)\n"
    "	larl	%r15,supervisor_stack+8032\n"
    "	lghi	%r3,0\n"
    "	llgh	%r2,0x8a(%r0)\n"
    "	brasl	%r14,supervisor\n"
    "	.globl	task_resume\n"
    "task_resume:\n"
    "	larl	%r1,made\n"
    "	lg	%r1,0(%r1)\n"
    "	clgfi	%r1," STRING(CALLS) "\n"
    "	jnl	bench_over\n"
    "	larl	%r1,current_task\n"
    "	lg	%r1,0(%r1)\n"
    "	mvc	0x150(16,%r0),128(%r1)\n"
    "	lam	%a0,%a15,152(%r1)\n"
    "	lctlg	%c1,%c1,144(%r1)\n"
    "	lmg	%r0,%r15,0(%r1)\n"
    "	lpswe	0x150(%r0)\n"
    "bench_over:\n"
    "	larl	%r1,saved\n"
    "	lmg	%r6,%r15,0(%r1)\n"
    "	br	%r14\n"
    "	.globl	tasks_run\n"
    "tasks_run:\n"
    "	larl	%r1,saved\n"
    "	stmg	%r6,%r15,0(%r1)\n"
    "	j	task_resume\n"
    "	.local	saved\n"
    "	.local	supervisor_stack\n"
    "	.comm	supervisor_stack,8192,8\n"
    "	.comm	saved,80,8\n");
void tasks_run(void);
extern char svc_entry[];

static inline unsigned long svc(unsigned long a, unsigned long b, int number)
{
	register unsigned long r2 asm("2") = a;
	register unsigned long r3 asm("3") = b;

	if (number == 0)
		asm volatile("svc 0" : "+d"(r2) : "d"(r3) : "memory", "cc");
	else if (number == 1)
		asm volatile("svc 1" : "+d"(r2) : "d"(r3) : "memory", "cc");
	else if (number == 2)
		asm volatile("svc 2" : "+d"(r2) : "d"(r3) : "memory", "cc");
	else
		asm volatile("svc 3" : "+d"(r2) : "d"(r3) : "memory", "cc");
	return r2;
}

static void program(unsigned long seed)
{
	unsigned long *data = (unsigned long *)USER, i;

	for (i = 0;; i++) {
		unsigned long *p = &data[(i % PAGES) * 512 + (seed & 255)];

		seed = svc(seed, i, 0) * 6364136223846793005ul + 1;
		*p = svc(*p, seed >> 32, 1);
		seed ^= svc(0, i, 2);
		seed += svc((unsigned long)p, 3, 3);
	}
}

unsigned long bench_main(void)
{
	unsigned long i, n;

	space_clear(&kernel_space);
	space_clear(&user_spaces[0]);
	space_clear(&user_spaces[1]);
	for (i = 0; i < USER; i += PAGE)
		space_map(&kernel_space, i, i);
	for (n = 0; n < 2; n++) {
		for (i = 0; i < 0x400000ul; i += PAGE)
			space_map(&user_spaces[n], i, i);
		for (i = 0; i < PAGES * PAGE; i += PAGE)
			space_map(&user_spaces[n], USER + i, USER + 0x100000 * n + i);
		tasks[n].gr[2] = n + 1;
		tasks[n].gr[15] = (unsigned long)stacks[n] + sizeof stacks[n] - 160;
		tasks[n].psw[0] = 0x0405000180000000ul;
		tasks[n].psw[1] = (unsigned long)program;
		tasks[n].asce = space_asce(&user_spaces[n]);
	}
	kernel_asce = space_asce(&kernel_space);
	*(unsigned long *)0x400 = kernel_asce;
	*(unsigned long *)0x1c0 = 0x0400000180000000ul;
	*(unsigned long *)0x1c8 = (unsigned long)svc_entry;
	load_primary(kernel_asce);
	asm volatile("stosm 0x408(0),4" : : : "memory");
	tasks_run();
	asm volatile("stnsm 0x408(0),0xfb" : : : "memory");
	return checksum * 31 + switches;
}
