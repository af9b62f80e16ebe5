/* Storage keys: their instructions, TEST PROTECTION, and key protection of what the hypervisor does for the guest. */
#include "suite.h"

static u8 page[2 * PAGE] ALIGNED(2 * PAGE);
static u8 other[2 * PAGE] ALIGNED(2 * PAGE);

#define TEID_KEY 0x08ul
#define STORE 0x400ul
#define FETCH 0x800ul

static u32 sske(void *at, u64 *key, u32 m3)
{
	u64 r1 = *key;
	u32 cc;

	if (m3 == 1)
		asm volatile(".insn rrf,0xb22b0000,%1,%2,1,0\n ipm %0; srl %0,28" : "=&d"(cc), "+d"(r1), "+a"(at) : : "cc", "memory");
	else if (m3 == 2)
		asm volatile(".insn rrf,0xb22b0000,%1,%2,2,0\n ipm %0; srl %0,28" : "=&d"(cc), "+d"(r1) : "a"(at) : "cc", "memory");
	else if (m3 == 4)
		asm volatile(".insn rrf,0xb22b0000,%1,%2,4,0\n ipm %0; srl %0,28" : "=&d"(cc), "+d"(r1) : "a"(at) : "cc", "memory");
	else
		asm volatile(".insn rrf,0xb22b0000,%1,%2,6,0\n ipm %0; srl %0,28" : "=&d"(cc), "+d"(r1) : "a"(at) : "cc", "memory");
	*key = r1;
	return cc;
}

static u32 rrbe(void *at)
{
	u32 cc;

	asm volatile("rrbe 0,%1; ipm %0; srl %0,28" : "=d"(cc) : "a"(at) : "cc");
	return cc;
}

static u32 tprot(void *at, u64 key)
{
	u32 cc;

	asm volatile("tprot 0(%1),0(%2); ipm %0; srl %0,28" : "=d"(cc) : "a"(at), "a"(key << 4) : "cc");
	return cc;
}

static void instructions(void)
{
	u64 key;
	void *end;

	expect();
	problem_state();
	asm volatile("iske 2,%0" : : "a"(page) : "2");
	check_code("ISKE in the problem state", PGM_PRIVILEGED);
	expect();
	problem_state();
	asm volatile("sske %0,%1" : : "d"(0x30ul), "a"(page));
	check_code("SSKE in the problem state", PGM_PRIVILEGED);
	check("no key was set", get_key(page) & 0xf8, 0);

	set_key(page, 0x31);
	check("SSKE and ISKE", get_key(page), 0x30);
	page[5] = 1;
	check("a store sets reference and change", get_key(page), 0x36);
	check("RRBE of a changed page", rrbe(page), 3);
	check("RRBE resets reference", get_key(page), 0x32);
	check("RRBE once more", rrbe(page), 1);
	set_key(page, 0x38);
	*(volatile u8 *)page;
	check("a fetch sets reference", get_key(page), 0x3c);
	key = ~0ul;
	asm volatile("iske %0,%1" : "+d"(key) : "a"(page + 77));
	check("ISKE leaves bits 0-55", key, 0xffffffffffffff3cul);

	set_key(page, 0x34);
	key = 0xdead0000beef0030ul;
	check("SSKE with MR where only reference differs", sske(page, &key, 4), 0);
	check("it inserts the old key", key, 0xdead0000beef3430ul);
	check("and sets nothing", get_key(page), 0x34);
	key = 0x40;
	check("SSKE with MR and MC where keys differ", sske(page, &key, 6), 1);
	check("it sets the key", get_key(page), 0x40);
	key = 0x42;
	check("SSKE with MC where only change differs", sske(page, &key, 2), 0);

	end = (void *)0x100000;
	asm volatile(".insn rrf,0xb22b0000,%1,%0,1,0" : "+a"(end) : "d"(0x70ul) : "cc", "memory");
	check("SSKE of a megabyte: next address", (u64)end, 0x200000);
	check("its last block", get_key((void *)0x1ff000), 0x70);
	check("its first block", get_key((void *)0x100000), 0x70);
	check("the block behind it", get_key((void *)0x200000) & 0xf8, 0);
	end = (void *)0x1fe123;
	asm volatile(".insn rrf,0xb22b0000,%1,%0,1,0" : "+a"(end) : "d"(0ul) : "cc", "memory");
	check("SSKE of the end of a megabyte: next address", (u64)end, 0x200123);
	check("blocks before it stay", get_key((void *)0x1fd000), 0x70);
	TRY(PGM_ADDRESSING, "ISKE outside storage", "iske 2,%0" : : "a"(-PAGE) : "2");
	TRY(PGM_ADDRESSING, "SSKE outside storage", "sske 2,%0" : : "a"(-PAGE) : "2");
	TRY(PGM_ADDRESSING, "RRBE outside storage", "rrbe 2,%0" : : "a"(-PAGE) : "2", "cc");
	expect();
	cr0_on(CR0_LOW_ADDRESS);
	asm volatile("sske %0,%1" : : "d"(0ul), "a"(0ul));
	cr0_off(CR0_LOW_ADDRESS);
	check_code("SSKE of page 0 under low-address protection", 0);
}

static void test_protection(void)
{
	set_key(page, 0x30);
	check("TPROT, key matches", tprot(page, 3), 0);
	check("TPROT, key 0", tprot(page, 0), 0);
	check("TPROT, other key", tprot(page, 4), 1);
	set_key(page, 0x38);
	check("TPROT, other key, fetch protection", tprot(page, 4), 2);
	check("TPROT, matching key, fetch protection", tprot(page, 3), 0);
	check("TPROT leaves the reference bit", get_key(page), 0x38);
	TRY(PGM_ADDRESSING, "TPROT outside storage", "tprot 0(%0),0" : : "a"(-PAGE) : "cc");
	cr0_on(CR0_LOW_ADDRESS);
	check("TPROT of a low address", tprot(0, 0), 1);
	check("TPROT behind it", tprot((void *)512, 0), 0);
	cr0_off(CR0_LOW_ADDRESS);
	expect();
	problem_state();
	asm volatile("tprot 0(%0),0" : : "a"(page) : "cc");
	check_code("TPROT in the problem state", PGM_PRIVILEGED);
}

/* One instruction with key 1 on a page with key 3; `kind` is what it does there. */
#define KEYED(name, kind, ...) do { \
	set_key(page, kind == FETCH ? 0x38 : 0x30); \
	expect(); \
	set_access_key(1); \
	asm volatile(__VA_ARGS__); \
	set_access_key(0); \
	check_code(name " meets key protection", PGM_PROTECTION); \
	check(name " says where, and that it was a key", last.teid, (u64)page | kind | TEID_KEY); \
	if (kind == STORE) \
		check(name " stores nothing", all(page, 0x5a, 2 * PAGE), 1); \
} while (0)
/* The same with a matching key, and with a page that may be fetched from. */
#define ALLOWED(name, key, ...) do { \
	set_key(page, key); \
	expect(); \
	set_access_key(1); \
	asm volatile(__VA_ARGS__); \
	set_access_key(0); \
	check_code(name, 0); \
} while (0)

static void intercepted(void)
{
	u32 prefix;

	fill(page, 0x5a, 2 * PAGE);
	KEYED("STPX", STORE, "stpx 0(%0)" : : "a"(page) : "memory");
	KEYED("STAP", STORE, "stap 0(%0)" : : "a"(page) : "memory");
	KEYED("STIDP", STORE, "stidp 0(%0)" : : "a"(page) : "memory");
	KEYED("STSI", STORE, "lgfi 0,0x10000001; lghi 1,1; stsi 0(%0)" : : "a"(page) : "0", "1", "cc", "memory");
	KEYED("STFLE", STORE, "lghi 0,0; stfle 0(%0)" : : "a"(page) : "0", "cc", "memory");
	KEYED("STCKC", STORE, "stckc 0(%0)" : : "a"(page) : "memory");
	KEYED("STPT", STORE, "stpt 0(%0)" : : "a"(page) : "memory");
	KEYED("STCK", STORE, "stck 0(%0)" : : "a"(page) : "cc", "memory");
	KEYED("STCKE", STORE, "stcke 0(%0)" : : "a"(page) : "cc", "memory");
	KEYED("STCRW", STORE, "stcrw 0(%0)" : : "a"(page) : "cc", "memory");
	KEYED("STCTG", STORE, "stctg 0,1,0(%0)" : : "a"(page) : "memory");
	KEYED("STNSM", STORE, "stnsm 0(%0),255" : : "a"(page) : "memory");
	KEYED("CHSC", FETCH, ".insn rre,0xb25f0000,%0,0" : : "a"(page) : "cc", "memory");
	KEYED("MSCH", FETCH, "lgfi 1,0x10000; msch 0(%0)" : : "a"(page) : "1", "cc", "memory");
	KEYED("SSCH", FETCH, "lgfi 1,0x10000; ssch 0(%0)" : : "a"(page) : "1", "cc", "memory");
	KEYED("SPX", FETCH, "spx 0(%0)" : : "a"(page) : "memory");
	check("SPX sets no prefix", get_prefix(), 0);
	KEYED("SCK", FETCH, "sck 0(%0)" : : "a"(page) : "cc", "memory");
	KEYED("SCKC", FETCH, "sckc 0(%0)" : : "a"(page) : "memory");
	KEYED("SPT", FETCH, "spt 0(%0)" : : "a"(page) : "memory");
	KEYED("LCTLG", FETCH, "lctlg 2,3,0(%0)" : : "a"(page) : "memory");
	KEYED("LPSWE", FETCH, "lpswe 0(%0)" : : "a"(page) : "memory");
	KEYED("SSM", FETCH, "ssm 0(%0)" : : "a"(page) : "memory");
	KEYED("MVC", FETCH, "mvc 0(8,%1),0(%0)" : : "a"(page), "a"(other) : "memory");

	prefix = 0;
	*(u32 *)page = 0;
	ALLOWED("SPX may fetch where fetches are not protected", 0x30, "spx 0(%0)" : : "a"(page) : "memory");
	ALLOWED("SPX with the matching key", 0x18, "spx 0(%0)" : : "a"(page) : "memory");
	ALLOWED("STPX with the matching key", 0x10, "stpx 0(%0)" : : "a"(page) : "memory");
	check("which stores the prefix", *(u32 *)page, prefix);
	/* TEST BLOCK and PFMF use real addresses without keys. */
	ALLOWED("TB needs no key", 0x38, "lghi 0,0; .insn rre,0xb22c0000,0,%0" : : "a"(page) : "0", "cc", "memory");
	ALLOWED("PFMF needs no key", 0x38, ".insn rre,0xb9af0000,%0,%1" : : "d"(0x10000ul), "a"(page) : "cc", "memory");
	ALLOWED("DIAG 308 needs no key", 0x38, "lgr 2,%0; lghi 4,6; diag 2,4,0x308" : : "a"(page) : "2", "3", "4", "cc", "memory");
	ALLOWED("STFL needs no key", 0x38, "stfl 0" : : : "memory");
}

static void overrides(void)
{
	u64 cr0 = get_cr(0);
	u32 before;

	/* Page 0 with a key of its own: fetch-protection override covers its first 2048 bytes. */
	set_key((void *)0, 0x38);
	*(volatile u32 *)0x7fc = 0;
	*(volatile u32 *)0x800 = 0;
	cr0_on(CR0_FETCH_OVERRIDE);
	expect();
	set_access_key(1);
	asm volatile("spx 0x7fc" : : : "memory");
	set_access_key(0);
	check_code("SPX below 2048 with fetch-protection override", 0);
	expect();
	set_access_key(1);
	asm volatile("spx 0x800" : : : "memory");
	set_access_key(0);
	check_code("SPX at 2048 with fetch-protection override", PGM_PROTECTION);
	expect();
	set_access_key(1);
	asm volatile("stpx 0x7fc" : : : "memory");
	set_access_key(0);
	check_code("STPX is not overridden", PGM_PROTECTION);
	expect();
	set_access_key(1);
	before = *(volatile u32 *)0x7fc;
	set_access_key(0);
	check_code("a load below 2048 with fetch-protection override", 0);
	expect();
	set_access_key(1);
	asm volatile("lg 2,0x7fc" : : : "2", "memory");
	set_access_key(0);
	check_code("a load across 2048 with fetch-protection override", PGM_PROTECTION);
	check("TPROT below 2048 with fetch-protection override", tprot((void *)0x7f8, 1), 1);
	check("TPROT behind 2048 with fetch-protection override", tprot((void *)0x800, 1), 2);
	set_cr(0, cr0);
	expect();
	set_access_key(1);
	asm volatile("spx 0x7fc" : : : "memory");
	set_access_key(0);
	check_code("SPX below 2048 without fetch-protection override", PGM_PROTECTION);
	set_key((void *)0, 0);
	(void)before;

	set_key(page, 0x98);
	cr0_on(CR0_STORE_OVERRIDE);
	expect();
	set_access_key(1);
	page[1] = 7;
	set_access_key(0);
	check_code("storage-protection override: a store where the key is 9", 0);
	expect();
	set_access_key(1);
	asm volatile("stpx 0(%0)" : : "a"(page) : "memory");
	set_access_key(0);
	check_code("storage-protection override: STPX where the key is 9", 0);
	check("TPROT with storage-protection override", tprot(page, 1), 0);
	set_key(page, 0x88);
	expect();
	set_access_key(1);
	page[1] = 7;
	set_access_key(0);
	check_code("storage-protection override: a store where the key is 8", PGM_PROTECTION);
	set_cr(0, cr0);
	set_key(page, 0);
}

void suite(void)
{
	instructions();
	test_protection();
	intercepted();
	overrides();
}
