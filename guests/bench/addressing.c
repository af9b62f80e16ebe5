/* 229,000 addressing exceptions in a row with DAT on; the handler reloads control register 0 each time. */
#include "dat.h"

#define EXCEPTIONS 229000ul
#define NOWHERE 0x7000000000ul

struct page_table page_tables[16];
static struct space space;
unsigned long exceptions;

asm("	.balign	8\n"
    "pgm_entry:\n"
    "	stmg	%r0,%r3,0x300(%r0)\n"
    "	stctg	%c0,%c0,0x380(%r0)\n"
    "	larl	%r1,exceptions\n"
    "	agsi	0(%r1),1\n"
    "	llgh	%r2,0x8e(%r0)\n"
    "	chi	%r2,5\n"
    "	jne	0f\n"
    "	lctlg	%c0,%c0,0x380(%r0)\n"
    "	lmg	%r0,%r3,0x300(%r0)\n"
    "	lpswe	0x150(%r0)\n" /* program old PSW: addressing exceptions suppress, so the next instruction follows */
    "0:	larl	%r1,failed\n"
    "	lpswe	0(%r1)\n"
    "	.balign	8\n"
    "failed:\n"
    "	.quad	0x0002000180000000,0xbad1\n");
extern char pgm_entry[];

unsigned long bench_main(void)
{
	unsigned long i, sum = 0;

	space_clear(&space);
	for (i = 0; i < 0x1000000; i += PAGE)
		space_map(&space, i, i);
	space_map(&space, 0x10000000, NOWHERE);
	*(unsigned long *)0x1d0 = 0x0400000180000000ul;
	*(unsigned long *)0x1d8 = (unsigned long)pgm_entry;
	load_primary(space_asce(&space));
	asm volatile("stosm 0x408(0),4" : : : "memory");
	for (i = 0; i < EXCEPTIONS; i++) {
		unsigned long value = i;

		asm volatile("lg %0,0(%1)" : "+d"(value) : "a"(0x10000000ul + (i & 511) * 8) : "memory");
		sum += value;
	}
	asm volatile("stnsm 0x408(0),0xfb" : : : "memory");
	return sum + exceptions;
}
