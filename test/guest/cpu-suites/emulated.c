/* What is mostly done by the machine itself: ciphers' operands, intercepted instructions as targets of EXECUTE, addressing modes. */
#include "suite.h"

static u8 page[2 * PAGE] ALIGNED(2 * PAGE);
static u8 code[PAGE] ALIGNED(PAGE);

#define CIPHER(name, op, r1, r2, r3, function, parameter, code) \
	TRY(code, name, "lgr 0,%0; lgr 1,%1; lgr 2,%2; lghi 3,0; lgr 4,%2; lghi 5,0; lgr 6,%2; .insn rrf," #op "0000," #r1 "," #r2 "," #r3 ",0" \
	    : : "d"((u64)(function)), "d"((u64)(parameter)), "d"((u64)page + 4096) : "0", "1", "2", "3", "4", "5", "6", "cc", "memory")
#define QUERY(name, op) do { \
	fill(page, 0, 16); \
	CIPHER(name " query", op, 2, 4, 6, 0, page, 0); \
	check(name " query tells of itself", page[0] >> 7, 1); \
	CIPHER(name " of no function", op, 2, 4, 6, 127, page, PGM_SPECIFICATION); \
	CIPHER(name " query outside storage", op, 2, 4, 6, 0, -1l, PGM_ADDRESSING); \
	expect(); \
	cr0_on(CR0_LOW_ADDRESS); \
	asm volatile("lghi 0,0; lghi 1,8; .insn rrf," #op "0000,2,4,6,0" : : : "0", "1", "2", "3", "4", "5", "6", "cc", "memory"); \
	cr0_off(CR0_LOW_ADDRESS); \
	check_code(name " query into low storage", PGM_PROTECTION); \
} while (0)
#define R1(name, op) CIPHER(name " R1 odd", op, 1, 4, 6, 0, page, PGM_SPECIFICATION); CIPHER(name " R1 zero", op, 0, 4, 6, 0, page, PGM_SPECIFICATION)
#define R2(name, op) CIPHER(name " R2 odd", op, 2, 3, 6, 0, page, PGM_SPECIFICATION); CIPHER(name " R2 zero", op, 2, 0, 6, 0, page, PGM_SPECIFICATION)
#define R3(name, op) CIPHER(name " R3 odd", op, 2, 4, 5, 0, page, PGM_SPECIFICATION); CIPHER(name " R3 zero", op, 2, 4, 0, 0, page, PGM_SPECIFICATION)
#define MODIFIER(name, op) CIPHER(name " with a modifier", op, 2, 4, 6, 0x80, page, PGM_SPECIFICATION)

static void ciphers(void)
{
	QUERY("KMAC", 0xb91e);
	R2("KMAC", 0xb91e);
	MODIFIER("KMAC", 0xb91e);
	QUERY("KM", 0xb92e);
	R1("KM", 0xb92e);
	R2("KM", 0xb92e);
	QUERY("KMC", 0xb92f);
	R1("KMC", 0xb92f);
	R2("KMC", 0xb92f);
	QUERY("KIMD", 0xb93e);
	R2("KIMD", 0xb93e);
	MODIFIER("KIMD", 0xb93e);
	QUERY("KLMD", 0xb93f);
	R2("KLMD", 0xb93f);
	MODIFIER("KLMD", 0xb93f);
	QUERY("PCKMO", 0xb928);
	MODIFIER("PCKMO", 0xb928);
	QUERY("KMF", 0xb92a);
	R1("KMF", 0xb92a);
	R2("KMF", 0xb92a);
	QUERY("KMO", 0xb92b);
	R1("KMO", 0xb92b);
	R2("KMO", 0xb92b);
	QUERY("PCC", 0xb92c);
	MODIFIER("PCC", 0xb92c);
	QUERY("KMCTR", 0xb92d);
	R1("KMCTR", 0xb92d);
	R2("KMCTR", 0xb92d);
	R3("KMCTR", 0xb92d);
	QUERY("PRNO", 0xb93c);
	R1("PRNO", 0xb93c);
	R2("PRNO", 0xb93c);
	expect();
	problem_state();
	asm volatile("lghi 0,0; lgr 1,%0; .insn rre,0xb9280000,2,4" : : "a"(page) : "0", "1", "cc", "memory");
	check_code("PCKMO in the problem state", PGM_PRIVILEGED);
}

/* The instruction at label 0 executed by EX and EXRL. */
#define EXECUTED(name, code_wanted, ...) do { \
	TRY(code_wanted, "EX of " name, "larl 1,0f; ex 0,0(1); j 1f; 0: " __VA_ARGS__); \
	if (code_wanted) \
		check("  its length", last.ilc, 4); \
	if (code_wanted) \
		check("  its address", *(u16 *)(last.address - (code_wanted == PGM_PAGE ? 0 : 4)), 0x4400); \
} while (0)

static u64 segment[2048] ALIGNED(4096), pages[16][256] ALIGNED(4096);

static void executed(void)
{
	u64 *entry = &pages[(u64)page >> 20][((u64)page >> 12) & 255];
	u64 key = 0x30;
	u32 i;

	EXECUTED("SSKE", 0, "sske %0,%1; 1:" : : "d"(key), "a"(page) : "1", "memory");
	check("EX of SSKE sets the key", get_key(page), 0x30);
	EXECUTED("ISKE", 0, "iske %0,%1; 1:" : "+d"(key) : "a"(page) : "1");
	check("EX of ISKE", key & 0xff, 0x30);
	set_key(page, 0);
	*(u32 *)page = 0x5a5a5a5a;
	EXECUTED("STPX", 0, "stpx 0(%0); 1:" : : "a"(page) : "1", "memory");
	check("EX of STPX stores", *(u32 *)page, 0);
	EXECUTED("STPX unaligned", PGM_SPECIFICATION, "stpx 0(%0); 1:" : : "a"(page + 1) : "1", "memory");
	EXECUTED("STIDP outside storage", PGM_ADDRESSING, "stidp 0(%0); 1:" : : "a"(-PAGE) : "1", "memory");
	EXECUTED("SPX outside storage", PGM_ADDRESSING, "spx 0(%0); 1:" : : "a"(-PAGE) : "1", "memory");
	EXECUTED("DIAG 44", 0, "diag 0,0,0x44; 1:" : : : "1");
	EXECUTED("DIAG of no meaning", PGM_SPECIFICATION, "diag 0,0,0x123; 1:" : : : "1");
	EXECUTED("PAGE IN", PGM_OPERATION, ".insn rre,0xb22e0000,%0,%0\n 1:" : : "a"(page) : "1", "cc", "memory");
	EXECUTED("ESSA", PGM_OPERATION, ".insn rrf,0xb9ab0000,2,4,0,0\n 1:" : : : "1", "2", "cc");
	EXECUTED("TB outside storage", PGM_ADDRESSING, ".insn rre,0xb22c0000,0,%0\n 1:" : : "a"(-PAGE) : "0", "1", "cc", "memory");
	EXECUTED("PFMF outside storage", PGM_ADDRESSING, ".insn rre,0xb9af0000,%1,%0\n 1:" : : "a"(-PAGE), "d"(0x10000ul) : "1", "cc", "memory");
	EXECUTED("MVPG outside storage", PGM_ADDRESSING, "mvpg %0,%1; 1:" : : "a"(page), "a"(-PAGE) : "1", "cc", "memory");
	EXECUTED("an opcode of zeros", PGM_OPERATION, ".insn e,0\n 1:" : : : "1");
	TRY(PGM_SPECIFICATION, "EXRL of STPX unaligned", "exrl 0,0f; j 1f; 0: stpx 1; 1:" : : : "memory");
	check("  its length", last.ilc, 6);
	check("  its address", *(u16 *)(last.address - 6), 0xc600);
	for (i = 0; i < 2048; i++)
		segment[i] = i < 16 ? (u64)pages[i] : 0x20;
	for (i = 0; i < 16 * 256; i++)
		pages[i / 256][i % 256] = i * PAGE;
	set_cr(1, (u64)segment | 3);
	dat_on();
	*entry |= 0x400;
	asm volatile("ptlb");
	EXECUTED("STPX, page invalid", PGM_PAGE, "stpx 0(%0); 1:" : : "a"(page) : "1", "memory");
	EXECUTED("MVPG, page invalid", PGM_PAGE, "mvpg %0,%1; 1:" : : "a"(page), "a"(code) : "1", "cc", "memory");
	check("  operand access identification", last.operand_access != 0, 1);
	*entry &= ~0x400ul;
	/* Invalidation by instruction: a translation that was used goes. */
	*(volatile u32 *)page = 1;
	asm volatile("ipte %0,%1" : : "a"(pages[(u64)page >> 20]), "a"(page) : "memory");
	expect();
	*(volatile u32 *)page = 1;
	check_code("IPTE makes the page invalid", PGM_PAGE);
	*entry &= ~0x400ul;
	expect();
	*(volatile u32 *)page = 1;
	check_code("and it comes back by its entry alone", 0);
	*(volatile u32 *)0xe00000 = 1;
	asm volatile(".insn rrf,0xb98e0000,%0,%1,0,0" : : "a"(segment), "a"(0xe00000ul) : "memory");
	expect();
	*(volatile u32 *)0xe00000 = 1;
	check_code("IDTE makes the segment invalid", PGM_SEGMENT);
	segment[14] &= ~0x20ul;
	dat_off();
}

static void modes(void)
{
	u64 high = 0xffffffff00000000ul, a;

	/* 31-bit addresses ignore bits 0-32. */
	fill(page, 0x5a, 8);
	expect();
	asm volatile("lgr 2,%0; sam31; stpx 0(2); sam64" : : "a"((u64)page | high | 0x80000000ul) : "2", "memory");
	check_code("STPX in the 31-bit mode", 0);
	check("  stored", *(u32 *)page, 0);
	fill(page, 0x5a, PAGE);
	asm volatile("lgr 2,%0; lghi 0,0; sam31; .insn rre,0xb22c0000,0,2\n sam64" : : "a"((u64)page | high) : "0", "2", "cc", "memory");
	check("TB in the 31-bit mode", all(page, 0, PAGE), 1);
	fill(page, 0x5a, PAGE);
	asm volatile("lgr 2,%0; lgr 3,%1; sam31; .insn rre,0xb9af0000,3,2\n sam64" : : "a"((u64)page | high), "d"(0x10000ul) : "2", "3", "cc", "memory");
	check("PFMF in the 31-bit mode", all(page, 0, PAGE), 1);
	asm volatile("lgr 2,%1; lgr 3,%2; sam31; .insn rre,0xb9af0000,3,2\n sam64; lgr %0,2" : "=d"(a) : "a"(0x800000ul | high), "d"(0x11000ul) : "2", "3", "cc", "memory");
	check("PFMF of 1M in the 31-bit mode: next address", a, 0x900000ul | high);
	asm volatile("lgr 2,%0; sam31; iske 3,2; sam64" : : "a"((u64)page | high) : "2", "3");
	check_code("ISKE in the 31-bit mode", 0);
	asm volatile("lgfi 0,0x10000001; lghi 1,1; lgr 2,%0; sam31; stsi 0(2); sam64" : : "a"((u64)page | high) : "0", "1", "2", "cc", "memory");
	check("STSI in the 31-bit mode", all(page + 32, 0, 8), 0);
	/* 24-bit addresses. */
	fill(page, 0x5a, 8);
	asm volatile("lgr 2,%0; larl 3,0f; sam24; 0: stap 0(2); sam64" : : "a"((u64)page | 0xff000000ul) : "2", "3", "memory");
	check("STAP in the 24-bit mode", *(u16 *)page, 0);
	asm volatile("lgr 2,%1; lgr 3,%2; sam24; .insn rre,0xb9af0000,3,2\n sam64; lgr %0,2" : "=d"(a) : "a"(0xf00000ul | high), "d"(0x11000ul) : "2", "3", "cc", "memory");
	check("PFMF of 1M in the 24-bit mode: next address wraps", a, high);
	TRY(PGM_SPECIFICATION, "PFMF of 2G in the 24-bit mode", "lgr 2,%0; lgr 3,%1; sam24; .insn rre,0xb9af0000,3,2\n sam64" : : "a"(0xf00000ul), "d"(0x12000ul) : "2", "3", "cc", "memory");
	asm volatile("sam64");
}

static u64 psw[2] ALIGNED(16);

static void fetching(void)
{
	*(u16 *)code = 0x07fe;
	set_key(code, 0x38);
	expect();
	psw[0] = 0x0010000180000000ul;
	psw[1] = (u64)code;
	asm volatile("larl 14,0f; stg 14,0(%1); lpswe 0(%0); 0:" : : "a"(psw), "a"(&go_on_at) : "14", "cc", "memory");
	check_code("instructions are fetched with the key", PGM_PROTECTION);
	check("  its TEID", last.teid, (u64)code | 0x808);
	set_key(code, 0x30);
	expect();
	asm volatile("larl 14,0f; lpswe 0(%0); 0: spka 0" : : "a"(psw) : "14", "cc", "memory");
	check_code("fetching is allowed without fetch protection", 0);
	set_key(code, 0x18);
	expect();
	asm volatile("larl 14,0f; lpswe 0(%0); 0: spka 0" : : "a"(psw) : "14", "cc", "memory");
	check_code("fetching with the matching key", 0);
	set_key(code, 0);
}

static u64 kept[2];

/* An external-new PSW that is not valid: loaded all the same, and then the old PSW of a specification exception. */
static void bad_new_psw(void)
{
	volatile u64 *fresh = (u64 *)0x1b0;
	u64 soon;

	kept[0] = fresh[0];
	kept[1] = fresh[1];
	fresh[0] = 0x0008000180000000ul;
	fresh[1] = 0x12340;
	expect();
	asm volatile("stck %0" : "=Q"(soon) : : "cc");
	asm volatile("sckc %0" : : "Q"(soon));
	set_cr(0, 0x408e0);
	asm volatile("larl 14,0f; stg 14,0(%0); stosm 0x3c0,1; 0:" : : "a"(&go_on_at) : "14", "cc", "memory");
	set_cr(0, 0x400e0);
	fresh[0] = kept[0];
	fresh[1] = kept[1];
	check_code("an external-new PSW that is not valid", PGM_SPECIFICATION);
	check("  the old PSW", last.mask, 0x0008000180000000ul);
	check("  its address", last.address, 0x12340);
	check("  its length", last.ilc, 0);
	check("  external code", *(u16 *)0x86, 0x1004);
	soon = -1ul;
	asm volatile("sckc %0" : : "Q"(soon));
}

static void watchdog(void)
{
	TRY(0, "DIAG 288: set", "lghi 0,0; lghi 1,15; lghi 2,0; diag 0,2,0x288" : : : "0", "1", "2");
	TRY(0, "DIAG 288: change", "lghi 0,1; lghi 1,20; lghi 2,0; diag 0,2,0x288" : : : "0", "1", "2");
	TRY(PGM_SPECIFICATION, "DIAG 288: change, too short", "lghi 0,1; lghi 1,14; lghi 2,0; diag 0,2,0x288" : : : "0", "1", "2");
	TRY(0, "DIAG 288: cancel", "lghi 0,2; lghi 1,0; lghi 2,0; diag 0,2,0x288" : : : "0", "1", "2");
	TRY(PGM_SPECIFICATION, "DIAG 288: change what is off", "lghi 0,1; lghi 1,20; lghi 2,0; diag 0,2,0x288" : : : "0", "1", "2");
}

void suite(void)
{
	ciphers();
	executed();
	modes();
	fetching();
	bad_new_psw();
	watchdog();
}
