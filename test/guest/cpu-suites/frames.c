/* PERFORM FRAME MANAGEMENT FUNCTION, TEST BLOCK, MOVE PAGE, DIAGNOSE 10. */
#include "suite.h"

static u8 frame[2 * PAGE] ALIGNED(2 * PAGE);
static u8 source[PAGE] ALIGNED(PAGE), target[2 * PAGE] ALIGNED(PAGE);
#define MEGABYTE ((u8 *)0x800000)

static void *pfmf(u64 control, void *at)
{
	asm volatile(".insn rre,0xb9af0000,%1,%0" : "+a"(at) : "d"(control) : "cc", "memory");
	return at;
}

/* Runs under low-address protection, which the check needs off. */
#define LOW(code, what, ...) do { expect(); cr0_on(CR0_LOW_ADDRESS); asm volatile(__VA_ARGS__); cr0_off(CR0_LOW_ADDRESS); check_code(what, code); } while (0)

static void frame_management(void)
{
	void *next;

	expect();
	problem_state();
	pfmf(0, frame);
	check_code("PFMF in the problem state", PGM_PRIVILEGED);
	fill(frame, 0x5a, 2 * PAGE);
	next = pfmf(0x10000, frame + 0x123);
	check("PFMF clears a frame", all(frame, 0, PAGE), 1);
	check("PFMF clears no more", all(frame + PAGE, 0x5a, PAGE), 1);
	check("PFMF of 4K leaves R2", (u64)next, (u64)frame + 0x123);
	pfmf(0x20030, frame);
	check("PFMF sets a key", get_key(frame), 0x30);
	check("and only that", get_key(frame + PAGE) & 0xf8, 0);
	pfmf(0x20000 | 0x34 | 0x400, frame);
	check("PFMF with MR leaves a key that differs in reference", get_key(frame), 0x30);
	pfmf(0x20000 | 0x42 | 0x200, frame);
	check("PFMF with MC sets a key that differs in more", get_key(frame), 0x42);
	set_key(frame, 0);
	fill(frame, 0x5a, PAGE);
	pfmf(0, frame);
	check("PFMF without controls does nothing", all(frame, 0x5a, PAGE), 1);

	fill(MEGABYTE, 0x77, 0x100000 + 8);
	next = pfmf(0x11000, MEGABYTE + 0x5678);
	check("PFMF of 1M begins at its block", MEGABYTE[0x4fff], 0x77);
	check("PFMF of 1M clears from there", all(MEGABYTE + 0x5000, 0, 0x100000 - 0x5000), 1);
	check("PFMF of 1M clears no more", MEGABYTE[0x100000], 0x77);
	check("PFMF of 1M: next address", (u64)next, (u64)MEGABYTE + 0x100678);
	next = pfmf(0x21060, MEGABYTE);
	check("PFMF of 1M sets keys: the first", get_key(MEGABYTE), 0x60);
	check("PFMF of 1M sets keys: the last", get_key(MEGABYTE + 0xff000), 0x60);
	check("PFMF of 1M sets keys: behind", get_key(MEGABYTE + 0x100000) & 0xf8, 0);
	pfmf(0x21000, MEGABYTE);

	TRY(PGM_SPECIFICATION, "PFMF, bit 45", ".insn rre,0xb9af0000,%0,%1" : : "d"(0x40000ul), "a"(frame) : "cc", "memory");
	TRY(PGM_SPECIFICATION, "PFMF, bit 32", ".insn rre,0xb9af0000,%0,%1" : : "d"(0x80000000ul), "a"(frame) : "cc", "memory");
	TRY(PGM_SPECIFICATION, "PFMF, bit 55", ".insn rre,0xb9af0000,%0,%1" : : "d"(0x100ul), "a"(frame) : "cc", "memory");
	TRY(PGM_SPECIFICATION, "PFMF, bit 63", ".insn rre,0xb9af0000,%0,%1" : : "d"(1ul), "a"(frame) : "cc", "memory");
	TRY(PGM_SPECIFICATION, "PFMF, frame size 3", ".insn rre,0xb9af0000,%0,%1" : : "d"(0x3000ul), "a"(frame) : "cc", "memory");
	TRY(0, "PFMF, bits 0-31 are ignored", ".insn rre,0xb9af0000,%0,%1" : : "d"(0xffffffff00000000ul), "a"(frame) : "cc", "memory");
	TRY(PGM_ADDRESSING, "PFMF, outside storage", ".insn rre,0xb9af0000,%0,%1" : : "d"(0x10000ul), "a"(-PAGE) : "cc", "memory");
	TRY(PGM_ADDRESSING, "PFMF of 2G across the end of storage", "lgr 2,%1; .insn rre,0xb9af0000,%0,2" : : "d"(0x12000ul), "a"(0xf00000ul) : "2", "cc", "memory");
	LOW(PGM_PROTECTION, "PFMF clearing page 0 under low-address protection", ".insn rre,0xb9af0000,%0,%1" : : "d"(0x10000ul), "a"(0ul) : "cc", "memory");
	LOW(PGM_PROTECTION, "PFMF clearing page 1 under low-address protection", ".insn rre,0xb9af0000,%0,%1" : : "d"(0x10000ul), "a"(4096ul) : "cc", "memory");
	LOW(0, "PFMF setting the key of page 0 under low-address protection", ".insn rre,0xb9af0000,%0,%1" : : "d"(0x20000ul), "a"(0ul) : "cc", "memory");
}

static void blocks(void)
{
	register u64 r0 asm("0");
	u32 cc;

	fill(frame, 0xaa, 2 * PAGE);
	asm volatile("lghi 0,-1; .insn rre,0xb22c0000,0,%2\n ipm %0; srl %0,28" : "=&d"(cc), "=d"(r0) : "a"(frame + 0x123) : "cc", "memory");
	check("TB leaves 0 in register 0", r0, 0);
	check("TB cc", cc, 0);
	check("TB clears", all(frame, 0, PAGE), 1);
	check("TB clears no more", frame[PAGE], 0xaa);
	LOW(PGM_PROTECTION, "TB of page 1 under low-address protection", "lghi 0,0; .insn rre,0xb22c0000,0,%0" : : "a"(4096ul) : "0", "cc", "memory");
	check("  its TEID", last.teid & ~0xc00ul, 0x1080);
	LOW(PGM_PROTECTION, "TB of page 0 under low-address protection", "lghi 0,0; .insn rre,0xb22c0000,0,%0" : : "a"(0x800ul) : "0", "cc", "memory");
	TRY(PGM_ADDRESSING, "TB outside storage", "lghi 0,0; .insn rre,0xb22c0000,0,%0" : : "a"(-PAGE) : "0", "cc", "memory");
	check("  its length", last.ilc, 4);
	expect();
	problem_state();
	asm volatile("lghi 0,0; .insn rre,0xb22c0000,0,%0" : : "a"(frame) : "0", "cc", "memory");
	check_code("TB in the problem state", PGM_PRIVILEGED);
}

static u32 mvpg(u64 r0_value, void *to, void *from)
{
	register u64 r0 asm("0") = r0_value;
	u32 cc;

	asm volatile("mvpg %1,%2; ipm %0; srl %0,28" : "=&d"(cc) : "a"(to), "a"(from), "d"(r0) : "cc", "memory");
	return cc;
}

static u64 segment[2048] ALIGNED(4096), pages[16][256] ALIGNED(4096);

static void moves(void)
{
	u64 *to_entry = &pages[(u64)target >> 20][((u64)target >> 12) & 255];
	u64 *from_entry = &pages[(u64)source >> 20][((u64)source >> 12) & 255];
	u32 i, cc;

	for (i = 0; i < PAGE; i++)
		source[i] = i * 7 + 1;
	check("MVPG cc", mvpg(0, target + 0x77, source + 0x777), 0);
	check("MVPG moves", same(source, target, PAGE), 1);
	fill(target, 0, PAGE);
	problem_state();
	cc = mvpg(0, target, source);
	supervisor_state();
	check("MVPG in the problem state", cc, 0);
	check("MVPG moves there, too", same(source, target, PAGE), 1);
	for (i = 3; i < 32; i++) {
		expect();
		mvpg((u64)i << 10, target, source);
		check_code("MVPG, key-function control that is not one", PGM_SPECIFICATION);
	}
	expect();
	mvpg(0, (void *)-PAGE, source);
	check_code("MVPG, first operand outside storage", PGM_ADDRESSING);
	expect();
	mvpg(0, target, (void *)-PAGE);
	check_code("MVPG, second operand outside storage", PGM_ADDRESSING);
	set_key(target, 0x30);
	expect();
	mvpg(0x810, target, source);
	check_code("MVPG with a key for the first operand", PGM_PROTECTION);
	check("  its TEID", last.teid, (u64)target | 0x408);
	check("MVPG with the right key", mvpg(0x830, target, source), 0);
	set_key(target, 0);
	set_key(source, 0x38);
	expect();
	mvpg(0x410, target, source);
	check_code("MVPG with a key for the second operand", PGM_PROTECTION);
	check("  its TEID", last.teid, (u64)source | 0x808);
	set_key(source, 0);
	set_cr(3, 0);
	expect();
	problem_state();
	mvpg(0x830, target, source);
	check_code("MVPG, problem state, key not in the mask", PGM_PRIVILEGED);
	expect();

	for (i = 0; i < 2048; i++)
		segment[i] = i < 16 ? (u64)pages[i] : 0x20;
	for (i = 0; i < 16 * 256; i++)
		pages[i / 256][i % 256] = i * PAGE;
	set_cr(1, (u64)segment | 3);
	dat_on();
	fill(target, 0, PAGE);
	*from_entry |= 0x200;
	check("MVPG, source protected", mvpg(0, target, source), 0);
	check("MVPG moves under DAT", same(source, target, PAGE), 1);
	*from_entry &= ~0x200ul;
	*to_entry |= 0x200;
	asm volatile("ptlb");
	expect();
	mvpg(0, target, source);
	check_code("MVPG, target protected", PGM_PROTECTION);
	check("  its TEID", last.teid, (u64)target | 0x404);
	expect();
	mvpg(0x100, target, source);
	check_code("MVPG, target protected, CCO", PGM_PROTECTION);
	*to_entry = (*to_entry & ~0x200ul) | 0x400;
	asm volatile("ptlb");
	expect();
	asm volatile("lghi 0,0; mvpg %0,%1" : : "a"(target), "a"(source) : "0", "cc", "memory");
	check_code("MVPG, target invalid", PGM_PAGE);
	check("  its TEID", last.teid, (u64)target | 0x400);
	check("  operand access identification", last.operand_access, *(u8 *)(last.address + 3));
	check("  nullified", *(u16 *)last.address, 0xb254);
	expect();
	cc = mvpg(0x100, target, source);
	check_code("MVPG, target invalid, CCO", 0);
	check("  cc", cc, 1);
	*from_entry |= 0x400;
	asm volatile("ptlb");
	expect();
	cc = mvpg(0x100, target, source);
	check("MVPG, both invalid, CCO: cc", cc, 2);
	*to_entry &= ~0x400ul;
	asm volatile("ptlb");
	cc = mvpg(0x100, target, source);
	check("MVPG, source invalid, CCO: cc", cc, 2);
	check_code("  no interruption", 0);
	expect();
	asm volatile("lghi 0,0; mvpg %0,%1" : : "a"(target), "a"(source) : "0", "cc", "memory");
	check_code("MVPG, source invalid", PGM_PAGE);
	check("  its TEID", last.teid, (u64)source | 0x800);
	check("  operand access identification", last.operand_access, *(u8 *)(last.address + 3));
	*from_entry &= ~0x400ul;
	segment[(u64)source >> 20] |= 0x20;
	dat_off();
	segment[(u64)source >> 20] &= ~0x20ul;
}

#define DIAG10(code, what, from, to) TRY(code, what, "diag %0,%1,0x10" : : "a"((u64)(from)), "a"((u64)(to)) : "memory")

static void released(void)
{
	DIAG10(PGM_SPECIFICATION, "DIAG 10, 0 to 0", 0, 0);
	DIAG10(PGM_SPECIFICATION, "DIAG 10, 1000 to 1000", 0x1000, 0x1000);
	DIAG10(PGM_SPECIFICATION, "DIAG 10, 0 to 1000", 0, 0x1000);
	DIAG10(PGM_SPECIFICATION, "DIAG 10, end before start", frame + PAGE, frame);
	DIAG10(PGM_SPECIFICATION, "DIAG 10, start not aligned", frame + 42, frame + PAGE);
	DIAG10(PGM_SPECIFICATION, "DIAG 10, end not aligned", frame, frame + PAGE + 42);
	expect();
	problem_state();
	asm volatile("diag %0,%0,0x10" : : "a"(frame) : "memory");
	check_code("DIAG 10 in the problem state", PGM_PRIVILEGED);
	fill(frame, 0x33, 2 * PAGE);
	DIAG10(0, "DIAG 10 of a page", frame, frame);
	check("it reads as zeros", all(frame, 0, PAGE), 1);
	check("the next one stays", all(frame + PAGE, 0x33, PAGE), 1);
	DIAG10(0, "DIAG 10 of two pages", frame, frame + PAGE);
	check("they read as zeros", all(frame, 0, 2 * PAGE), 1);
}

void suite(void)
{
	frame_management();
	blocks();
	moves();
	released();
}
