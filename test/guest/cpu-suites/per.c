/* Program-event recording, of instructions that the machine does and of those that the hypervisor does. */
#include "suite.h"

static u8 page[2 * PAGE] ALIGNED(2 * PAGE);
static u64 controls[3];
u64 per_at, per_behind;

#define BRANCH 0x80000000ul
#define IFETCH 0x40000000ul
#define STORAGE 0x20000000ul
#define REAL 0x28000000ul
#define NULLIFY 0x01000000ul
#define BRANCH_TARGETS 0x00800000ul
#define SPACES 0x00200000ul
#define ZERO 0x04000000ul
#define KEYS 0x10000000ul
#define TRANSACTION_END 0x02000000ul

/* One instruction with events `what` on [from, to]; when `from` is 0 the range is the instruction. The handler leaves PER on. */
#define PER(code_wanted, name, what, from, to, ...) do { \
	controls[0] = what; controls[1] = from; controls[2] = to; \
	expect(); \
	asm volatile("larl 1,7f; stg 1,per_at; lghi 1,0; cg 1,8(%[c]); jne 5f; lg 1,per_at; stg 1,8(%[c]); stg 1,16(%[c]);" \
		     "5: larl 1,6f; stg 1,per_behind; lctlg 9,11,0(%[c]); stosm 0x3c0,0x40; 7: " __VA_ARGS__); \
	check(name, last.code, code_wanted); \
} while (0)
#define OFF "6: stnsm 0x3c0,0xbf"

static void event(u32 code)
{
	check("  PER code", last.per_code >> 8, code);
	check("  PER address", last.per_address, per_at);
	check("  ATMID: 64-bit, no DAT", last.per_code & 0xff, 0xe0);
}

extern char per_target[], per_svc[];
asm(" .balign 8\nper_target: lghi 2,5\n stidp 0(2)\nper_svc: lpswe 0x140\n"
    " .pushsection .data\n .balign 16\n .globl per_psw\nper_psw: .quad 0x4000000180000000, 0\n .popsection\n");

/* Behind the next interruption the program goes on where the recording ends, which an instruction before sets. */
static u64 *go_on(u64 *c)
{
	asm volatile("larl 1,go_on_behind; stg 1,go_on_at" : : : "1", "memory");
	return c;
}

static u64 *go_on2(u64 *c)
{
	asm volatile("larl 1,go_on_behind2; stg 1,go_on_at" : : : "1", "memory");
	return c;
}

/* CR0 where the program may switch low-address protection on. */
static u64 *low(u64 *c)
{
	*(volatile u64 *)0x3d0 = get_cr(0);
	return c;
}

#define IN : : [c] "a"(controls), "a"(page) : "1", "2", "3", "4", "5", "cc", "memory"

/* The event of an instruction some bytes behind the first one. */
static void event_behind(u32 code, u32 bytes)
{
	check("  PER code", last.per_code >> 8, code);
	check("  PER address", last.per_address, per_at + bytes);
}

static void zero_addresses(void)
{
	PER(0x80, "a fetch by a register that is zero", ZERO, 0x400, 0x500, "lghi 2,0; lg 3,0x3c8(2); " OFF IN);
	event_behind(4, 4);
	check("  no access register", *(volatile u8 *)0xa1, 0);
	PER(0x80, "a store by one", ZERO, 0x400, 0x500, "lghi 2,0; stg 3,0x3c8(2); " OFF IN);
	event_behind(4, 4);
	PER(0x80, "a store, recorded as that, too", ZERO | STORAGE, 0x3c8, 0x3c8, "lghi 2,0; stg 3,0x3c8(2); " OFF IN);
	event_behind(0x24, 4);
	PER(0, "no base register", ZERO, 0, -1, "lg 3,0x3c8; " OFF IN);
	PER(0, "a base register that is not zero", ZERO, 0, -1, "lghi 2,8; lg 3,0x3c0(2); " OFF IN);
	PER(0, "a base register of zero with an index", ZERO, 0, -1, "lghi 2,0; lghi 4,8; lg 3,0x3c0(4,2); " OFF IN);
	PER(0x80, "an index of zero", ZERO, 0, -1, "lghi 2,0; lghi 4,0; lg 3,0x3c8(4,2); " OFF IN);
	event_behind(4, 8);
	PER(0, "an address that nobody goes to", ZERO, 0, -1, "lghi 2,0; la 3,0x3c8(2); " OFF IN);
	PER(0, "a register that is no address", ZERO, 0, -1, "lghi 2,0; lgr 3,2; agr 3,2; " OFF IN);
	PER(0x80, "the second operand of MVC", ZERO, 0, -1, "lghi 2,0; mvc 0(8,%1),0x3c8(2); " OFF IN);
	event_behind(4, 4);
	PER(0x80, "an operand that a register designates", ZERO, 0, -1, "lgr 2,%1; lghi 3,8; lghi 4,0; lghi 5,8; mvcl 2,4; " OFF IN);
	event_behind(4, 16);
	PER(0x80, "STPX by a register that is zero", ZERO, 0, -1, "lghi 2,0; stpx 0x3c8(2); " OFF IN);
	event_behind(4, 4);
}

/* What ATMID and the access identification say of the space of a store; all spaces are real storage. */
static void space(u32 atmid, u32 access)
{
	check("  PER code", last.per_code >> 8, 0x20);
	check("  ATMID", last.per_code & 0xff, atmid);
	check("  access identification", *(volatile u8 *)0xa1, access);
}

static void spaces(void)
{
	cr0_on(CR0_SECONDARY_SPACE);
	set_cr(1, 0x20);
	set_cr(7, 0x20);
	set_cr(13, 0xa0);
	dat_on();
	PER(0x80, "a store into the primary space", STORAGE, (u64)page, (u64)page + 7, "lgr 4,%1; mvghi 0(4),1; " OFF IN);
	space(0xf0, 0);
	PER(0x80, "into that of an access register", STORAGE, (u64)page, (u64)page + 7, "lghi 4,0; sar 4,4; lgr 4,%1; sac 0x200; mvghi 0(4),1; " OFF "; sac 0" IN);
	space(0xf5, 4);
	PER(0x80, "the same by CU14", STORAGE, (u64)page, (u64)page + 7, "lghi 4,0; sar 4,4; sar 2,4; lgr 4,%1; lghi 5,8; la 2,0x20(%1); lghi 3,1; mvi 0(2),0x41; sac 0x200; cu14 4,2; " OFF "; sac 0" IN);
	space(0xf5, 4);
	PER(0x80, "into the secondary space", STORAGE, (u64)page, (u64)page + 7, "sac 0x100; mvghi 0(%1),1; " OFF "; sac 0" IN);
	space(0xfa, 0);
	PER(0x80, "into the home space", STORAGE, (u64)page, (u64)page + 7, "sac 0x300; mvghi 0(%1),1; " OFF "; sac 0" IN);
	space(0xff, 0);
	PER(0x80, "by MVCS, whose first operand is in the secondary space", STORAGE, (u64)page, (u64)page + 7, "lghi 2,8; lghi 3,0; mvcs 0(2,%1),8(%1),3; " OFF IN);
	space(0xf2, 0);
	PER(0x80, "into the only space that is meant", STORAGE | SPACES, (u64)page, (u64)page + 7, "sac 0x300; mvghi 0(%1),1; " OFF "; sac 0" IN);
	PER(0, "into another one", STORAGE | SPACES, (u64)page, (u64)page + 7, "sac 0x100; mvghi 0(%1),1; " OFF "; sac 0" IN);
	PER(0, "into another one by access register", STORAGE | SPACES, (u64)page, (u64)page + 7, "lghi 4,1; sar 4,4; lgr 4,%1; sac 0x200; mvghi 0(4),1; " OFF "; sac 0" IN);
	PER(0, "the same by CU14", STORAGE | SPACES, (u64)page, (u64)page + 7, "lghi 4,1; sar 4,4; lghi 4,0; sar 2,4; lgr 4,%1; lghi 5,8; la 2,0x20(%1); lghi 3,1; mvi 0(2),0x41; sac 0x200; cu14 4,2; " OFF "; sac 0" IN);
	PER(0x80, "a fetch by a zero access register", ZERO, 0, -1, "lghi 4,0; sar 4,4; sac 0x200; lg 3,0x3c8(4); " OFF "; sac 0" IN);
	event_behind(4, 12);
	check("  access identification", *(volatile u8 *)0xa1, 4);
	dat_off();
	PER(0x80, "STURA, which knows no space", REAL, (u64)page, (u64)page + 7, "stura 2,%1; " OFF IN);
	check("  access identification", *(volatile u8 *)0xa1, 0);
	cr0_off(CR0_SECONDARY_SPACE);
}

static void key_alteration(void)
{
	PER(0x80, "SSKE, the first of the program", KEYS | IFETCH, (u64)page + 8, (u64)page + 8, "lghi 2,0x20; sske 2,%1; " OFF IN);
	event_behind(0x10, 4);
	check("  one event", last.count, 1);
	check("  the key is set", get_key(page) & 0xf0, 0x20);
	PER(0x80, "SSKE", KEYS, (u64)page, (u64)page + 4095, "lghi 2,0x30; sske 2,%1; " OFF IN);
	event_behind(0x10, 4);
	PER(0, "SSKE elsewhere", KEYS, (u64)page + PAGE, (u64)page + 2 * PAGE, "lghi 2,0x10; sske 2,%1; " OFF IN);
	PER(0, "SSKE, stores recorded", STORAGE, 0, -1, "lghi 2,0x10; sske 2,%1; " OFF IN);
	PER(0, "ISKE", KEYS, 0, -1, "iske 2,%1; " OFF IN);
	PER(0, "RRBE", KEYS, 0, -1, "rrbe 0,%1; " OFF IN);
	PER(0, "a store into a page", KEYS, 0, -1, "mvghi 0(%1),1; " OFF IN);
	PER(0x80, "PFMF that sets a key", KEYS, (u64)page, (u64)page, "llilf 2,0x20010; .insn rre,0xb9af0000,2,%1\n " OFF IN);
	event_behind(0x10, 6);
	PER(0, "PFMF that clears", KEYS, (u64)page, (u64)page, "llilf 2,0x10000; .insn rre,0xb9af0000,2,%1\n " OFF IN);
	set_key(page, 0);
}

static void transaction_end(void)
{
	set_cr(0, get_cr(0) | 0x0080000000000000ul);
	PER(0x80, "TEND", TRANSACTION_END, 0, 0, "tbegin 0,0xff00; jnz 6f; tend; " OFF IN);
	event_behind(2, 10);
	PER(0, "TEND of an inner transaction", TRANSACTION_END, 0, 0, "tbegin 0,0xff00; jnz 6f; tbegin 0,0xff00; tend; tabort 0x100; " OFF IN);
	PER(0, "TEND without a transaction", TRANSACTION_END, 0, 0, "tend; " OFF IN);
	set_cr(0, get_cr(0) & ~0x0080000000000000ul);
}

void suite(void)
{
	PER(0, "nothing enabled", 0, 0, 0, "lghi 2,5; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	PER(0x80, "instruction fetching", IFETCH, 0, 0, "lghi 2,5; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	event(0x40);
	check("  behind it", last.address, per_behind);
	PER(0, "instruction fetching elsewhere", IFETCH, 0x400, 0x500, "lghi 2,5; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	PER(0x80, "STIDP fetched", IFETCH, 0, 0, "stidp 0x3c8; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	event(0x40);
	check("  behind it", last.address, per_behind);
	PER(0x80, "DIAG fetched", IFETCH, 0, 0, "diag 0,0,0x44; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	event(0x40);
	PER(0x86, "STPX with a specification exception fetched", IFETCH, 0, 0, "stpx 1; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	event(0x40);
	PER(0x81, "an operation exception fetched", IFETCH, 0, 0, ".insn e,0\n " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	event(0x40);
	PER(0x80, "a store", STORAGE, (u64)page, (u64)page + 7, "mvghi 0(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	event(0x20);
	PER(0, "a store behind it", STORAGE, (u64)page, (u64)page + 7, "mvghi 8(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	PER(0x80, "a store that touches it", STORAGE, (u64)page + 4, (u64)page + 4, "mvghi 0(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	event(0x20);
	PER(0x80, "a store, the range wrapping", STORAGE, (u64)page, 0x1000, "mvghi 0(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	PER(0x80, "STPX stores", STORAGE, (u64)page, (u64)page + 7, "stpx 0(%1); " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	event(0x20);
	PER(0x80, "STIDP stores", STORAGE, (u64)page, (u64)page + 7, "stidp 0(%1); " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	event(0x20);
	PER(0, "STPX stores elsewhere", STORAGE, (u64)page, (u64)page + 7, "stpx 8(%1); " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	PER(0x80, "MVC stores", STORAGE, (u64)page, (u64)page + 7, "mvc 0(8,%1),8(%1); " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	event(0x20);
	PER(0x80, "STURA", REAL, (u64)page, (u64)page + 7, "stura 2,%1; " OFF : : [c] "a"(controls), "a"(page) : "1", "cc", "memory");
	event(0x28);
	PER(0x80, "a branch", BRANCH, 0, -1, "j 6f; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	event(0x80);
	PER(0, "no branch", BRANCH, 0, -1, "jnop 6f; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	PER(0x80, "a branch to a range", BRANCH | BRANCH_TARGETS, per_behind, -1, "j 6f; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	PER(0, "a branch outside a range", BRANCH | BRANCH_TARGETS, 0x400, 0x500, "j 6f; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	PER(0x80, "instruction and storage together", IFETCH | STORAGE, 1, -1, "mvghi 0(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	check("  PER code", last.per_code >> 8, 0x60);
	check("  an event for each instruction, STOSM left out", last.count, 2);
	PER(0x80, "EXRL of a load", IFETCH, 0, 0, "exrl 0,per_target; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	event(0x40);
	check("  its length", last.ilc, 6);
	PER(0x80, "EXRL of STIDP", STORAGE, (u64)page, (u64)page + 7, "lgr 2,%1; exrl 0,per_target+4; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	check("  PER code", last.per_code >> 8, 0x20);
	check("  PER address", last.per_address, per_at + 4);
	PER(0, "LPSWE is no branch", BRANCH, 0, -1, "larl 1,6f; larl 2,per_psw; stg 1,8(2); lpswe 0(2); " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	PER(0x80, "a nullifying fetch", IFETCH | NULLIFY, 0, 0, "mvghi 0(%1),77; go_on_behind: " OFF : : [c] "a"(go_on(controls)), "a"(page) : "1", "2", "cc", "memory");
	event(0x41);
	check("  at it", last.address, per_at);
	check("  nothing is stored", *(u64 *)page != 77, 1);
	go_on_at = 0;
	PER(PGM_ADDRESSING, "an instruction that cannot be fetched", IFETCH, 0x40000000, 0x40000000, "br %1; go_on_behind2: " OFF : : [c] "a"(go_on2(controls)), "a"(0x40000000ul) : "1", "2", "cc", "memory");
	go_on_at = 0;
	/* The supervisor call first, then its event: the old PSW is the SVC-new PSW. */
	((u64 *)0x1c0)[0] = 0x0000000180000000ul;
	((u64 *)0x1c0)[1] = (u64)per_svc;
	PER(0x80, "SVC", IFETCH, 0, 0, "svc 5; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	event(0x40);
	check("  the old PSW is at the SVC handler", last.address, (u64)per_svc);
	check("  and does not record", last.mask >> 62 & 1, 0);
	check("  its length", last.ilc, 2);
	check("  the SVC was taken", *(u16 *)0x8a, 5);
	/* Every instruction of a loop. */
	PER(0x80, "a loop", IFETCH, 1, -1, "lghi 2,3; 8: brctg 2,8b; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	check("  its events", last.count, 5);
	PER(0x80, "a loop's branches", BRANCH, 0, -1, "lghi 2,3; 8: brctg 2,8b; " OFF : : [c] "a"(controls) : "1", "2", "cc", "memory");
	check("  its events", last.count, 2);
	PER(0x80, "MVCL", STORAGE, (u64)page + 0x1800, (u64)page + 0x1800, "lgr 2,%1; lgfi 3,0x2000; lgr 4,%1; lghi 5,0; mvcl 2,4; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "3", "4", "5", "cc", "memory");
	check("  PER code", last.per_code >> 8, 0x20);
	PER(PGM_PROTECTION, "a store that is kept away", STORAGE, 0, 0x1ff, "oi 0x3d4,0x10; lctlg 0,0,0x3d0; mvghi 8,1; " OFF : : [c] "a"(low(controls)) : "1", "2", "cc", "memory");
	set_cr(9, 0);
	/* Real-space designations, without and with the storage-alteration-event bit. */
	set_cr(1, 0x20);
	dat_on();
	PER(0x80, "a store under DAT", STORAGE, (u64)page, (u64)page + 7, "mvghi 0(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	check("  ATMID", last.per_code & 0xff, 0xf0);
	PER(0, "a store into a space that is left out", STORAGE | SPACES, (u64)page, (u64)page + 7, "mvghi 0(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	set_cr(1, 0xa0);
	PER(0x80, "a store into a space that is meant", STORAGE | SPACES, (u64)page, (u64)page + 7, "mvghi 0(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	dat_off();
	PER(0x80, "without DAT there are no spaces", STORAGE | SPACES, (u64)page, (u64)page + 7, "mvghi 0(%1),1; " OFF : : [c] "a"(controls), "a"(page) : "1", "2", "cc", "memory");
	set_cr(9, 0);
	zero_addresses();
	spaces();
	set_cr(9, 0);
	key_alteration();
	transaction_end();
	set_cr(9, 0);
}
