/*
 * Translation tables (PoP, "Dynamic Address Translation"): the home space of the kernel and the spaces of the programs.
 * Tables come from TABLES_START up and are never given back; a program that starts again uses its old ones.
 */
#include "ctl.h"
#include "kernel.h"

#define ORIGIN_MASK (~0xfffULL)
#define PAGE_TABLE_MASK (~0x7ffULL)
#define TABLE_FULL 3ULL                /* table length: 2048 entries of a region or segment table */
#define ENTRY_INVALID 0x20ULL
#define SEGMENT_FORMAT_CONTROL 0x400ULL
#define LEVEL_MASK 0xcULL              /* designation type of an ASCE, table type of an entry */
#define TABLE_ENTRIES 2048
#define PAGE_TABLE_ENTRIES 256

extern u8 __text_start[], __protected_end[];

u64 home_asce;
bool edat;
static u64 tables_next = TABLES_START;

static void *table_alloc(u64 size)
{
	u64 table = (tables_next + size - 1) & -size;

	if (table + size > TABLES_END)
		panic(PANIC_STORAGE, 3, "no room for another translation table");
	tables_next = table + size;
	return (void *)table;
}

static u64 *table_create(u32 entries, u64 invalid)
{
	u64 *table = table_alloc(entries * sizeof(u64));
	u32 i;

	for (i = 0; i < entries; i++)
		table[i] = invalid;
	return table;
}

/** Designates a new, empty address space; `type` is the designation type of its ASCE. */
u64 space_create(u64 type)
{
	return (u64)table_create(TABLE_ENTRIES, ENTRY_INVALID | type) | type | TABLE_FULL;
}

/* Level: 8 region second, 4 region third, 0 segment, as in the ASCE. */
static u32 table_index(u64 address, u64 level)
{
	u32 shift = level == ASCE_REGION_SECOND ? 42 : level == ASCE_REGION_THIRD ? 31 : 20;

	return (u32)(address >> shift) % TABLE_ENTRIES;
}

/** The segment-table entry for `address`, with the region tables above it made on the way, or NULL. */
static u64 *segment_table_entry(u64 asce, u64 address, bool create)
{
	u64 level = asce & LEVEL_MASK;
	u64 *table = (u64 *)(asce & ORIGIN_MASK);

	for (;; level -= ASCE_REGION_THIRD) {
		u64 *entry = &table[table_index(address, level)];

		if (level == ASCE_SEGMENT)
			return entry;
		if (*entry & ENTRY_INVALID) {
			if (!create)
				return NULL;
			u64 below = level - ASCE_REGION_THIRD;
			u64 *next = table_create(TABLE_ENTRIES, ENTRY_INVALID | below);
			*entry = (u64)next | level | TABLE_FULL;
		}
		table = (u64 *)(*entry & ORIGIN_MASK);
	}
}

/** The page-table entry for `address`, or NULL where a table is missing and `create` is false. */
u64 *page_table_entry(u64 asce, u64 address, bool create)
{
	u64 *segment = segment_table_entry(asce, address, create);

	if (!segment)
		return NULL;
	if (*segment & ENTRY_INVALID) {
		if (!create)
			return NULL;
		*segment = (u64)table_create(PAGE_TABLE_ENTRIES, PAGE_INVALID);
	}
	u64 *table = (u64 *)(*segment & PAGE_TABLE_MASK);
	return &table[(address >> 12) % PAGE_TABLE_ENTRIES];
}

static void map_range(u64 start, u64 end, u64 real, u64 flags)
{
	for (; start < end; start += PAGE_SIZE, real += PAGE_SIZE)
		*page_table_entry(home_asce, start, true) = real | flags;
}

/**
 * Home space: lowcore and everything from the image up to 16 MiB, one to one; the kernel's text and constants are
 * protected, 0x2000 to the image stays invalid to catch stray pointers.
 */
void home_space_init(void)
{
	home_asce = space_create(ASCE_REGION_THIRD);
	map_range(0, sizeof(struct lowcore), 0, 0);
	map_range(KERNEL_START, IDENTITY_END, KERNEL_START, 0);
	map_range((u64)__text_start, (u64)__protected_end, (u64)__text_start, PAGE_PROTECT);
	lctlg(1, home_asce);
	lctlg(7, home_asce);
	lctlg(13, home_asce);
}

/** Maps the trace ring to the MiB of storage at `real`: one large segment, or 256 pages without EDAT-1. */
void trace_segment_init(u64 real)
{
	if (edat)
		*segment_table_entry(home_asce, TRACE_START, true) = real | SEGMENT_FORMAT_CONTROL;
	else
		map_range(TRACE_START, TRACE_START + TRACE_SIZE, real, 0);
}

/** Asks the machine itself: LRAG and TPROT must agree with the tables. */
void paging_self_check(u64 trace_real)
{
	u64 real;

	if (lrag(TRACE_START + 0x12345, &real) != 0 || real != trace_real + 0x12345)
		panic(PANIC_SELF_CHECK, 2, "LRAG does not find the trace ring");
	if (tprot((u64)__text_start) != 1)
		panic(PANIC_SELF_CHECK, 3, "TPROT: kernel text is not protected");
	if (tprot(WINDOW_START) != 0)
		panic(PANIC_SELF_CHECK, 4, "TPROT: the window cannot be stored to");
	if (tprot(sizeof(struct lowcore)) != 3)
		panic(PANIC_SELF_CHECK, 5, "TPROT: the page after lowcore is mapped");
}
