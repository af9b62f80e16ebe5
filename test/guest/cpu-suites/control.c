/* Control instructions that a hypervisor does: operands, faults, privilege; PSW loads; DIAGNOSE. */
#include "suite.h"

static u8 page[2 * PAGE] ALIGNED(2 * PAGE);

#define LOW(what, ...) do { expect(); cr0_on(CR0_LOW_ADDRESS); asm volatile(__VA_ARGS__); cr0_off(CR0_LOW_ADDRESS); check_code(what, PGM_PROTECTION); check("  its TEID", last.teid, 0x480); } while (0)
#define PROBLEM(what, ...) do { expect(); problem_state(); asm volatile(__VA_ARGS__); check_code(what ", problem state", PGM_PRIVILEGED); } while (0)
/* A store, and a fetch, of an aligned operand. */
#define STORES(name, odd, ...) do { \
	LOW(name " at 8 under low-address protection", name " 8" : : : "cc", "memory"); \
	TRY(PGM_SPECIFICATION, name " unaligned", name " 0(%0)" : : "a"(page + odd) : "cc", "memory"); \
	TRY(PGM_ADDRESSING, name " outside storage", name " 0(%0)" : : "a"(-PAGE) : "cc", "memory"); \
	PROBLEM(name, name " 0(%0)" : : "a"(page) : "cc", "memory"); \
} while (0)
#define FETCHES(name, odd) do { \
	TRY(PGM_SPECIFICATION, name " unaligned", name " 0(%0)" : : "a"(page + odd) : "cc", "memory"); \
	TRY(PGM_ADDRESSING, name " outside storage", name " 0(%0)" : : "a"(-PAGE) : "cc", "memory"); \
	PROBLEM(name, name " 0(%0)" : : "a"(page) : "cc", "memory"); \
} while (0)

/* Function code in general register 2, or in the odd 3; the block's address in 4 or 5. */
#define STHYI(r1, r2, code, block) \
	"lgr 2,%0; lgr 4,%1; lgr 3,2; lghi 5,77; .insn rre,0xb2560000," #r1 "," #r2 : : "d"((u64)(code)), "d"((u64)(block)) : "2", "3", "4", "5", "cc", "memory"

/* STORE HYPERVISOR INFORMATION, where the facility is there; an operation exception elsewhere. */
static void hypervisor_information(void)
{
	static u64 list[4];
	u64 rc;
	u32 cc;

	asm volatile("lghi 0,3; stfle 0(%0)" : : "a"(list) : "0", "cc", "memory");
	if (!(list[1] >> (63 - (74 - 64)) & 1)) {
		TRY(PGM_OPERATION, "STHYI is not there", STHYI(2, 4, 0, page));
		return;
	}
	TRY(PGM_SPECIFICATION, "STHYI into what is no page", STHYI(2, 4, 0, page + 8));
	TRY(PGM_SPECIFICATION, "STHYI with an odd R1", STHYI(3, 4, 0, page));
	TRY(PGM_SPECIFICATION, "STHYI with an odd R2", STHYI(2, 5, 0, page));
	TRY(PGM_SPECIFICATION, "STHYI with one pair", STHYI(4, 4, 0, page));
	TRY(PGM_ADDRESSING, "STHYI outside storage", STHYI(2, 4, 0, -PAGE));
	fill(page, 0xff, PAGE);
	asm volatile("lghi 2,32; lgr 4,%2; lghi 5,77; .insn rre,0xb2560000,2,4\n ipm %0; srl %0,28; lgr %1,5"
		     : "=&d"(cc), "=&d"(rc) : "a"(page) : "2", "4", "5", "cc", "memory");
	check("STHYI 32: cc", cc, 3);
	check("STHYI 32: return code", rc, 4);
	check("STHYI 32 stores nothing", all(page, 0xff, PAGE), 1);
	asm volatile("lghi 2,0; lgr 4,%2; lghi 5,77; .insn rre,0xb2560000,2,4\n ipm %0; srl %0,28; lgr %1,5"
		     : "=&d"(cc), "=&d"(rc) : "a"(page) : "2", "4", "5", "cc", "memory");
	check("STHYI 0: cc", cc, 0);
	check("STHYI 0: return code", rc, 0);
	check("STHYI 0: the header's length is a multiple of 8", *(u16 *)(page + 10) & 7, 0);
	check("STHYI 0: all sections are within the whole", *(u16 *)(page + 16) + *(u16 *)(page + 18) <= *(u16 *)(page + 8), 1);
	check("STHYI 0: zeros behind them", all(page + *(u16 *)(page + 8), 0, PAGE - *(u16 *)(page + 8)), 1);
}

static void prefix(void)
{
	u32 seen;

	*(volatile u32 *)200 = 0;
	*(volatile u32 *)(page + 200) = 0;
	set_prefix((u32)(u64)page | 0x80000fff);
	seen = get_prefix();
	asm volatile("stfl 0" : : : "memory");
	set_prefix(0);
	check("SPX takes bits 1-18", seen, (u64)page);
	check("STFL goes to the prefix area", *(u32 *)(page + 200) != 0, 1);
	check("and not to absolute location 200", *(u32 *)200, 0);
	STORES("stpx", 2);
	STORES("stap", 1);
	STORES("stidp", 4);
	FETCHES("spx", 2);
	*(u32 *)page = 0x40000000;
	TRY(PGM_ADDRESSING, "SPX to a prefix outside storage", "spx 0(%0)" : : "a"(page) : "memory");
	check("leaves the prefix", get_prefix(), 0);
	*(u16 *)page = 0xffff;
	asm volatile("stap 0(%0)" : : "a"(page) : "memory");
	check("STAP", *(u16 *)page, 0);
	asm volatile("stidp 0(%0)" : : "a"(page) : "memory");
	check("STIDP: version", page[0], 0xff);
	check("STIDP: a machine type", *(u16 *)(page + 4) != 0, 1);
	check("STIDP: bits 49-63", *(u16 *)(page + 6) & 0x7fff, 0);
	STORES("stckc", 4);
	STORES("stpt", 4);
	FETCHES("sckc", 4);
	FETCHES("spt", 4);
	FETCHES("sck", 4);
	FETCHES("lpsw", 4);
	FETCHES("lpswe", 4);
	PROBLEM("SSM", "ssm 0(%0)" : : "a"(page));
	PROBLEM("STNSM", "stnsm 0(%0),255" : : "a"(page));
	PROBLEM("STOSM", "stosm 0(%0),0" : : "a"(page));
	PROBLEM("LCTLG", "lctlg 0,0,0(%0)" : : "a"(page));
	PROBLEM("STCTG", "stctg 0,0,0(%0)" : : "a"(page));
	PROBLEM("LCTL", "lctl 0,0,0(%0)" : : "a"(page));
	PROBLEM("STCTL", "stctl 0,0,0(%0)" : : "a"(page));
	PROBLEM("SIGP", "sigp 2,4,1" : : : "cc");
	PROBLEM("SERVC", ".insn rre,0xb2200000,2,4" : : : "cc");
	PROBLEM("PTLB", "ptlb" : : );
	PROBLEM("LURA", "lura 2,%0" : : "a"(page) : "2");
	PROBLEM("STURA", "stura 2,%0" : : "a"(page));
	PROBLEM("IPTE", "ipte 2,4" : : );
	PROBLEM("LRA", "lra 2,0(%0)" : : "a"(page) : "2", "cc");
	PROBLEM("LPP, which is load program parameter", ".insn s,0xb2800000,0(%0)" : : "a"(page));
	PROBLEM("STSI", "lghi 0,0; lghi 1,0; stsi 0(%0)" : : "a"(page) : "0", "1", "cc");
	hypervisor_information();
	TRY(PGM_OPERATION, "ESSA is not there", ".insn rrf,0xb9ab0000,2,4,0,0" : : : "2", "cc");
	TRY(PGM_OPERATION, "PTF is not there", ".insn rre,0xb9a20000,2,0" : : : "cc");
	TRY(PGM_OPERATION, "the opcode of software breakpoints", ".insn e,0x0001" : : );
	TRY(PGM_OPERATION, "an opcode of zeros", ".insn e,0x0000" : : );
	check("  its length", last.ilc, 2);
	TRY(PGM_SPECIFICATION, "LCTLG unaligned", "lctlg 2,2,0(%0)" : : "a"(page + 4));
	TRY(PGM_SPECIFICATION, "LCTL unaligned", "lctl 2,2,0(%0)" : : "a"(page + 2));
	cr0_on(0x40000000);
	TRY(PGM_SPECIAL, "SSM under SSM suppression", "ssm 0(%0)" : : "a"(page));
	cr0_off(0x40000000);
}

static void information(void)
{
	register u64 r0 asm("0");
	u32 cc;

	asm volatile("lghi 0,0; lghi 1,0; stsi 0; ipm %0; srl %0,28" : "=&d"(cc), "=d"(r0) : : "1", "cc", "memory");
	check("STSI 0: cc", cc, 0);
	check("STSI 0: level 3", (u32)r0, 0x30000000);
	asm volatile("lgfi %%r0,0x40000000; lghi %%r1,0; stsi 0; ipm %0; srl %0,28" : "=&d"(cc) : : "0", "1", "cc", "memory");
	check("STSI 4: cc", cc, 3);
	asm volatile("lgfi 0,0x10000005; lghi 1,1; stsi 0(%1); ipm %0; srl %0,28" : "=&d"(cc) : "a"(page) : "0", "1", "cc", "memory");
	check("STSI 1.5.1: cc", cc, 3);
	TRY(PGM_SPECIFICATION, "STSI unaligned", "lgfi 0,0x10000001; lghi 1,1; stsi 0(%0)" : : "a"(page + 8) : "0", "1", "cc", "memory");
	TRY(PGM_SPECIFICATION, "STSI, reserved bits of register 0", "lgfi 0,0x10000101; lghi 1,1; stsi 0(%0)" : : "a"(page) : "0", "1", "cc", "memory");
	TRY(PGM_SPECIFICATION, "STSI, reserved bits of register 1", "lgfi 0,0x10000001; lgfi 1,0x10001; stsi 0(%0)" : : "a"(page) : "0", "1", "cc", "memory");
	TRY(PGM_ADDRESSING, "STSI outside storage", "lgfi 0,0x10000001; lghi 1,1; stsi 0(%0)" : : "a"(-PAGE) : "0", "1", "cc", "memory");
	expect();
	cr0_on(CR0_LOW_ADDRESS);
	asm volatile("lgfi 0,0x10000001; lghi 1,1; stsi 0" : : : "0", "1", "cc", "memory");
	cr0_off(CR0_LOW_ADDRESS);
	check_code("STSI at 0 under low-address protection", PGM_PROTECTION);
}

static u64 new_psw[2] ALIGNED(16);

/* LPSWE of a PSW that is not valid: the specification exception has it as old PSW, and no length. */
static void invalid_psw(const char *what, u64 mask, u64 address, u32 ilc)
{
	new_psw[0] = mask;
	new_psw[1] = address;
	expect();
	asm volatile("larl 1,0f; stg 1,0(%1); lpswe 0(%0); 0:" : : "a"(new_psw), "a"(&go_on_at) : "1", "cc", "memory");
	check_code(what, PGM_SPECIFICATION);
	check("  old PSW", last.mask, mask);
	check("  its address", last.address - ilc, address);
	check("  length", last.ilc, ilc);
}

static void psws(void)
{
	const u64 good = 0x0000000180000000ul;

	invalid_psw("PSW bit 0", good | 1ul << 63, 0x20000, 0);
	invalid_psw("PSW bit 2", good | 1ul << 61, 0x20000, 0);
	invalid_psw("PSW bit 12", good | 1ul << 51, 0xdeadbeee, 0);
	invalid_psw("PSW bit 12, 24-bit mode, address too large", 1ul << 51, 0xdeadbeee, 0);
	invalid_psw("PSW bit 25", good | 1ul << 38, 0x20000, 0);
	invalid_psw("PSW bit 33", good | 1ul << 30, 0x20000, 0);
	invalid_psw("PSW bit 63", good | 1, 0x20000, 0);
	invalid_psw("PSW bit 31 without bit 32", 1ul << 32, 0x20000, 0);
	invalid_psw("PSW of 24-bit mode, address too large", 0, 0x1000000, 0);
	invalid_psw("PSW of 31-bit mode, address too large", 0x80000000ul, 0x80000000ul, 0);
	invalid_psw("PSW with an odd address", good, 0x20001, 2);
	new_psw[0] = 0;
	expect();
	asm volatile("larl 1,0f; stg 1,0(%1); lpsw 0(%0); 0:" : : "a"(new_psw), "a"(&go_on_at) : "1", "cc", "memory");
	check_code("LPSW of a word without bit 12", PGM_SPECIFICATION);
}

static void old_masks(void)
{
	u64 old = psw_mask();

	expect();
	*(u8 *)(page) = 0x80;
	asm volatile("larl 1,0f; stg 1,0(%1); ssm 0(%0); 0:" : : "a"(page), "a"(&go_on_at) : "1", "cc", "memory");
	check_code("SSM with bit 0", PGM_SPECIFICATION);
	check("  old PSW", last.mask >> 56, 0x80);
	expect();
	asm volatile("larl 1,0f; stg 1,0(%1); stosm 0(%0),0x20; 0:" : : "a"(page), "a"(&go_on_at) : "1", "cc", "memory");
	check_code("STOSM of bit 2", PGM_SPECIFICATION);
	check("  old PSW", last.mask >> 56, 0x20);
	check("the mask afterwards", psw_mask() & ~0x0000300000000000ul, old & ~0x0000300000000000ul);
}

static void epsw(void)
{
	register u64 r2 asm("2") = 0x1234567890abcdeful;
	register u64 r3 asm("3") = 0xcafedeadbeefface;
	register u64 r0 asm("0") = 0x1234567890abcdeful;

	asm volatile("epsw 2,3; epsw 0,0" : "+d"(r2), "+d"(r3), "+d"(r0) : : );
	{
		u64 a = r2, b = r3, c = r0;

		check("EPSW leaves bits 0-31 of R1", a >> 32, 0x12345678);
		check("EPSW leaves bits 0-31 of R2", b >> 32, 0xcafedead);
		check("EPSW R1", a & 0xffffcfff, 1);
		check("EPSW R2", b & 0xffffffff, 0x80000000);
		check("EPSW with R2 0 gives R1 only", c & ~0x3000ul, 0x1234567800000001ul);
	}
}

static void diagnose(void)
{
	TRY(0, "DIAG 44", "diag 0,0,0x44" : : );
	TRY(0, "DIAG 9C", "diag %0,0,0x9c" : : "d"(0ul));
	TRY(0, "DIAG 9C to nobody", "diag %0,0,0x9c" : : "d"(0x1234ul));
	PROBLEM("DIAG 44", "diag 0,0,0x44" : : );
	PROBLEM("DIAG 9C", "diag 0,0,0x9c" : : );
	PROBLEM("DIAG 258", "diag 2,4,0x258" : : );
	PROBLEM("DIAG 288", "diag 2,4,0x288" : : );
	PROBLEM("DIAG 308", "diag 2,4,0x308" : : );
	PROBLEM("DIAG 500", "diag 2,4,0x500" : : );
	TRY(PGM_SPECIFICATION, "DIAG 258", "diag 2,4,0x258" : : );
	TRY(PGM_SPECIFICATION, "DIAG of no meaning", "diag 2,4,0x123" : : );
	for (u64 i = 0; i < 7; i++) {
		static const u64 subcodes[] = { 2, 7, 0x101, 0xffff, 0x10001, 0x10003, -1 };

		TRY(PGM_SPECIFICATION, "DIAG 308, no subcode", "lgr 4,%0; lghi 2,0; diag 2,4,0x308" : : "d"(subcodes[i]) : "2", "3", "4");
	}
	TRY(PGM_SPECIFICATION, "DIAG 308 subcode 5, odd register", "lghi 4,5; lgr 9,%0; diag 9,4,0x308" : : "d"(page) : "4", "9");
	TRY(PGM_SPECIFICATION, "DIAG 308 subcode 6, odd register", "lghi 4,6; lgr 9,%0; diag 9,4,0x308" : : "d"(page) : "4", "9");
	TRY(PGM_SPECIFICATION, "DIAG 308 subcode 5, unaligned", "lghi 4,5; lgfi 2,54321; diag 2,4,0x308" : : : "2", "3", "4");
	TRY(PGM_SPECIFICATION, "DIAG 308 subcode 6, unaligned", "lghi 4,6; lgfi 2,54321; diag 2,4,0x308" : : : "2", "3", "4");
	TRY(PGM_ADDRESSING, "DIAG 308 subcode 5 outside storage", "lghi 4,5; lgfi 2,0x40000000; diag 2,4,0x308" : : : "2", "3", "4");
	TRY(PGM_ADDRESSING, "DIAG 308 subcode 6 outside storage", "lghi 4,6; lgfi 2,0x40000000; diag 2,4,0x308" : : : "2", "3", "4");
	TRY(PGM_SPECIFICATION, "DIAG 288, odd register", "diag 1,2,0x288" : : );
	TRY(PGM_SPECIFICATION, "DIAG 288, no action", "lghi 0,0; lghi 1,15; lghi 2,42; diag 0,2,0x288" : : : "0", "1", "2");
	TRY(PGM_SPECIFICATION, "DIAG 288, no function", "lghi 0,42; lghi 1,15; lghi 2,0; diag 0,2,0x288" : : : "0", "1", "2");
	TRY(PGM_SPECIFICATION, "DIAG 288, cancel what is not set", "lghi 0,2; lghi 1,15; lghi 2,0; diag 0,2,0x288" : : : "0", "1", "2");
	TRY(PGM_SPECIFICATION, "DIAG 288, too short", "lghi 0,0; lghi 1,14; lghi 2,0; diag 0,2,0x288" : : : "0", "1", "2");
}

/* DIAGNOSE 308 with resets that go on at the PSW at 0. */
static void load_reset(u64 subcode)
{
	u64 cr0 = get_cr(0), kept[2] = { *(u64 *)0, *(u64 *)8 };
	u64 after[16], gr14 = 0;

	set_cr(7, 0x1234);
	asm volatile("stmg 0,15,0x400; larl 1,0f; llgtr 1,1; llilf 2,0x80000000; ogr 1,2; st 1,4; llilf 2,0x00080000; st 2,0; lgr 4,%1; lghi 2,0; lgfi 14,0x777; diag 2,4,0x308; j 1f;"
		     "0: sam64; stg 14,0x390; lmg 0,15,0x400; stctg 0,15,%0; 1:" : "=Q"(after) : "d"(subcode) : "1", "2", "3", "4", "14", "cc", "memory");
	gr14 = *(u64 *)0x390;
	*(u64 *)0 = kept[0];
	*(u64 *)8 = kept[1];
	check("DIAG 308 reset: register 14", gr14, subcode == 0 ? 0 : 0x777);
	check("  CR0", after[0], 0xe0);
	check("  CR7", after[7], 0);
	check("  CR14", after[14], 0xc2000000);
	check("  prefix", get_prefix(), 0);
	set_cr(0, cr0);
}

void suite(void)
{
	prefix();
	information();
	psws();
	old_masks();
	epsw();
	diagnose();
	load_reset(0);
	load_reset(1);
}
