/* SIGNAL PROCESSOR, on a machine of three CPUs: 1 does what it is told, 2 is stopped most of the time. */
#include "suite.h"

#define SENSE 1
#define EXTERNAL_CALL 2
#define EMERGENCY 3
#define START 4
#define STOP 5
#define RESTART 6
#define STOP_AND_STORE 9
#define INITIAL_RESET 0xb
#define CPU_RESET 0xc
#define SET_PREFIX 0xd
#define STORE_STATUS 0xe
#define SET_ARCHITECTURE 0x12
#define CONDITIONAL 0x13
#define SENSE_RUNNING 0x15
#define STORE_ADDITIONAL 0x17

#define STOPPED 0x40
#define CALL_PENDING 0x80
#define INVALID_PARAMETER 0x100
#define INCORRECT_STATE 0x200
#define NOT_RUNNING 0x400
#define INVALID_ORDER 2

static u8 area[2 * PAGE] ALIGNED(2 * PAGE);	/* prefix area of CPU 1 */
static u8 status_area[2 * PAGE] ALIGNED(PAGE);
static volatile u64 flag;
extern char second_start[], second_spin[], second_dirty[], second_open[], second_wait[], second_external[], second_self[];

/* CPU 1's programs. Register 6 has what it sees in the flag; it counts at 8(flag). */
asm("second_start: stmg 0,15,0x400\n"
    " larl 1,flag\n mvghi 0(1),1\n"
    "second_spin: j second_spin\n"
    "second_dirty: lgfi 1,0x11\n sfpc 1\n larl 1,dirty_crs\n lctlg 1,3,0(1)\n lctlg 7,7,0(1)\n lctlg 13,13,0(1)\n sckpf_: lghi 0,0x123\n .insn e,0x0107\n"
    " spt 0(1)\n lgfi 14,0x5678\n ear_: lgfi 2,0x77\n sar 4,2\n larl 1,flag\n mvghi 0(1),1\n j second_spin\n"
    "second_open: larl 1,open_cr0\n lctlg 0,0,0(1)\n larl 1,flag\n mvghi 0(1),1\n larl 1,open_psw\n lpswe 0(1)\n"
    "second_wait: larl 1,open_cr0\n lctlg 0,0,0(1)\n larl 1,flag\n mvghi 0(1),1\n larl 1,open_wait_psw\n lpswe 0(1)\n"
    "second_external: larl 1,flag\n lghi 2,2\n stg 2,0(1)\n larl 1,closed_psw\n lpswe 0(1)\n"
    "second_self: lghi 3,0\n stap 0x3c0\n lh 4,0x3c0\n lghi 2,0\n larl 1,flag\n mvghi 0(1),1\n sigp 2,4,5\n mvghi 0(1),9\n j second_spin\n"
    " .balign 8\n"
    "dirty_crs: .quad 0x42000,0x42000,0x42000\n"
    "open_cr0: .quad 0x460e0\n"
    "open_psw: .quad 0x0100000180000000, second_spin\n"
    "open_wait_psw: .quad 0x0102000180000000, second_spin\n"
    "closed_psw: .quad 0x0000000180000000, second_spin\n");

static u32 order(u32 cpu, u32 what, u64 parameter, u32 cc, u32 wanted, const char *name)
{
	u32 status;
	u32 got = sigp(cpu, what, parameter, &status);

	check(name, got, cc);
	check("  status", status, wanted);
	return status;
}

static void wait_for(u64 value)
{
	u32 i;

	for (i = 0; i < 10000000 && flag != value; i++)
		asm volatile("diag 0,0,0x44" : : : "memory");
	check("  CPU 1 got there", flag, value);
}

static void wait_stopped(u32 cpu)
{
	u32 i, status = 0;

	for (i = 0; i < 1000000 && !(status & STOPPED); i++)
		sigp(cpu, SENSE, 0, &status);
	check("  it is stopped", status & STOPPED, STOPPED);
}

static void run(void *program)
{
	u64 *psw = (u64 *)(area + 0x1a0);
	u32 status;

	flag = 0;
	psw[0] = 0x0000000180000000ul;
	psw[1] = (u64)program;
	((u64 *)(area + 0x1b0))[0] = 0x0000000180000000ul;
	((u64 *)(area + 0x1b0))[1] = (u64)second_external;
	((u64 *)(area + 0x1d0))[0] = 0x0002000180000000ul;
	((u64 *)(area + 0x1d0))[1] = 0xbad;
	sigp(1, STOP, 0, &status);
	wait_stopped(1);
	sigp(1, SET_PREFIX, (u64)area, &status);
	order(1, RESTART, 0, 0, 0, "restart");
	wait_for(1);
}

static void states(void)
{
	u32 status;

	order(1, SENSE, 0, 1, STOPPED, "sense a CPU that was never started");
	order(0, SENSE, 0, 0, 0, "sense oneself");
	order(9, SENSE, 0, 3, 0, "a CPU that is not there");
	order(0xed99, STORE_ADDITIONAL, 0, 3, 0, "a CPU that is not there, additional status");
	order(1, 0x77, 0, 1, INVALID_ORDER, "an order that is none");
	order(1, 0, 0, 1, INVALID_ORDER, "order 0");
	order(1, STORE_ADDITIONAL, (u64)status_area, 0, 0, "store additional status");
	order(1, STORE_ADDITIONAL, (u64)status_area + 512, 1, INVALID_PARAMETER, "store additional status between boundaries");
	order(0, STORE_ADDITIONAL, (u64)status_area, 1, INCORRECT_STATE, "store additional status of oneself");
	order(0, SET_ARCHITECTURE, 1, 1, INVALID_PARAMETER, "set architecture 1");
	order(0, SET_ARCHITECTURE, 0, 1, INVALID_PARAMETER, "set architecture 0");
	order(0, SET_ARCHITECTURE, 2, 1, INVALID_PARAMETER, "set architecture 2");
	order(0, SENSE_RUNNING, 0, 0, 0, "sense running status of oneself");
	order(1, SENSE_RUNNING, 0, 1, NOT_RUNNING, "sense running status of a stopped CPU");
	order(2, STOP, 0, 0, 0, "stop a stopped CPU");

	order(1, SET_PREFIX, 0x7ffff000, 1, INVALID_PARAMETER, "set prefix outside storage");
	order(1, SET_PREFIX, (u64)area | 0x80001fff, 0, 0, "set prefix");
	fill(status_area, 0, sizeof(status_area));
	order(1, STORE_STATUS, 0x7ffff000, 1, INVALID_PARAMETER, "store status outside storage");
	order(1, STORE_STATUS, (u64)status_area, 0, 0, "store status");
	check("  the prefix", *(u32 *)(status_area + 0x118), (u64)area);
	run(second_start);
	order(1, SENSE, 0, 0, 0, "sense a running CPU");
	order(1, SET_PREFIX, 0, 1, INCORRECT_STATE, "set prefix of a running CPU");
	order(1, SET_PREFIX, 0x7ffff000, 1, INVALID_PARAMETER, "set prefix of a running CPU, outside storage");
	fill(status_area, 0, sizeof(status_area));
	order(1, STORE_STATUS, (u64)status_area, 1, INCORRECT_STATE, "store status of a running CPU");
	check("  nothing is stored", all(status_area, 0, sizeof(status_area)), 1);
	order(1, START, 0, 0, 0, "start a running CPU");
	flag = 0;
	order(1, RESTART, 0, 0, 0, "restart while it runs");
	wait_for(1);
	check("  restart old PSW", ((u64 *)(area + 0x120))[1], (u64)second_spin);
	order(1, STOP, 0, 0, 0, "stop");
	wait_stopped(1);
	order(1, START, 0, 0, 0, "start");
	order(1, SENSE, 0, 0, 0, "sense it then");

	*(u32 *)0x1318 = 0;
	*(u64 *)(0x1280 + 15 * 8) = 0;
	order(1, STOP_AND_STORE, 0, 0, 0, "stop and store status");
	wait_stopped(1);
	check("  the prefix", *(volatile u32 *)0x1318, (u64)area);
	check("  the PSW", *(volatile u64 *)0x1308, (u64)second_spin);
	*(u32 *)0x1318 = 0;
	order(1, STOP_AND_STORE, 0, 0, 0, "stop and store status of a stopped CPU");
	wait_stopped(1);
	check("  the prefix", *(volatile u32 *)0x1318, (u64)area);

	run(second_self);
	wait_stopped(1);
	check("a CPU that stops itself", flag, 1);
	order(1, START, 0, 0, 0, "starts again");
	wait_for(9);
	(void)status;
}

static void parameters(void)
{
	u64 whole = 0xdeadbeefcafe0000ul;
	u32 cc;

	cc = sigp_register(9, SENSE, 0, &whole);
	check("status register with cc 3", whole, 0xdeadbeefcafe0000ul);
	cc = sigp_register(2, SENSE, 0, &whole);
	check("cc 1", cc, 1);
	check("status goes to bits 32-63", whole, 0xdeadbeef00000040ul);
	whole = 0x1122334455667788ul;
	cc = sigp_register(0, SENSE, 0, &whole);
	check("cc 0", cc, 0);
	check("status register with cc 0", whole, 0x1122334455667788ul);
	whole = 0x1122334455667788ul;
	cc = sigp_register(0x30000, SENSE, 0, &whole);
	check("bits 32-47 of the CPU address are ignored", cc, 0);
	whole = 0;
	cc = sigp_register(2, 0xabcd01, 0, &whole);
	check("the order is in bits 56-63", whole, STOPPED);
}

static void externals(void)
{
	u32 status;

	run(second_start);
	order(1, EXTERNAL_CALL, 0, 0, 0, "external call to a CPU that is closed");
	order(1, EXTERNAL_CALL, 0, 1, CALL_PENDING, "another one");
	order(1, SENSE, 0, 1, CALL_PENDING, "sense sees it");
	order(1, EMERGENCY, 0, 0, 0, "emergency signal");
	order(1, EMERGENCY, 0, 0, 0, "emergency signals pile up");
	order(1, CPU_RESET, 0, 0, 0, "CPU reset");
	wait_stopped(1);
	order(1, SENSE, 0, 1, STOPPED, "the call is gone");
	run(second_open);
	sigp(1, SENSE, 0, &status);
	check("nothing came", flag, 1);
	*(u16 *)(area + 0x86) = 0;
	*(u16 *)(area + 0x84) = 0xffff;
	order(1, EXTERNAL_CALL, 0, 0, 0, "external call");
	wait_for(2);
	check("  its code", *(u16 *)(area + 0x86), 0x1202);
	check("  from CPU 0", *(u16 *)(area + 0x84), 0);
	run(second_wait);
	order(1, EMERGENCY, 0, 0, 0, "emergency signal to a CPU that waits");
	wait_for(2);
	check("  its code", *(u16 *)(area + 0x86), 0x1201);
	run(second_wait);
	order(1, CONDITIONAL, 0, 0, 0, "conditional emergency signal");
	wait_for(2);
	check("  its code", *(u16 *)(area + 0x86), 0x1201);
	run(second_wait);
	order(1, STOP, 0, 0, 0, "stop a CPU that waits");
	wait_stopped(1);
	order(1, START, 0, 0, 0, "start it: it goes on waiting");
	order(1, EXTERNAL_CALL, 0, 0, 0, "external call to it");
	wait_for(2);
	/* To a stopped CPU: taken once it is started. */
	run(second_open);
	order(1, STOP, 0, 0, 0, "stop");
	wait_stopped(1);
	order(1, EXTERNAL_CALL, 0, 0, 0, "external call to a stopped CPU");
	order(1, SENSE, 0, 1, STOPPED | CALL_PENDING, "sense sees both");
	order(1, START, 0, 0, 0, "start");
	wait_for(2);
	/* Oneself. */
	flag = 0;
	*(u64 *)0x3a8 = 0;
	order(0, EMERGENCY, 0, 0, 0, "emergency signal to oneself");
	set_cr(0, 0x440e0);
	wait_external();
	set_cr(0, 0x400e0);
	check("  came", *(u64 *)0x3a8, 1);
	check("  its code", *(u16 *)0x86, 0x1201);
	order(0, EXTERNAL_CALL, 0, 0, 0, "external call to oneself");
	order(0, SENSE, 0, 1, CALL_PENDING, "sense oneself");
	set_cr(0, 0x420e0);
	wait_external();
	set_cr(0, 0x400e0);
	check("  its code", *(u16 *)0x86, 0x1202);
}

static void resets(void)
{
	u64 *crs = (u64 *)(status_area + 0x180), *grs = (u64 *)(status_area + 0x80);
	u32 i;

	run(second_dirty);
	order(1, CPU_RESET, 0, 0, 0, "CPU reset");
	wait_stopped(1);
	order(1, STORE_STATUS, (u64)status_area, 0, 0, "store status");
	check("  CR7 stays", crs[7], 0x42000);
	check("  the FPC stays", *(u32 *)(status_area + 0x11c), 0x11);
	check("  register 14 stays", grs[14], 0x5678);
	check("  the prefix stays", *(u32 *)(status_area + 0x118), (u64)area);
	check("  the PSW stays", *(u64 *)(status_area + 0x108), (u64)second_spin);
	check("  the programmable field stays", *(u32 *)(status_area + 0x124), 0x123);
	order(1, INITIAL_RESET, 0, 0, 0, "initial CPU reset");
	order(1, STORE_STATUS, (u64)status_area, 0, 0, "store status");
	check("  PSW mask", *(u64 *)(status_area + 0x100), 0);
	check("  PSW address", *(u64 *)(status_area + 0x108), 0);
	check("  prefix", *(u32 *)(status_area + 0x118), 0);
	check("  FPC", *(u32 *)(status_area + 0x11c), 0);
	check("  CPU timer", *(u64 *)(status_area + 0x128), 0);
	check("  clock comparator", *(u64 *)(status_area + 0x130), 0);
	check("  programmable field", *(u32 *)(status_area + 0x124), 0);
	check("  register 14 stays", grs[14], 0x5678);
	check("  access register 4 stays", ((u32 *)(status_area + 0x140))[4], 0x77);
	for (i = 0; i < 16; i++)
		check("  control register", crs[i], i == 0 ? 0xe0 : i == 14 ? 0xc2000000 : 0);
	wait_stopped(1);
}

void suite(void)
{
	states();
	parameters();
	externals();
	resets();
}
