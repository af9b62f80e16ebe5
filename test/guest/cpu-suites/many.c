/* As many CPUs as there can be: each is started, signalled, and sees what any other does to tables that all use. */
#include "suite.h"

#define CPUS 248
#define SENSE 1
#define EXTERNAL_CALL 2
#define EMERGENCY 3
#define STOP 5
#define RESTART 6
#define SET_PREFIX 0xd
#define SENSE_RUNNING 0x15
#define STOPPED 0x40

/* What a CPU does when it is signalled. */
#define NOTHING 0
#define READ 1
#define INVALIDATE 2
#define PASS_ON 3
#define PURGE 4

static u8 areas[CPUS][2 * PAGE] ALIGNED(2 * PAGE);
u8 many_stacks[CPUS + 1][1024] ALIGNED(16);
static u64 segments[2048] ALIGNED(4 * PAGE), ptes[256] ALIGNED(2048), identity[15][256] ALIGNED(2048);
static u64 pages[3][512] ALIGNED(PAGE);
extern char many_start[], many_external[];

/* Signals and tasks that CPUs have had, and what each was told last. */
static volatile u64 started, taken, task;
static volatile struct { u16 own, code, from; u64 read; } seen[CPUS];

asm("many_start: stap 0x3c0\n llgh 2,0x3c0\n brasl 14,many_stack\n larl 1,many_cr0\n lctlg 0,0,0(1)\n brasl 14,many_started\n"
    "many_wait: larl 1,many_wait_psw\n lpswe 0(1)\n"
    "many_external: llgh 2,0x3c0\n brasl 14,many_stack\n llgh 3,0x86\n llgh 4,0x84\n brasl 14,many_signalled\n j many_wait\n"
    "many_stack: lgr 1,2\n aghi 1,1\n sllg 1,1,10\n larl 15,many_stacks\n agr 15,1\n aghi 15,-160\n br 14\n"
    " .balign 8\nmany_cr0: .quad 0x460e0\nmany_wait_psw: .quad 0x0102000180000000, many_wait\n");

static void count(volatile u64 *at)
{
	u64 old = *at, next;

	do
		next = old + 1;
	while (!__sync_bool_compare_and_swap(at, old, next) && (old = *at, 1));
}

void many_started(u64 own)
{
	seen[own].own = own;
	count(&started);
}

/* The page that all have at this address, by tables of their own. */
#define SHARED 0xf00000ul

/* Its first doubleword, by the tables. */
static u64 read_by_tables(void)
{
	u64 value, at = SHARED;

	dat_on();
	asm volatile("lg %0,0(%1)" : "=d"(value) : "a"(at));
	dat_off();
	return value;
}

static void invalidate(u64 pfra)
{
	asm volatile("ipte %0,%1" : : "a"(ptes), "a"(SHARED) : "memory");
	*(volatile u64 *)ptes = pfra;
}

void many_signalled(u64 own, u64 code, u64 from)
{
	u32 status;

	seen[own].code = code;
	seen[own].from = from;
	switch (task) {
	case READ:
		set_cr(1, (u64)segments);
		seen[own].read = read_by_tables();
		break;
	case INVALIDATE:
		invalidate((u64)pages[own % 3]);
		break;
	case PURGE:
		asm volatile("ptlb" : : : "memory");
		break;
	case PASS_ON:
		if (own + 1 < CPUS)
			sigp(own + 1, EMERGENCY, 0, &status);
		break;
	}
	count(&taken);
}

static void wait_for(volatile u64 *at, u64 value)
{
	u32 i;

	for (i = 0; i < 1000000 && *at < value; i++)
		asm volatile("diag 0,0,0x44" : : : "memory");
}

/* Every CPU gets a signal, and has seen to it. */
static u64 tell_all(u32 order, u64 what)
{
	u32 cpu, status, accepted = 0;

	task = what;
	taken = 0;
	for (cpu = 1; cpu < CPUS; cpu++)
		accepted += sigp(cpu, order, 0, &status) == 0;
	wait_for(&taken, CPUS - 1);
	return accepted;
}

/* How many CPUs have seen what is wanted. */
static u64 how_many(u32 code, u32 from)
{
	u64 n = 0;
	u32 cpu;

	for (cpu = 1; cpu < CPUS; cpu++)
		n += seen[cpu].own == cpu && seen[cpu].code == code && seen[cpu].from == from;
	return n;
}

static u64 readers_of(u64 value)
{
	u64 n = 0;
	u32 cpu;

	for (cpu = 1; cpu < CPUS; cpu++)
		n += seen[cpu].read == value;
	return n;
}

static void start_all(void)
{
	u32 cpu, status, prefixed = 0, restarted = 0, stopped = 0;

	for (cpu = 1; cpu < CPUS; cpu++) {
		u64 *area = (u64 *)areas[cpu];

		sigp(cpu, SENSE, 0, &status);
		stopped += status == STOPPED;
		area[0x1a0 / 8] = 0x0000000180000000ul;
		area[0x1a8 / 8] = (u64)many_start;
		area[0x1b0 / 8] = 0x0000000180000000ul;
		area[0x1b8 / 8] = (u64)many_external;
		area[0x1d0 / 8] = 0x0002000180000000ul;
		area[0x1d8 / 8] = 0xbad;
		prefixed += sigp(cpu, SET_PREFIX, (u64)area, &status) == 0;
		restarted += sigp(cpu, RESTART, 0, &status) == 0;
	}
	check("CPUs that are stopped at first", stopped, CPUS - 1);
	check("prefixes that are set", prefixed, CPUS - 1);
	check("restarts", restarted, CPUS - 1);
	check("one more CPU is not there", sigp(CPUS, SENSE, 0, &status), 3);
	wait_for(&started, CPUS - 1);
	check("CPUs that have started", started, CPUS - 1);
	for (cpu = 1; cpu < CPUS && seen[cpu].own == cpu; cpu++)
		;
	check("each knows its address", cpu, CPUS);
}

static void signals(void)
{
	static const u8 some[] = { 1, 2, 31, 32, 62, 63, 64, 65, 127, 128, 191, 192, 246, 247 };
	u32 i, status, sensed = 0, idle = 0;

	for (i = 1; i < CPUS; i++) {
		sensed += sigp(i, SENSE, 0, &status) == 0;
		idle += sigp(i, SENSE_RUNNING, 0, &status) == 1;
	}
	check("CPUs that sense says nothing of", sensed, CPUS - 1);
	check("CPUs that are not running", idle, CPUS - 1);
	check("external calls", tell_all(EXTERNAL_CALL, NOTHING), CPUS - 1);
	check("  taken, from CPU 0", how_many(0x1202, 0), CPUS - 1);
	check("emergency signals", tell_all(EMERGENCY, NOTHING), CPUS - 1);
	check("  taken, from CPU 0", how_many(0x1201, 0), CPUS - 1);
	check("external calls again", tell_all(EXTERNAL_CALL, NOTHING), CPUS - 1);
	check("  taken", how_many(0x1202, 0), CPUS - 1);
	task = PASS_ON;
	taken = 0;
	sigp(1, EMERGENCY, 0, &status);
	wait_for(&taken, CPUS - 1);
	check("a signal goes from CPU to CPU", taken, CPUS - 1);
	for (i = 0; i < sizeof(some); i++)
		check("  it came from the one before", seen[some[i]].from, some[i] - 1);
}

static void tables(void)
{
	static const u8 invalidators[] = { 1, 63, 64, 100, 200, 247 };
	u32 i, status;

	for (i = 0; i < 2048; i++)
		segments[i] = 0x20;
	for (i = 0; i < 3; i++)
		pages[i][0] = 0x1000 + i;
	/* Real addresses as they are, but for the last megabyte. */
	for (i = 0; i < 15 * 256; i++)
		identity[i / 256][i % 256] = i * PAGE;
	for (i = 0; i < 15; i++)
		segments[i] = (u64)identity[i];
	segments[15] = (u64)ptes;
	for (i = 0; i < 256; i++)
		ptes[i] = SHARED + i * PAGE;
	ptes[0] = (u64)pages[0];
	tell_all(EMERGENCY, READ);
	check("CPUs that read by the tables", readers_of(0x1000), CPUS - 1);
	for (i = 0; i < sizeof(invalidators); i++) {
		u32 cpu = invalidators[i];

		task = INVALIDATE;
		taken = 0;
		sigp(cpu, EXTERNAL_CALL, 0, &status);
		wait_for(&taken, 1);
		tell_all(i % 2 ? EMERGENCY : EXTERNAL_CALL, READ);
		check("IPTE by one CPU is seen by all", readers_of(0x1000 + cpu % 3), CPUS - 1);
	}
	set_cr(1, (u64)segments);
	invalidate((u64)pages[2]);
	tell_all(EMERGENCY, READ);
	check("and by CPU 0", readers_of(0x1002), CPUS - 1);
	check("CPU 0 itself", read_by_tables(), 0x1002);
	*(volatile u64 *)ptes = (u64)pages[1];
	tell_all(EXTERNAL_CALL, PURGE);
	tell_all(EXTERNAL_CALL, READ);
	check("PTLB of each CPU", readers_of(0x1001), CPUS - 1);
}

static void stop_all(void)
{
	u32 cpu, status, accepted = 0, stopped = 0;

	for (cpu = 1; cpu < CPUS; cpu++)
		accepted += sigp(cpu, STOP, 0, &status) == 0;
	check("CPUs that are told to stop", accepted, CPUS - 1);
	for (cpu = 1; cpu < CPUS; cpu++) {
		u32 i;

		for (i = 0, status = 0; i < 1000 && !(status & STOPPED); i++)
			sigp(cpu, SENSE, 0, &status);
		stopped += status == STOPPED;
	}
	check("CPUs that are stopped at last", stopped, CPUS - 1);
}

void suite(void)
{
	u16 own = 99;

	asm volatile("stap %0" : "=Q"(own) : : "memory");
	check("CPU 0", own, 0);
	start_all();
	signals();
	tables();
	stop_all();
}
