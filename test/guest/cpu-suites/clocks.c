/* The TOD clock, its comparator, the CPU timer, and external interruptions that come to whoever is open. CPU 1 waits. */
#include "suite.h"

static u8 area[2 * PAGE] ALIGNED(2 * PAGE);
static u32 sccb[1024] ALIGNED(4096);
static volatile u64 flag;
extern char waiting_start[], waiting_external[];

asm("waiting_start: larl 1,waiting_cr0\n lctlg 0,0,0(1)\n larl 1,flag\n mvghi 0(1),1\n larl 1,waiting_psw\n lpswe 0(1)\n"
    "waiting_external: larl 1,flag\n mvghi 0(1),2\n j .\n .balign 8\n"
    "waiting_cr0: .quad 0x402e0\n"
    "waiting_psw: .quad 0x0102000180000000, 0xbad\n");

static u32 stck(u64 *at)
{
	u32 cc;

	asm volatile("stck %1; ipm %0; srl %0,28" : "=d"(cc), "=Q"(*at) : : "cc");
	return cc;
}

static u64 now(void)
{
	u64 at;

	stck(&at);
	return at;
}

static u32 stckf(u64 *at)
{
	u32 cc;

	asm volatile("stckf %1; ipm %0; srl %0,28" : "=d"(cc), "=Q"(*at) : : "cc");
	return cc;
}

static u32 stcke(u8 *at)
{
	u32 cc;

	asm volatile("stcke 0(%1); ipm %0; srl %0,28" : "=&d"(cc) : "a"(at) : "cc", "memory");
	return cc;
}

#define SCKC(value) do { u64 v_ = (value); asm volatile("sckc %0" : : "Q"(v_)); } while (0)
#define SPT(value) do { u64 v_ = (value); asm volatile("spt %0" : : "Q"(v_)); } while (0)

static void clock(void)
{
	u64 a, b, c, value;
	u8 extended[16] ALIGNED(8);
	u32 i, rises = 1;

	check("STCK cc", stck(&a), 0);
	check("STCKE cc", stcke(extended), 0);
	check("STCKF cc", stckf(&b), 0);
	check("STCKE begins with a zero byte", extended[0], 0);
	for (c = 0, i = 1; i <= 8; i++)
		c = c << 8 | extended[i];
	check("STCKE comes between", c > a && b >= c, 1);
	for (i = 0; i < 100; i++) {
		stck(&a);
		stck(&b);
		if (b <= a)
			rises = 0;
	}
	check("STCK gives another value each time", rises, 1);
	asm volatile("lghi 0,0x5a5; .insn e,0x0107" : : : "0");
	stcke(extended);
	check("STCKE ends with the programmable field", *(u16 *)(extended + 14), 0x5a5);
	TRY(PGM_SPECIFICATION, "SCKPF with more bits", "llilh 0,1; .insn e,0x0107" : : : "0");
	asm volatile("lghi 0,0; .insn e,0x0107" : : : "0");
	TRY(0, "STCK unaligned", "stck 1(%0)" : : "a"(extended) : "cc", "memory");

	value = 0xcafef00dbeeful;
	asm volatile("sck %0" : : "Q"(value) : "cc", "memory");
	a = now();
	check("SCK sets the clock", a >= value && a - value < 1ul << 32, 1);
	expect();
	problem_state();
	value = 0x1234;
	asm volatile("sck %0" : : "Q"(value) : "cc", "memory");
	check_code("SCK in the problem state", PGM_PRIVILEGED);
	check("leaves the clock", now() > a, 1);
	value = 0xfacef00dcafe0000ul;
	asm volatile("sck %0" : : "Q"(value) : "cc", "memory");
	check("SCK far ahead", now() > value, 1);
	while (now() - value < 5000ul << 12)
		;
	check("the clock goes on", now() - value >= 5000ul << 12, 1);
}

static u64 came(void)
{
	return *(volatile u64 *)0x3a8;
}

static void wait_open(u64 cr0)
{
	*(volatile u64 *)0x3a8 = 0;
	*(volatile u16 *)0x86 = 0;
	set_cr(0, cr0);
	wait_external();
	set_cr(0, 0x400e0);
}

static void timers(void)
{
	u64 value, start;

	SCKC(0x123456789abcdef0ul);
	asm volatile("stckc %0" : "=Q"(value));
	check("STCKC gives what SCKC set", value & ~0xfful, 0x123456789abcde00ul);
	SPT(0x7fffffff00000000ul);
	asm volatile("stpt %0" : "=Q"(value));
	check("the CPU timer counts down", value < 0x7fffffff00000000ul && value > 0x7ffffff000000000ul, 1);

	start = now();
	SCKC(start + (1000ul << 12));
	wait_open(0x408e0);
	check("clock comparator: came", came(), 1);
	check("  its code", *(u16 *)0x86, 0x1004);
	check("  not before its time", now() > start + (1000ul << 12), 1);
	SCKC(now() - 1);
	wait_open(0x408e0);
	check("clock comparator in the past: came", came(), 1);
	wait_open(0x408e0);
	check("and again: it stays pending", came(), 1);
	SCKC(-1ul);

	start = now();
	SPT(1000ul << 12);
	wait_open(0x404e0);
	check("CPU timer: came", came(), 1);
	check("  its code", *(u16 *)0x86, 0x1005);
	check("  not before its time", now() > start + (1000ul << 12), 1);
	asm volatile("stpt %0" : "=Q"(value));
	check("  it is negative", value >> 63, 1);
	SCKC(0);
	wait_open(0x40ce0);
	check("both: the comparator comes first", *(u16 *)0x86, 0x1004);
	SCKC(-1ul);
	SPT(0x7fffffff00000000ul);

	TRY(0, "SCKC is privileged, here it may", "sckc %0" : : "Q"(value));
	SCKC(-1ul);
}

/* Every CPU that waits with the mask open may take a service signal: here it is CPU 1 alone. */
static void floating(void)
{
	u32 status, i;
	u32 cc;

	((u64 *)(area + 0x1a0))[0] = 0x0000000180000000ul;
	((u64 *)(area + 0x1a0))[1] = (u64)waiting_start;
	((u64 *)(area + 0x1b0))[0] = 0x0000000180000000ul;
	((u64 *)(area + 0x1b0))[1] = (u64)waiting_external;
	sigp(1, 0xd, (u64)area, &status);
	check("set prefix", status, 0);
	sigp(1, 6, 0, &status);
	for (i = 0; i < 1000000 && flag != 1; i++)
		asm volatile("diag 0,0,0x44");
	check("CPU 1 is there", flag, 1);
	do
		sigp(1, 0x15, 0, &status);
	while (!(status & 0x400));
	*(u16 *)sccb = 4096;
	asm volatile(".insn rre,0xb2200000,%1,%2\n ipm %0\n srl %0,28" : "=d"(cc) : "d"(0x00010001ul), "a"(sccb) : "cc", "memory");
	check("SERVC cc", cc, 0);
	for (i = 0; i < 1000000 && flag != 2; i++)
		asm volatile("diag 0,0,0x44");
	check("CPU 1 took the service signal", flag, 2);
	check("  its code", *(u16 *)(area + 0x86), 0x2401);
	check("  its parameter", *(u32 *)(area + 0x80) & ~7u, (u64)sccb);
	check("  CPUs", *(u16 *)((u8 *)sccb + 8), 3);
	sigp(1, 5, 0, &status);
}

void suite(void)
{
	clock();
	timers();
	floating();
}
