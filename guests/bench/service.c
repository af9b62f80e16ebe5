/* A million service calls that read SCP information into a block of 8 KiB; the service signal is taken each time. */
#define CALLS 1000000ul
#define READ_SCP_INFO 0x00020001

static unsigned char block[8192] __attribute__((aligned(8192)));
unsigned long signals;

asm("	.balign	8\n"
    "external_entry:\n"
    "	stmg	%r0,%r3,0x300(%r0)\n"
    "	larl	%r1,signals\n"
    "	agsi	0(%r1),1\n"
    "	lmg	%r0,%r3,0x300(%r0)\n"
    "	lpswe	0x130(%r0)\n");
extern char external_entry[];

unsigned long bench_main(void)
{
	unsigned long i, sum = 0, cr0 = 0x4040200;
	int cc;

	*(unsigned long *)0x1b0 = 0x0000000180000000ul;
	*(unsigned long *)0x1b8 = (unsigned long)external_entry;
	asm volatile("lctlg 0,0,%0" : : "Q"(cr0));
	for (i = 0; i < CALLS; i++) {
		*(unsigned short *)block = sizeof block;
		block[2] = 0;
		do {
			asm volatile("	.insn	rre,0xb2200000,%1,%2\n"
				     "	ipm	%0\n"
				     "	srl	%0,28\n"
				     : "=d"(cc)
				     : "d"(READ_SCP_INFO), "a"(block)
				     : "cc", "memory");
		} while (cc == 2);
		asm volatile("stosm 0x408(0),1" : : : "memory");
		asm volatile("stnsm 0x408(0),0xfe" : : : "memory");
		sum = sum * 3 + *(unsigned short *)(block + 6);
	}
	return sum * 31 + signals;
}
