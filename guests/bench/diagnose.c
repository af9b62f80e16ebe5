/* Two million times the DIAGNOSE that a hypervisor intercepts and answers at once: the rest of the turn to this very CPU. */
#define ROUNDS 2000000ul

unsigned long bench_main(void)
{
	unsigned long i, sum = 0;
	register unsigned long self asm("1") = 0;

	for (i = 0; i < ROUNDS; i++) {
		asm volatile("diag	%0,%0,0x9c" : : "d"(self) : "memory");
		sum = sum * 3 + i;
	}
	return sum;
}
