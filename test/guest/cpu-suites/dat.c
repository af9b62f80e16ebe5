/* Translation with and without enhanced DAT, and every protection that tables give. */
#include "suite.h"

#define REGION_FIRST 0x0cul
#define REGION_SECOND 0x08ul
#define REGION_THIRD 0x04ul
#define LENGTH 3ul
#define PROTECT 0x200ul
#define INVALID 0x20ul
#define PAGE_INVALID 0x400ul
#define FORMAT 0x400ul
#define NO_EXECUTE 0x100ul
#define ACCF 0x10000ul

static u64 first[2048] ALIGNED(4096), second[2048] ALIGNED(4096), third[2048] ALIGNED(4096), segment[2048] ALIGNED(4096);
static u64 pages[16][256] ALIGNED(4096);
static u8 prefix_area[2 * PAGE] ALIGNED(2 * PAGE);
static u8 frame[2 * PAGE] ALIGNED(2 * PAGE);
static u8 code[PAGE] ALIGNED(PAGE);

/* A window on storage at 2**53, by tables of its own below the region-first table. */
#define WINDOW (1ul << 53)
static u64 second_w[2048] ALIGNED(4096), third_w[2048] ALIGNED(4096), segment_w[2048] ALIGNED(4096);
static u64 pages_w[16][256] ALIGNED(4096);
#define SEEN(p) ((void *)((u64)(p) + WINDOW))
static u64 *page_entry(void *p) { return &pages_w[(u64)p >> 20][((u64)p >> 12) & 255]; }
static u64 *segment_entry(void *p) { return &segment_w[(u64)p >> 20]; }

static void purge(void) { asm volatile("ptlb" : : : "memory"); }

static void make_tables(void)
{
	u32 i, j;

	for (i = 0; i < 2048; i++) {
		first[i] = REGION_FIRST | INVALID;
		second[i] = second_w[i] = REGION_SECOND | INVALID;
		third[i] = third_w[i] = REGION_THIRD | INVALID;
		segment[i] = segment_w[i] = INVALID;
	}
	for (i = 0; i < 16; i++) {
		for (j = 0; j < 256; j++)
			pages[i][j] = pages_w[i][j] = i * 0x100000ul + j * PAGE;
		segment[i] = (u64)pages[i];
		segment_w[i] = (u64)pages_w[i];
	}
	first[0] = (u64)second | REGION_FIRST | LENGTH;
	second[0] = (u64)third | REGION_SECOND | LENGTH;
	third[0] = (u64)segment | REGION_THIRD | LENGTH;
	first[1] = (u64)second_w | REGION_FIRST | LENGTH;
	second_w[0] = (u64)third_w | REGION_SECOND | LENGTH;
	third_w[0] = (u64)segment_w | REGION_THIRD | LENGTH;
	set_cr(1, (u64)first | 0x0c | 3);
	set_cr(13, (u64)first | 0x0c | 3);
}

static u32 tprot(void *at)
{
	u32 cc;

	asm volatile("tprot 0(%1),0; ipm %0; srl %0,28" : "=d"(cc) : "a"(at) : "cc");
	return cc;
}

/* A store through the window while an entry has some bits more. */
static void store_with(const char *what, u64 *entry, u64 bits, u32 code_wanted)
{
	volatile u64 *at = SEEN(frame);

	*(volatile u64 *)frame = 0;
	*entry ^= bits;
	purge();
	expect();
	*at = 42;
	check_code(what, code_wanted);
	if (code_wanted == PGM_PROTECTION)
		check("  its TEID", last.teid, (u64)SEEN(frame) | 0x404);
	if (code_wanted == PGM_PROTECTION || code_wanted == 0)
		check("  TPROT says so, too", tprot(SEEN(frame)), code_wanted == 0 ? 0 : 1);
	if (code_wanted >= 0x10 && code_wanted != PGM_TRANSLATION_SPECIFICATION)
		check("  TPROT finds no page", tprot(SEEN(frame)), 3);
	*entry ^= bits;
	purge();
	check("  stored or not", *(volatile u64 *)frame, code_wanted ? 0 : 42);
}

static void protection(void)
{
	cr0_off(CR0_EDAT);
	store_with("page, no EDAT", page_entry(frame), 0, 0);
	store_with("page protected, no EDAT", page_entry(frame), PROTECT, PGM_PROTECTION);
	store_with("segment with the format bit, no EDAT", segment_entry(frame), FORMAT, 0);
	store_with("segment protected, no EDAT", segment_entry(frame), PROTECT, PGM_PROTECTION);
	store_with("region third with the format bit, no EDAT", &third_w[0], FORMAT, 0);
	store_with("region third protected, no EDAT", &third_w[0], PROTECT, 0);
	store_with("region second protected, no EDAT", &second_w[0], PROTECT, 0);
	store_with("region first protected, no EDAT", &first[1], PROTECT, 0);
	cr0_on(CR0_EDAT);
	store_with("segment protected", segment_entry(frame), PROTECT, PGM_PROTECTION);
	store_with("region third protected", &third_w[0], PROTECT, PGM_PROTECTION);
	store_with("region second protected", &second_w[0], PROTECT, PGM_PROTECTION);
	store_with("region first protected", &first[1], PROTECT, PGM_PROTECTION);
	store_with("page invalid", page_entry(frame), PAGE_INVALID, PGM_PAGE);
	store_with("segment invalid", segment_entry(frame), INVALID, PGM_SEGMENT);
	store_with("region third invalid", &third_w[0], INVALID, 0x3b);
	store_with("region second invalid", &second_w[0], INVALID, 0x3a);
	store_with("region first invalid", &first[1], INVALID, 0x39);
	store_with("page with bit 52", page_entry(frame), 0x800, PGM_TRANSLATION_SPECIFICATION);
	store_with("segment of another type", segment_entry(frame), 4, PGM_TRANSLATION_SPECIFICATION);
	store_with("region third of another type", &third_w[0], 8, PGM_TRANSLATION_SPECIFICATION);
	store_with("region third of no length", &third_w[0], 3 ^ 0xc0, PGM_SEGMENT);
	store_with("a page outside storage", page_entry(frame), 1ul << 40, PGM_ADDRESSING);
	store_with("a segment table outside storage", &third_w[0], 1ul << 40, PGM_ADDRESSING);
}

static void large_frames(void)
{
	u64 *entry = segment_entry(frame);
	u64 old = *entry, old_third = third_w[0];
	u64 base = (u64)frame & ~0xffffful;

	*entry = base | FORMAT;
	third_w[0] = old_third;
	store_with("1M frame", entry, 0, 0);
	store_with("1M frame protected", entry, PROTECT, PGM_PROTECTION);
	store_with("1M frame below a protected region", &third_w[0], PROTECT, PGM_PROTECTION);
	store_with("1M frame invalid", entry, INVALID, PGM_SEGMENT);
	store_with("1M frame outside storage", entry, 1ul << 40, PGM_ADDRESSING);

	set_key(frame, 0x30);
	expect();
	set_access_key(1);
	*(volatile u64 *)SEEN(frame) = 1;
	set_access_key(0);
	check_code("1M frame: the key of storage counts", PGM_PROTECTION);
	*entry = base | FORMAT | ACCF | 0x1000;
	purge();
	expect();
	set_access_key(1);
	*(volatile u64 *)SEEN(frame) = 1;
	set_access_key(0);
	check_code("1M frame: access-control bits of the entry count when valid", 0);
	*entry = base | FORMAT | ACCF | 0x2800;
	purge();
	expect();
	set_access_key(1);
	*(volatile u64 *)SEEN(frame);
	set_access_key(0);
	check_code("1M frame: fetch protection of the entry", PGM_PROTECTION);
	set_key(frame, 0);

	/* Prefixing is for real addresses: a large frame is absolute. */
	*entry = old;
	segment_w[0] = FORMAT;
	purge();
	fill(prefix_area, 0, 2 * PAGE);
	for (u32 i = 0; i < 128; i++)
		((u64 *)prefix_area)[i] = ((u64 *)0)[i];
	*(volatile u32 *)0x400 = 0x11111111;
	*(volatile u32 *)(prefix_area + 0x400) = 0x22222222;
	set_prefix((u32)(u64)prefix_area);
	check("1M frame at 0 is absolute", *(volatile u32 *)SEEN(0x400), 0x11111111);
	check("a page at 0 is real", *(volatile u32 *)0x400, 0x22222222);
	segment_w[0] = (u64)pages_w[0];
	purge();
	check("a small page in the window is real", *(volatile u32 *)SEEN(0x400), 0x22222222);
	segment_w[0] = FORMAT;
	segment_w[(u64)prefix_area >> 20] = ((u64)prefix_area & ~0xffffful) | FORMAT;
	purge();
	check("1M frame at the prefix is absolute", *(volatile u32 *)SEEN(prefix_area + 0x400), 0x22222222);
	set_prefix(0);

	third_w[0] = FORMAT | REGION_THIRD;
	store_with("2G frame", &third_w[0], 0, 0);
	store_with("2G frame protected", &third_w[0], PROTECT, PGM_PROTECTION);
	store_with("2G frame below a protected region", &second_w[0], PROTECT, PGM_PROTECTION);
	expect();
	*(volatile u64 *)(WINDOW + 0xfffff8);
	check_code("2G frame: the end of storage", 0);
	expect();
	*(volatile u64 *)(WINDOW + 0x1000000);
	check_code("2G frame: behind it", PGM_ADDRESSING);
	expect();
	*(volatile u64 *)(WINDOW + 0x7ffffff8);
	check_code("2G frame: its own end", PGM_ADDRESSING);
	check("TPROT in a 2G frame", tprot((void *)WINDOW), 0);
	third_w[0] = old_third;
	segment_w[0] = (u64)pages_w[0];
	segment_w[(u64)prefix_area >> 20] = (u64)pages_w[(u64)prefix_area >> 20];
	purge();
}

static void execute_in(const char *what, u64 *entry, u64 bits, u64 old, int forbidden)
{
	*entry = bits;
	purge();
	expect();
	asm volatile("larl 1,0f; stg 1,0(%1); basr 14,%0; 0:" : : "a"(SEEN(code)), "a"(&go_on_at) : "1", "14", "cc", "memory");
	go_on_at = 0;
	check_code(what, forbidden ? PGM_PROTECTION : 0);
	if (forbidden) {
		check("  its TEID", last.teid, (u64)SEEN(code) | 0x884);
		check("  fetching is allowed", *(volatile u16 *)SEEN(code), 0x07fe);
	}
	*entry = old;
	purge();
}

static void no_execute(void)
{
	u64 *page = page_entry(code), *seg = segment_entry(code);
	u64 page_old = *page, seg_old = *seg, third_old = third_w[0];
	u64 base = (u64)code & ~0xffffful;

	*(u16 *)code = 0x07fe;
	cr0_off(CR0_IEP);
	execute_in("page, no-execute, CR0.20 zero", page, page_old | NO_EXECUTE, page_old, 0);
	cr0_on(CR0_IEP);
	execute_in("page, no-execute", page, page_old | NO_EXECUTE, page_old, 1);
	execute_in("page, may be executed", page, page_old, page_old, 0);
	execute_in("1M frame, no-execute", seg, base | FORMAT | NO_EXECUTE, seg_old, 1);
	execute_in("1M frame, may be executed", seg, base | FORMAT, seg_old, 0);
	execute_in("2G frame, no-execute", &third_w[0], FORMAT | REGION_THIRD | NO_EXECUTE, third_old, 1);
	execute_in("segment with a page table: the bit is not there", seg, seg_old | NO_EXECUTE, seg_old, 0);
	*page |= NO_EXECUTE;
	purge();
	expect();
	asm volatile("ex 0,0(%0)" : : "a"(SEEN(code)) : "memory");
	check_code("EXECUTE of a no-execute page", PGM_PROTECTION);
	check("  its TEID", last.teid, (u64)SEEN(code) | 0x884);
	*page = page_old;
	cr0_off(CR0_IEP);
	purge();
}

static void low_addresses(void)
{
	expect();
	cr0_on(CR0_LOW_ADDRESS);
	*(volatile u8 *)8 = 1;
	check_code("low-address protection", PGM_PROTECTION);
	check("  its TEID", last.teid, 0x480);
	expect();
	cr0_on(CR0_LOW_ADDRESS);
	*(volatile u8 *)0x11ff = 1;
	check_code("low-address protection of the second page", PGM_PROTECTION);
	check("  its TEID", last.teid, 0x1480);
	expect();
	cr0_on(CR0_LOW_ADDRESS);
	*(volatile u8 *)0x1200 = 1;
	*(volatile u8 *)0x3b8 = 1;
	cr0_off(CR0_LOW_ADDRESS);
	check_code("not behind it", 0);
	expect();
	cr0_on(CR0_LOW_ADDRESS);
	*(volatile u8 *)SEEN(8) = 0;
	cr0_off(CR0_LOW_ADDRESS);
	check_code("by effective address, not by real one", 0);
	set_cr(1, get_cr(1) | 0x100);
	purge();
	expect();
	cr0_on(CR0_LOW_ADDRESS);
	*(volatile u8 *)0x1f = 0;
	cr0_off(CR0_LOW_ADDRESS);
	check_code("not in a private space", 0);
	set_cr(1, get_cr(1) & ~0x100ul);
	purge();
}

/* Intercepted instructions through the window. */
static void intercepted(void)
{
	u64 *entry = page_entry(frame);
	u64 old = *entry;

	*entry = old | PAGE_INVALID;
	purge();
	TRY(PGM_PAGE, "STPX, page invalid", "stpx 0(%0)" : : "a"(SEEN(frame)) : "memory");
	check("  its TEID", last.teid & ~0xc00ul, (u64)SEEN(frame));
	TRY(PGM_PAGE, "SPX, page invalid", "spx 0(%0)" : : "a"(SEEN(frame)) : "memory");
	TRY(PGM_PAGE, "STIDP, page invalid", "stidp 0(%0)" : : "a"(SEEN(frame)) : "memory");
	TRY(PGM_PAGE, "STAP, page invalid", "stap 0(%0)" : : "a"(SEEN(frame)) : "memory");
	TRY(PGM_PAGE, "SCK, page invalid", "sck 0(%0)" : : "a"(SEEN(frame)) : "cc", "memory");
	TRY(PGM_PAGE, "STSI, page invalid", "lgfi 0,0x10000001; lghi 1,1; stsi 0(%0)" : : "a"(SEEN(frame)) : "0", "1", "cc", "memory");
	*entry = old | PROTECT;
	purge();
	TRY(PGM_PROTECTION, "STPX, page protected", "stpx 0(%0)" : : "a"(SEEN(frame)) : "memory");
	check("  its TEID", last.teid, (u64)SEEN(frame) | 0x404);
	TRY(PGM_PROTECTION, "STSI, page protected", "lgfi 0,0x10000001; lghi 1,1; stsi 0(%0)" : : "a"(SEEN(frame)) : "0", "1", "cc", "memory");
	*(volatile u32 *)frame = 0;
	TRY(0, "SPX, page protected", "spx 0(%0)" : : "a"(SEEN(frame)) : "memory");
	*entry = old;
	purge();
}

void suite(void)
{
	make_tables();
	load_mask(psw_mask() | PSW_DAT);
	protection();
	large_frames();
	no_execute();
	low_addresses();
	intercepted();
	load_mask(psw_mask() & ~PSW_DAT);
}
