/* EXECUTE and what its targets see; alignment; SPM and IPM; SAC; data exceptions; lengths and addresses of faults. */
#include "suite.h"

static u8 page[2 * PAGE] ALIGNED(2 * PAGE);

/* `target` in a section of its own, executed by EXRL; each gives what it found in %0 and %1. */
#define EXRL(target, before, a, b) \
	asm volatile(".pushsection .text.targets,\"ax\"\n .balign 4\n 0: " target "\n .balign 2\n .popsection\n" before : "=&d"(a), "=&d"(b) : : "0", "1", "cc", "memory")

static void targets(void)
{
	u64 a, b;

	EXRL("basr %0,0", "larl %1,1f\n exrl 0,0b\n 1:", a, b);
	check("EXRL of BASR links behind EXRL", a, b);
	EXRL("bras %0,2f\n nopr 7\n 2: larl %1,2b\n lgr 0,%1\n j 4f", "larl 1,3f\n exrl 0,0b\n 3: lghi %1,0\n 4: sgr %0,1", a, b);
	check("EXRL of BRAS links behind EXRL", a, 0);
	check("EXRL of BRAS branches relative to the target", b != 0, 1);
	EXRL("larl %0,0b", "larl %1,0b\n exrl 0,0b", a, b);
	check("EXRL of LARL is relative to the target", a, b);
	EXRL("llgfrl %0,0b", "llgfrl %1,0b\n .balignw 4,0x0707\n exrl 0,0b", a, b);
	check("EXRL of LLGFRL is relative to the target", a, b);
	EXRL("crl %0,0b", "lrl %0,0b\n .balignw 4,0x0707\n exrl 0,0b\n ipm %1\n srlg %1,%1,28\n nill %1,3", a, b);
	check("EXRL of CRL is relative to the target", b, 0);
	EXRL("la %0,0", "lghi 1,0x123\n lghi %1,0\n exrl 1,0b", a, b);
	check("EXRL ORs into bits 8-15", a | b, a);
	EXRL("mvi 0(%1),0", "larl %1,spare\n lghi 1,0x5a\n exrl 1,0b\n llgc %0,0(%1)", a, b);
	check("EXRL ORs an immediate", a, 0x5a);
	TRY(PGM_EXECUTE, "EX of EX", "larl 1,0f; ex 0,0(1); j 1f; 0: ex 0,0(1); 1:" : : : "1", "cc", "memory");
	check("  its length", last.ilc, 4);
	TRY(PGM_EXECUTE, "EXRL of EXRL", "exrl 0,0f; j 1f; 0: exrl 0,1f; 1:" : : : "cc", "memory");
	check("  its length", last.ilc, 6);
	TRY(PGM_SPECIFICATION, "EX of an odd address", "larl 1,0f; ex 0,1(1); j 1f; 0: nopr 7; nopr 7; 1:" : : : "1", "cc", "memory");
	check("  its length", last.ilc, 4);
	TRY(PGM_ADDRESSING, "EX outside storage", "ex 0,0(%0)" : : "a"(-PAGE) : "cc", "memory");
	expect();
	problem_state();
	asm volatile("exrl 0,0f; j 1f; 0: stap 0x3c0; 1:" : : : "memory");
	check_code("EXRL of a privileged instruction, problem state", PGM_PRIVILEGED);
	check("  its length", last.ilc, 6);
}

static void across_pages(void)
{
	u8 *at = page + PAGE - 2;
	u64 a;

	/* LARL, two bytes in one page and four in the next; as it is, and as a target. */
	*(u16 *)at = 0xc020;
	*(u16 *)(at + 2) = 0;
	*(u16 *)(at + 4) = 4;
	*(u16 *)(at + 6) = 0x07fe;
	asm volatile("basr 14,%1; lgr %0,2" : "=d"(a) : "a"(at) : "2", "14", "cc", "memory");
	check("an instruction across pages", a, (u64)at + 8);
	asm volatile("lghi 2,0; ex 0,0(%1); lgr %0,2" : "=d"(a) : "a"(at) : "2", "cc", "memory");
	check("EX of an instruction across pages", a, (u64)at + 8);
	*(u16 *)at = 0xc030;
	asm volatile("lghi 3,0; ex 0,0(%1); lgr %0,3" : "=d"(a) : "a"(at) : "3", "cc", "memory");
	check("and after it was changed", a, (u64)at + 8);
	TRY(PGM_ADDRESSING, "an instruction at the end of storage", "lgr 2,%0; mvhhi 0(2),0xc020-65536; larl 1,0f; stg 1,0(%1); br 2; 0:" : : "a"(0xfffffeul), "a"(&go_on_at) : "1", "2", "cc", "memory");
	TRY(PGM_ADDRESSING, "a branch outside storage", "larl 1,0f; stg 1,0(%1); br %0; 0:" : : "a"(0x40000000ul), "a"(&go_on_at) : "1", "cc", "memory");
	check("  its address", last.address - last.ilc, 0x40000000);
	TRY(PGM_SPECIFICATION, "a branch to an odd address", "larl 1,0f; stg 1,0(%1); br %0; 0:" : : "a"((u64)page + 1), "a"(&go_on_at) : "1", "cc", "memory");
	check("  its address", last.address - last.ilc, (u64)page + 1);
}

static void alignment(void)
{
	TRY(PGM_SPECIFICATION, "LPQ unaligned", "lpq 2,0(%0)" : : "a"(page + 8) : "2", "3");
	TRY(PGM_SPECIFICATION, "STPQ unaligned", "stpq 2,0(%0)" : : "a"(page + 8) : "memory");
	TRY(PGM_SPECIFICATION, "LPQ of an odd register", ".insn rxy,0xe3000000008f,7,0(%0)" : : "a"(page) : "7", "8");
	TRY(PGM_SPECIFICATION, "LRL unaligned", "lrl 2,spare+2" : : : "2");
	TRY(PGM_SPECIFICATION, "LGRL unaligned", "lgrl 2,spare+4" : : : "2");
	TRY(PGM_SPECIFICATION, "LGFRL unaligned", "lgfrl 2,spare+2" : : : "2");
	TRY(PGM_SPECIFICATION, "LLGFRL unaligned", "llgfrl 2,spare+2" : : : "2");
	TRY(0, "LHRL", "lhrl 2,spare+2" : : : "2");
	TRY(PGM_SPECIFICATION, "STRL unaligned", "strl 2,spare+2" : : : "memory");
	TRY(PGM_SPECIFICATION, "STGRL unaligned", "stgrl 2,spare+4" : : : "memory");
	TRY(0, "STHRL", "sthrl 2,spare+2" : : : "memory");
	TRY(PGM_SPECIFICATION, "CRL unaligned", "crl 2,spare+2" : : : "cc");
	TRY(PGM_SPECIFICATION, "CGRL unaligned", "cgrl 2,spare+4" : : : "cc");
	TRY(PGM_SPECIFICATION, "CLGFRL unaligned", "clgfrl 2,spare+2" : : : "cc");
	TRY(0, "CGHRL", "cghrl 2,spare+2" : : : "cc");
	TRY(PGM_SPECIFICATION, "CS unaligned", "cs 2,4,0(%0)" : : "a"(page + 2) : "2", "cc", "memory");
	TRY(PGM_SPECIFICATION, "CSG unaligned", "csg 2,4,0(%0)" : : "a"(page + 4) : "2", "cc", "memory");
	TRY(PGM_SPECIFICATION, "CDSG unaligned", "cdsg 2,4,0(%0)" : : "a"(page + 8) : "2", "3", "cc", "memory");
	TRY(PGM_SPECIFICATION, "CDSG of an odd register", ".insn rsy,0xeb000000003e,3,4,0(%0)" : : "a"(page) : "3", "cc", "memory");
	TRY(PGM_SPECIFICATION, "LAA unaligned", ".insn rsy,0xeb00000000f8,2,4,0(%0)" : : "a"(page + 2) : "2", "cc", "memory");
	TRY(PGM_SPECIFICATION, "MVCL of an odd register", ".insn rr,0x0e00,3,4" : : : "cc", "memory");
	TRY(PGM_SPECIFICATION, "MR of an odd register", ".insn rr,0x1c00,3,4" : : : "cc");
	TRY(9, "DR by zero", "lghi 2,0; lghi 3,5; lghi 5,0; dr 2,5" : : : "2", "3", "5", "cc");
	check("  its length", last.ilc, 2);
	TRY(9, "DLGR by zero", "lghi 2,0; lghi 3,5; lghi 5,0; dlgr 2,5" : : : "2", "3", "5", "cc");
	check("  its length", last.ilc, 4);
	TRY(PGM_ADDRESSING, "a store outside storage", "mvghi 0(%0),1" : : "a"(-8l) : "memory");
	check("  its length", last.ilc, 6);
}

static void one_mask(u64 cc, u64 mask)
{
	u64 in = cc << 28 | mask << 24, out = ~0ul;

	asm volatile("spm %1; ipm %0; spm %2" : "+r"(out) : "r"(in), "r"(0ul) : "cc");
	check("SPM and IPM", out, 0xffffffff00fffffful | in);
}

static void modes(void)
{
	u64 mask;

	one_mask(0, 0xf);
	one_mask(1, 9);
	one_mask(2, 5);
	one_mask(3, 3);
	one_mask(0, 0);
	TRY(8, "overflow under the program mask", "lghi 3,8; sllg 3,3,24; spm 3; llilh 2,0x7fff; oill 2,0xffff; ahi 2,1; lghi 3,0; spm 3" : : : "2", "3", "cc");
	TRY(PGM_SPECIAL, "SAC 100 with DAT off", "sac 0x100" : : );
	TRY(PGM_SPECIAL, "SAC 0 with DAT off", "sac 0" : : );
	set_cr(1, 0x20);
	set_cr(7, 0x20);
	set_cr(13, 0x20);
	dat_on();
	TRY(PGM_SPECIAL, "SAC 100 without secondary-space control", "sac 0x100" : : );
	cr0_on(0x04000000);
	TRY(PGM_SPECIFICATION, "SAC 500", "sac 0x500" : : );
	TRY(PGM_SPECIFICATION, "SACF 400", "sacf 0x400" : : );
	expect();
	asm volatile("sac 0x300; epsw %0,0; sac 0; llgfr %0,%0" : "=d"(mask) : : "cc");
	check("SAC 300", mask & 0xc000, 0xc000);
	asm volatile("sac 0x100; epsw %0,0; sac 0; llgfr %0,%0" : "=d"(mask) : : "cc");
	check("SAC 100", mask & 0xc000, 0x8000);
	asm volatile("sac 0x200; epsw %0,0; sac 0; llgfr %0,%0" : "=d"(mask) : : "cc");
	check("SAC 200", mask & 0xc000, 0x4000);
	asm volatile("sacf 0x100; epsw %0,0; sacf 0; llgfr %0,%0" : "=d"(mask) : : "cc");
	check("SACF 100", mask & 0xc000, 0x8000);
	check_code("no interruption", 0);
	expect();
	problem_state();
	asm volatile("sac 0x300" : : );
	check_code("SAC 300 in the problem state", PGM_PRIVILEGED);
	dat_off();
	cr0_off(0x04000000);
}

static void data(void)
{
	u32 fpc = 0xffffffff;

	asm volatile("sfpc %0" : : "d"(0));
	TRY(PGM_DATA, "CRT that traps", ".insn rrf,0xb9600000,2,2,8,0" : : );
	check("  DXC", last.dxc, 0xff);
	asm volatile("efpc %0" : "=d"(fpc));
	check("  DXC in the FPC", fpc, 0xff00);
	asm volatile("sfpc %0" : : "d"(0));
	expect();
	cr0_off(0x40000);
	asm volatile(".insn rrf,0xb9600000,2,2,8,0" : : );
	cr0_on(0x40000);
	check_code("CRT without AFP registers", PGM_DATA);
	check("  DXC", last.dxc, 0xff);
	asm volatile("efpc %0" : "=d"(fpc));
	check("  DXC not in the FPC", fpc, 0);
	expect();
	cr0_off(0x40000);
	asm volatile("adbr 1,2" : : : "cc");
	cr0_on(0x40000);
	check_code("BFP without AFP registers", PGM_DATA);
	check("  DXC 2", last.dxc, 2);
	expect();
	cr0_off(0x40000);
	asm volatile("ld 1,0(%0)" : : "a"(page));
	cr0_on(0x40000);
	check_code("LD of an AFP register", PGM_DATA);
	check("  DXC 1", last.dxc, 1);
	TRY(PGM_SPECIFICATION, "SFPC of what is none", "sfpc %0" : : "d"(0xffffffff));
}

asm(".pushsection .bss\n .balign 16\n .globl spare\nspare: .space 32\n .popsection");

void suite(void)
{
	targets();
	across_pages();
	alignment();
	modes();
	data();
}
