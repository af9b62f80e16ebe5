/* Loops of 20 million STNSM, STOSM and SSM: interruption masks closed and opened with nothing pending. */
#define TURNS 10000000

unsigned long bench_main(void)
{
	unsigned long i, sum = 0;
	unsigned char mask = 0;

	for (i = 0; i < TURNS; i++) {
		asm volatile("stnsm 0x408(0),0xfc" : : : "memory");
		asm volatile("stosm 0x409(0),0x03" : : : "memory");
		sum += *(volatile unsigned char *)0x408;
	}
	for (i = 0; i < 2 * TURNS; i++) {
		mask ^= 3;
		asm volatile("ssm %0" : : "Q"(mask) : "memory");
		sum += mask;
	}
	return sum;
}
