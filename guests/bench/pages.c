/* DAT on, 16,384 pages in use, more than a TLB holds: scattered reads and writes, walks in order, chains through pages. */
#include "dat.h"

#define PAGES 16384ul
#define WINDOW 0x40000000ul
#define FRAMES 0x2000000ul
#define TOUCHES 3000000

struct page_table page_tables[32 + PAGES / 256];
static struct space space;

unsigned long bench_main(void)
{
	unsigned long sum = 0, seed = 1, i, at = 0, *p;

	space_clear(&space);
	for (i = 0; i < FRAMES; i += PAGE)
		space_map(&space, i, i);
	/* Neighbours in the window are not neighbours in storage. */
	for (i = 0; i < PAGES; i++)
		space_map(&space, WINDOW + i * PAGE, FRAMES + (i * 5197 % PAGES) * PAGE);
	load_primary(space_asce(&space));
	asm volatile("stosm 0x408(0),4" : : : "memory");
	for (i = 0; i < PAGES; i++) {
		p = (unsigned long *)(WINDOW + i * PAGE);
		p[0] = (i * 7919 + 1) % PAGES;
		p[1] = i;
	}
	for (i = 0; i < TOUCHES; i++) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		p = (unsigned long *)(WINDOW + (seed >> 50) * PAGE);
		p[1] += seed >> 60;
		sum += p[0];
	}
	for (i = 0; i < TOUCHES; i++) {
		p = (unsigned long *)(WINDOW + i % PAGES * PAGE);
		sum = sum * 3 + p[1];
	}
	for (i = 0; i < TOUCHES; i++) {
		p = (unsigned long *)(WINDOW + at * PAGE);
		at = p[0];
		sum += at ^ i;
	}
	return sum;
}
