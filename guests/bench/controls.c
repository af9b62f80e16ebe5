/* Two million loads of a control register: 6, which nothing but interruptions looks at, and 1, which names an address space. */
#define TURNS 1000000

unsigned long bench_main(void)
{
	unsigned long i, six = 0, one = 0x1000;

	for (i = 0; i < TURNS; i++) {
		six ^= 0x80000000;
		asm volatile("lctlg 6,6,%0" : : "Q"(six));
		one ^= 0x3000;
		asm volatile("lctlg 1,1,%0" : : "Q"(one));
	}
	asm volatile("stctg 6,6,%0" : "=Q"(six));
	return six + one;
}
