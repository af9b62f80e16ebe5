/* PERFORM TOPOLOGY FUNCTION, and the topology that STORE SYSTEM INFORMATION tells: on a machine of 70 CPUs, of which one runs. */
#include "suite.h"

#define CPUS 70

static u8 page[PAGE] ALIGNED(PAGE);
static u64 answer;

static u32 ptf(u64 code)
{
	u32 cc;

	asm volatile(".insn rre,0xb9a20000,%1,0\n ipm %0; srl %0,28" : "=d"(cc), "+d"(code) : : "cc");
	answer = code;
	return cc;
}

static u32 stsi(u64 level, u64 nesting)
{
	register u64 r0 asm("0") = level;
	register u64 r1 asm("1") = nesting;
	u32 cc;

	asm volatile("stsi 0(%3); ipm %0; srl %0,28" : "=d"(cc), "+d"(r0), "+d"(r1) : "a"(page) : "cc", "memory");
	return cc;
}

static void functions(void)
{
	static const u64 none[] = { 3, 4, 0x7f, 0xff, 0x100, 0x8000, 0x80000000, 0x100000002, 0x8000000000000002 };
	u32 i;

	check("horizontal already", ptf(0), 2);
	check("  the reason", answer, 0x100);
	check("no change to tell", ptf(2), 0);
	check("vertical", ptf(1), 0);
	check("  the register is as it was", answer, 1);
	check("a change to tell", ptf(2), 1);
	check("told once", ptf(2), 0);
	check("vertical already", ptf(1), 2);
	check("  the reason", answer, 0x101);
	check("which is no change", ptf(2), 0);
	check("horizontal", ptf(0), 0);
	check("a change to tell", ptf(2), 1);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		expect();
		ptf(none[i]);
		check_code("a function that is none", PGM_SPECIFICATION);
		check("  its length", last.ilc, 4);
	}
	for (i = 0; i < 3; i++) {
		expect();
		problem_state();
		ptf(i);
		check_code("in the problem state", PGM_PRIVILEGED);
	}
}

static void list(u32 polarization)
{
	u32 i, cpus = 0;

	check("STSI 15.1.2", stsi(0xf0000001, 2), 0);
	check("  its length", *(u16 *)(page + 2), 16 + 8 + 2 * 16);
	check("  sockets of the machine", page[8], 1);
	check("  CPUs of a socket", page[9], CPUS);
	check("  levels of nesting", page[11], 2);
	check("  the socket's level", page[16], 1);
	for (i = 24; i < 56; i += 16) {
		u64 mask = *(u64 *)(page + i + 8);

		check("  CPUs: their level", page[i], 0);
		check("  how they are polarized, none dedicated", page[i + 4], polarization);
		check("  facilities for Linux", page[i + 5], 3);
		check("  the first one's address", *(u16 *)(page + i + 6), (i - 24) * 4);
		for (; mask != 0; mask <<= 1)
			cpus += mask >> 63;
	}
	check("  all of them", cpus, CPUS);
}

void suite(void)
{
	u32 level;

	functions();
	list(0);
	check("vertical", ptf(1), 0);
	list(2);
	check("the list tells no change", ptf(2), 1);
	for (level = 3; level < 8; level++)
		check("a deeper level", stsi(0xf0000001, level), 3);
	check("an upper one", stsi(0xf0000001, 1), 3);
}
