/* START INTERPRETIVE EXECUTION, on a machine of one CPU that is the hypervisor: what its guest does, what ends it, what is stored. */
#include "suite.h"

#define MEGABYTE 0x100000ul
#define MASK64 0x0000000180000000ul
#define PER 0x4000000000000000ul
#define EXTERNAL 0x0100000000000000ul
#define IO 0x0200000000000000ul
#define WAIT 0x0002000000000000ul
/* Bits of cpuflags. */
#define ZARCH 0x800
#define SM 0x80
#define KSS 0x200
#define GPERE 1
#define STOP_INT 0x04000000
#define IO_INT 0x02000000
#define EXT_INT 0x01000000
#define RUNNING 0x00800000
#define ECALL_PENDING 0x08000000
/* Where a guest's programs are, and where its interruptions lead. */
#define CODE 0x2000
#define HANDLER 0x3000

/* A state description, as far as it is looked at here. */
static union block {
	u8 b[PAGE];
	u32 w[PAGE / 4];
	u64 d[PAGE / 8];
} block ALIGNED(PAGE), other ALIGNED(PAGE), area[4] ALIGNED(PAGE);
static u8 guest[2 * MEGABYTE] ALIGNED(1048576);
static u64 segments[2048] ALIGNED(4 * PAGE), ptes[2][256] ALIGNED(2048);
static u64 facilities[PAGE / 8] ALIGNED(PAGE);
static u64 registers[16];
extern char sie_at[], sie_behind[];

#define FLAGS block.w[0]
#define ICTL block.w[0x48 / 4]
#define ECA block.w[0x4c / 4]
#define ECB block.b[0x61]
#define ICPTCODE block.b[0x50]
#define STATUS block.b[0x51]
#define IPA (*(u16 *)&block.b[0x56])
#define IPB block.w[0x58 / 4]
#define IPRCC (*(u16 *)&block.b[0xce])
#define PGMILC (*(u16 *)&block.b[0xcc])
#define GPSW block.d[0x90 / 8]
#define GADDR block.d[0x98 / 8]
#define CR(n) block.d[0x100 / 8 + (n)]

/* SIE, once: general registers 0 to 11 are the guest's. */
static void sie(void)
{
	register union block *at asm("12") = &block;
	register u64 *own asm("13") = registers;

	expect();
	ICPTCODE = 0;
	*(volatile u64 *)0x3c0 = (u64)segments | 0x103;
	asm volatile("stctg 1,1,0x3b0\n lctlg 1,1,0x3c0\n lmg 0,11,0(%1)\n"
		     "sie_at: .insn s,0xb2140000,0(%0)\n"
		     "sie_behind: stmg 0,11,0(%1)\n lctlg 1,1,0x3b0\n"
		     : : "a"(at), "a"(own)
		     : "memory", "cc", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "14");
}

/* A guest's program. */
#define PROGRAM(name, text) \
	extern char name[], name##_end[]; \
	asm(" .pushsection .rodata\n .balign 2\n" #name ": " text "\n" #name "_end:\n .popsection\n")
#define START(name) start(name, name##_end)

/* The guest's interruptions lead to a DIAGNOSE of their own. */
PROGRAM(own_handler, "diag 0,0,0xbad");
#define TAKEN 0x0bad0000u

static void start(const char *from, const char *to)
{
	u32 i;

	fill(&block, 0, PAGE);
	fill(registers, 0, sizeof(registers));
	fill(guest, 0, 4 * PAGE);
	for (i = 0; from + i < to; i++)
		guest[CODE + i] = from[i];
	for (i = 0; own_handler + i < own_handler_end; i++)
		guest[HANDLER + i] = own_handler[i];
	for (i = 0x1a0; i < 0x200; i += 16) {
		*(u64 *)(guest + i) = MASK64;
		*(u64 *)(guest + i + 8) = HANDLER;
	}
	for (i = 0; i < 256; i++) {
		ptes[0][i] = (u64)guest + i * PAGE;
		ptes[1][i] = (u64)guest + MEGABYTE + i * PAGE;
	}
	asm volatile("ptlb" : : : "memory");
	FLAGS = ZARCH | SM | RUNNING;
	*(u16 *)&block.b[0x52] = 0xffff;
	ECA = 0x81002000;
	ECB = 0x0a;
	CR(0) = 0xe0;
	GPSW = MASK64;
	GADDR = CODE;
}

static void ended(const char *what, u32 code, u64 at)
{
	check(what, ICPTCODE, code);
	check("  the guest's PSW", GADDR, at);
	check("  no interruption of the host's", last.code, 0);
}

/* With its text. */
static void ended_at(const char *what, u32 code, u64 at, u32 ipa, u32 ipb)
{
	ended(what, code, at);
	check("  ipa", IPA, ipa);
	check("  ipb", IPB, ipb);
	check("  status", STATUS & 0x80, 0x80);
}

/* An interruption of the guest's own: its code, and the address of its old PSW. */
static void own(const char *what, u32 code, u64 at)
{
	ended_at(what, 4, HANDLER + 4, 0x8300, TAKEN);
	check("  code", *(u16 *)(guest + 0x8e), code);
	check("  old PSW", *(u64 *)(guest + 0x158), at);
}

PROGRAM(diagnoses, "diag 0,2,0x10\n diag 0,2,0x44\n diag 0,2,0x9c\n");
PROGRAM(executed, "lghi 1,5\n larl 2,1f\n ex 1,0(2)\n nopr\n 1: diag 0,0,0x44\n");
PROGRAM(nested, ".insn s,0xb2140000,0(12)\n");
PROGRAM(not_one, ".short 0\n");
PROGRAM(divide, "dr 2,1\n");
PROGRAM(odd, "lctlg 0,0,0x101\n");
PROGRAM(fetch, "lg 1,0(3)\n diag 0,0,0x44\n");
PROGRAM(store, "stg 1,0(3)\n diag 0,0,0x44\n");
PROGRAM(tests, "tprot 0(3),0\n diag 0,0,0x44\n");

static void instructions(void)
{
	static const u32 codes[] = { 0x10, 0x44, 0x9c };
	u32 i;

	START(diagnoses);
	for (i = 0; i < 3; i++) {
		sie();
		ended_at("DIAG", 4, CODE + 4 + 4 * i, 0x8302, codes[i] << 16);
	}
	START(executed);
	sie();
	ended_at("the target of EXECUTE", 4, CODE + 14, 0x8305, 0x440000);
	check("  its status", STATUS, 0xc1);
	START(nested);
	sie();
	ended_at("SIE", 4, CODE + 4, 0xb214, 0xc0000000);
	START(not_one);
	ICTL = 0x80000000;
	sie();
	ended_at("an operation exception by its control", 0x2c, CODE + 2, 0, 0);
	START(not_one);
	sie();
	own("an operation exception", PGM_OPERATION, CODE + 2);
}

static void exceptions(void)
{
	START(divide);
	sie();
	own("a division", 9, CODE + 2);
	START(divide);
	ICTL = 0x20000000;
	sie();
	ended("a division, all interruptions intercepted", 8, CODE + 2);
	check("  code", IPRCC, 9);
	check("  length", PGMILC, 2);
	START(odd);
	sie();
	own("a specification exception, interpreted", PGM_SPECIFICATION, CODE + 6);
	START(odd);
	ECB = 0;
	sie();
	ended("and not", 8, CODE + 6);
	check("  code", IPRCC, PGM_SPECIFICATION);
	START(odd);
	*(u64 *)(guest + 0x1d0) = MASK64 | 1;
	*(u64 *)(guest + 0x1d8) = 0xdeadbeee;
	sie();
	ended("one that leads to a PSW that is not valid", 8, 0xdeadbeee);
	check("  code", IPRCC, PGM_SPECIFICATION);
	check("  the PSW", GPSW, MASK64 | 1);
	START(fetch);
	FLAGS = ZARCH;
	block.d[0x80 / 8] = 0;
	block.d[0x88 / 8] = 0xfffff;
	registers[3] = MEGABYTE;
	sie();
	ended("an address behind the limit", 8, CODE + 6);
	check("  code", IPRCC, PGM_ADDRESSING);
}

/* What the guest meets in the host's tables. */
static void host(u32 code, u64 teid, u64 at)
{
	check("  the host's interruption", last.code, code);
	check("  TEID", last.teid, teid);
	check("  the host's PSW", last.address, at);
	check("  no interception", ICPTCODE, 0);
	check("  the guest at its instruction", GADDR, CODE);
}

static void storage(void)
{
	START(fetch);
	registers[3] = 0x80000;
	ptes[0][0x80] |= 0x400;
	sie();
	check("a page that is not there", last.count, 1);
	host(PGM_PAGE, 0x80800, (u64)sie_at);
	check("  length", last.ilc, 4);
	ptes[0][0x80] &= ~0x400ul;
	*(u64 *)(guest + 0x80000) = 0x77;
	sie();
	ended_at("made valid, it is there", 4, CODE + 10, 0x8300, 0x440000);
	check("  what it holds", registers[1], 0x77);
	START(store);
	registers[3] = 0x200000;
	sie();
	check("a segment that is not there", last.count, 1);
	host(PGM_SEGMENT, 0x200400, (u64)sie_at);
	START(store);
	registers[1] = 1;
	registers[3] = 0x80000;
	ptes[0][0x80] |= 0x200;
	sie();
	check("a page that is protected", last.count, 1);
	host(PGM_PROTECTION, 0x80404, (u64)sie_behind);
	check("  nothing is stored", *(u64 *)(guest + 0x80000), 0x77);
	ECB = 8;
	sie();
	ended("without the control: intercepted", 8, CODE + 6);
	check("  code", IPRCC, PGM_PROTECTION);
	START(tests);
	registers[3] = 0x80000;
	ptes[0][0x80] |= 0x400;
	sie();
	ended("TPROT of a page that is not there", 4, CODE + 6);
	START(fetch);
	block.w[1] = 0x80000;
	ptes[0][0x80] |= 0x400;
	sie();
	ended("a prefix that is not there", 0x20, CODE);
	check("  reason", IPB >> 16, 0x37);
	/* The guest's second megabyte by an origin in place of the host's addresses. */
	START(fetch);
	fill(guest + MEGABYTE, 0, PAGE * 4);
	{
		u32 i;

		for (i = 0; i < 16; i++)
			guest[MEGABYTE + CODE + i] = guest[CODE + i];
	}
	*(u64 *)(guest + MEGABYTE + 0x500) = 0x4711;
	FLAGS = ZARCH;
	block.d[0x80 / 8] = MEGABYTE;
	block.d[0x88 / 8] = MEGABYTE;
	registers[3] = 0x500;
	sie();
	ended("an origin", 4, CODE + 10);
	check("  what is there", registers[1], 0x4711);
}

PROGRAM(move, "lghi 0,0\n mvpg 3,4\n diag 0,0,0x44\n");

static void move_page(void)
{
	u64 *to = &ptes[0][0x80], *from = &ptes[0][0x81];

	START(move);
	fill(guest + 0x81000, 0x42, PAGE);
	fill(guest + 0x80000, 0, PAGE);
	registers[3] = 0x80000;
	registers[4] = 0x81000;
	sie();
	ended_at("MVPG", 4, CODE + 12, 0x8300, 0x440000);
	check("  moved", all(guest + 0x80000, 0x42, PAGE), 1);
	fill(guest + 0x80000, 0, PAGE);
	*from |= 0x400;
	asm volatile("ptlb" : : : "memory");
	GADDR = CODE;
	sie();
	ended_at("MVPG from a page that is not there", 0x38, CODE + 8, 0xb254, 0x00340000);
	check("  the destination's entry", block.d[0xc0 / 8], (u64)to);
	check("  the source's entry", block.d[0xc8 / 8], (u64)from);
	check("  nothing is moved", all(guest + 0x80000, 0, PAGE), 1);
	sie();
	ended_at("  and on", 4, CODE + 12, 0x8300, 0x440000);
	*from &= ~0x400ul;
	*to |= 0x400;
	asm volatile("ptlb" : : : "memory");
	GADDR = CODE;
	sie();
	ended_at("to a page that is not there", 0x38, CODE + 8, 0xb254, 0x00340000);
	check("  the destination's entry", block.d[0xc0 / 8], (u64)to);
	check("  the source's entry", block.d[0xc8 / 8], (u64)from);
	*to &= ~0x400ul;
	GADDR = CODE;
	ECA &= ~0x01000000;
	sie();
	ended_at("without its control", 4, CODE + 8, 0xb254, 0x00340000);
}

PROGRAM(tables, "lctlg 1,1,0x400\n lpswe 0x410\n");
PROGRAM(under_dat, "lg 1,0(3)\n stg 2,8(3)\n lg 4,0(5)\n");

/* DAT of the guest's own: its tables are its storage, by the host's. */
static void translation(void)
{
	u64 *segment = (u64 *)(guest + 0x40000), *page = (u64 *)(guest + 0x44000);
	u32 i;

	START(tables);
	for (i = 0; i < 2048; i++)
		segment[i] = 0x20;
	segment[0] = 0x44000;
	for (i = 0; i < 256; i++)
		page[i] = i * PAGE;
	page[0x60] = 0x80000;
	*(u64 *)(guest + 0x400) = 0x40003;
	*(u64 *)(guest + 0x410) = MASK64 | PSW_DAT;
	*(u64 *)(guest + 0x418) = CODE + 0x100;
	for (i = 0; under_dat + i < under_dat_end; i++)
		guest[CODE + 0x100 + i] = under_dat[i];
	*(u64 *)(guest + 0x80000) = 0x1234;
	registers[2] = 0x5678;
	registers[3] = 0x60000;
	registers[5] = 0x300000;
	sie();
	own("translation by the guest's tables", PGM_SEGMENT, CODE + 0x10c);
	check("  what was fetched", registers[1], 0x1234);
	check("  what was stored", *(u64 *)(guest + 0x80008), 0x5678);
	check("  TEID", *(u64 *)(guest + 0xa8) & ~0xffful, 0x300000);
	/* The host takes the guest's page table away. */
	ptes[0][0x44] |= 0x400;
	asm volatile("ptlb" : : : "memory");
	*(u16 *)&block.b[0x52] = 0xffff;
	GPSW = MASK64 | PSW_DAT;
	GADDR = CODE + 0x100;
	sie();
	check("a table that is not there", last.code, PGM_PAGE);
	check("  TEID", last.teid, 0x44800);
	check("  the guest at its instruction", GADDR, CODE + 0x100);
}

PROGRAM(list, "lghi 0,31\n stfle 0x800\n lgr 5,0\n diag 0,0,0x44\n");

static void facility_list(void)
{
	u64 own_list[32], length = 31;
	u32 i;

	START(list);
	sie();
	ended("STFLE without a list", 4, CODE + 8);
	asm volatile("lgr 0,%0\n stfle %1\n lgr %0,0" : "+d"(length), "=Q"(own_list) : : "0", "cc", "memory");
	for (i = 0; i < PAGE / 8; i++)
		facilities[i] = 0x0123456789abcdeful * (i + 3);
	START(list);
	block.w[0x1a0 / 4] = (u64)facilities;
	sie();
	ended_at("STFLE with one", 4, CODE + 16, 0x8300, 0x440000);
	check("  its length is the machine's", registers[5], length);
	check("  what it holds", same(guest + 0x800, facilities, (length + 1) * 8), 1);
	check("  and no more", *(u64 *)(guest + 0x800 + (length + 1) * 8), 0);
}

PROGRAM(insert, "iske 1,3\n diag 0,0,0x44\n");
PROGRAM(set, "sske 1,3\n diag 0,0,0x44\n");

static void keys(void)
{
	START(insert);
	registers[3] = 0x80000;
	set_key(guest + 0x80000, 0x30);
	ICTL = 0x7000;
	sie();
	ended_at("ISKE by its control", 4, CODE + 4, 0xb229, 0x00130000);
	FLAGS |= KSS;
	GADDR = CODE;
	sie();
	ended("ISKE in the keyless subset", 0x5c, CODE);
	FLAGS &= ~KSS;
	ICTL = 0;
	sie();
	ended("ISKE", 4, CODE + 8);
	check("  the key", registers[1] & 0xf8, 0x30);
	START(set);
	registers[1] = 0x50;
	registers[3] = 0x80000;
	sie();
	ended("SSKE", 4, CODE + 8);
	check("  the key of the frame", get_key(guest + 0x80000) & 0xf8, 0x50);
	START(store);
	registers[3] = 0x80000;
	GPSW = MASK64 | 0x0030000000000000ul;
	*(u64 *)(guest + 0x1d0) = MASK64;
	sie();
	own("a store with another key", PGM_PROTECTION, CODE + 6);
	START(store);
	registers[3] = 0x80000;
	GPSW = MASK64 | 0x0030000000000000ul;
	ECA &= ~0x2000;
	sie();
	ended("the same, not interpreted", 8, CODE + 6);
	check("  code", IPRCC, PGM_PROTECTION);
	START(store);
	registers[3] = 0x80000;
	GPSW = MASK64 | 0x0050000000000000ul;
	sie();
	ended("a store with the key", 4, CODE + 10);
	set_key(guest + 0x80000, 0);
}

PROGRAM(spin, "j spin\n");
PROGRAM(counts, "lgfi 2,1000000\n 1: brctg 2,1b\n diag 0,0,0x44\n");
PROGRAM(opens, "stosm 0x400,1\n stosm 0x400,2\n diag 0,0,0x44\n");

static void requests(void)
{
	static const u64 soon = 0x100000, never = 0x7fffffffffffffff;
	u64 cr0;

	START(spin);
	FLAGS |= STOP_INT;
	sie();
	ended("stop", 0x28, CODE);
	check("  no text", IPA | IPB | STATUS, 0);
	START(opens);
	FLAGS |= EXT_INT;
	sie();
	ended("external, once it is let in", 0x10, CODE + 4);
	START(opens);
	FLAGS |= IO_INT;
	sie();
	ended("I/O, once it is let in", 0x18, CODE + 8);
	START(spin);
	FLAGS |= EXT_INT | IO_INT | STOP_INT;
	GPSW = MASK64 | EXTERNAL | IO;
	sie();
	ended("external first", 0x10, CODE);
	START(spin);
	GPSW = MASK64 | WAIT;
	sie();
	ended("a wait", 0x1c, CODE);
	START(spin);
	GPSW = MASK64 | EXTERNAL;
	CR(0) = 0x8e0;
	sie();
	ended_at("its clock comparator", 4, HANDLER + 4, 0x8300, TAKEN);
	check("  code", *(u16 *)(guest + 0x86), 0x1004);
	START(spin);
	GPSW = MASK64 | EXTERNAL;
	CR(0) = 0x8e0;
	ECA &= ~0x80000000;
	sie();
	ended("without conditional interpretation", 0x14, CODE);
	check("  code", *(u16 *)&block.b[0xc6], 0x1004);
	/* The host's own CPU timer, in the middle of it: SIE is gone on with. */
	START(counts);
	cr0 = get_cr(0);
	*(volatile u64 *)0x3a8 = 0;
	set_cr(0, 0x404e0);
	asm volatile("spt %0\n stosm 0x3d0,1" : : "Q"(soon) : "memory");
	sie();
	asm volatile("stnsm 0x3d0,0xfe\n spt %0" : : "Q"(never) : "memory");
	set_cr(0, cr0);
	ended_at("a timer of the host's", 4, CODE + 14, 0x8300, 0x440000);
	check("  taken", *(volatile u64 *)0x3a8, 1);
	check("  in front of SIE", *(volatile u64 *)0x138, (u64)sie_at);
	check("  the guest has counted to the end", registers[2], 0);
}

PROGRAM(signal, "sigp 4,6,2\n diag 0,0,0x44\n");
PROGRAM(sense, "sigp 4,6,0x15\n diag 0,0,0x44\n");

/* The system control area, extended, with CPUs 0 and 9. */
static void signals(void)
{
	u8 *sca = area->b;

	fill(area, 0, sizeof(area));
	fill(&other, 0, PAGE);
	sca[0x40] = 0x80;
	sca[0x41] = 0x40;
	*(u64 *)(sca + 0x108) = (u64)&block;
	*(u64 *)(sca + 0x100 + 9 * 0x40 + 8) = (u64)&other;
	START(signal);
	registers[6] = 9;
	sie();
	ended_at("SIGP without its interpretation", 4, CODE + 4, 0xae46, 0x00020000);
	START(signal);
	registers[6] = 9;
	ECA |= 0x10000000;
	ECB |= 4;
	block.b[0x62] = 4;
	block.w[0x64 / 4] = (u64)sca;
	sie();
	ended_at("to a CPU that is not in execution", 0x38, CODE + 4, 0xae46, 0x00020000);
	check("  the call waits", *(u16 *)(sca + 0x100 + 9 * 0x40), 0x8000);
	check("  the description says so", other.w[0], ECALL_PENDING);
	GADDR = CODE;
	sie();
	ended_at("a second one", 4, CODE + 8, 0x8300, 0x440000);
	check("  status", registers[4], 0x80);
	check("  condition code", GPSW >> 44 & 3, 1);
	START(sense);
	registers[6] = 9;
	ECA |= 0x10000000;
	ECB |= 4;
	block.b[0x62] = 4;
	block.w[0x64 / 4] = (u64)sca;
	sie();
	ended_at("sense running status", 4, CODE + 8, 0x8300, 0x440000);
	check("  not running", registers[4], 0x400);
	/* The call that CPU 9 has. */
	START(spin);
	*(u16 *)&block.b[0x46] = 9;
	FLAGS |= ECALL_PENDING;
	GPSW = MASK64 | EXTERNAL;
	CR(0) = 0x20e0;
	ECA |= 0x10000000;
	block.b[0x62] = 4;
	block.w[0x64 / 4] = (u64)sca;
	sie();
	ended_at("taken by the CPU that it is for", 4, HANDLER + 4, 0x8300, TAKEN);
	check("  code and source", *(u32 *)(guest + 0x84), 0x1202);
	check("  nothing waits", *(u16 *)(sca + 0x100 + 9 * 0x40) | (FLAGS & ECALL_PENDING), 0);
}

PROGRAM(invalidates, "ipte 1,2\n diag 0,0,0x44\n");
PROGRAM(vectors, "vlr_: .byte 0xe7,0x12,0,0,0,0x56\n");
PROGRAM(nop, "nopr\n");

static void controls(void)
{
	START(invalidates);
	registers[1] = 0x80000;
	block.w[0x64 / 4] = (u64)area;
	area->w[0] = 0x80000000;
	sie();
	ended("IPTE while the host walks the tables", 4, CODE + 4);
	area->w[0] = 0;
	GADDR = CODE;
	sie();
	ended("and not", 4, CODE + 8);
	START(vectors);
	CR(0) = 0x600e0;
	sie();
	own("vectors without their control", PGM_OPERATION, CODE + 6);
	START(nop);
	FLAGS |= GPERE;
	CR(9) = 0x40000000;
	CR(11) = -1;
	sie();
	ended("an event of its programs, handed over", 8, CODE + 2);
	check("  code", IPRCC, 0x80);
	check("  event", block.b[0xd6], 0x40);
	check("  address", block.d[0xd8 / 8], CODE);
	START(nop);
	FLAGS = SM;
	sie();
	ended("no z/Architecture", 0x20, CODE);
	check("  when", IPA & 0xf0, 0x10);
	START(nop);
	block.w[0x64 / 4] = 0x1000;
	sie();
	ended("a system control area too low", 0x20, CODE);
	check("  reason", IPB >> 16, 0x38);
	TRY(PGM_SPECIFICATION, "a description in between boundaries", ".insn s,0xb2140000,256(%0)" : : "a"(&block) : "cc", "memory");
	TRY(PGM_SPECIFICATION, "one in page 0", "lghi 1,0x200\n .insn s,0xb2140000,0(1)" : : : "1", "cc", "memory");
	TRY(PGM_ADDRESSING, "one that is nowhere", "llilh 1,0x4000\n .insn s,0xb2140000,0(1)" : : : "1", "cc", "memory");
	problem_state();
	TRY(PGM_PRIVILEGED, "in the problem state", ".insn s,0xb2140000,0(%0)" : : "a"(&block) : "cc", "memory");
}

void suite(void)
{
	u32 i;

	for (i = 0; i < 2048; i++)
		segments[i] = 0x20;
	segments[0] = (u64)ptes[0];
	segments[1] = (u64)ptes[1];
	instructions();
	exceptions();
	storage();
	move_page();
	translation();
	facility_list();
	keys();
	requests();
	signals();
	controls();
}
