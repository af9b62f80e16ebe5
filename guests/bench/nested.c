/* A hypervisor: START INTERPRETIVE EXECUTION of a guest that executes the same DIAGNOSE in a loop, two million times. */
#define ROUNDS 2000000ul

/* The state description, field by field as far as this guest needs it. */
static union {
	unsigned char bytes[512];
	unsigned int words[128];
	unsigned long doublewords[64];
} block __attribute__((aligned(4096)));

#define ZARCH_AND_SM 0x880
#define INSTRUCTION 0x04

asm("	.balign	8\n"
    "guest:\n"
    "	diag	%r1,%r1,0x9c\n"
    "	j	guest\n");
extern char guest[];

unsigned long bench_main(void)
{
	unsigned long i, sum = 0, real_space = 0x20;

	block.words[0] = ZARCH_AND_SM;
	block.bytes[0x52] = block.bytes[0x53] = 0xff;
	block.doublewords[0x90 / 8] = 0x0000000180000000ul;
	block.doublewords[0x98 / 8] = (unsigned long)guest;
	block.doublewords[0x100 / 8] = 0xe0;
	asm volatile("lctlg %%c1,%%c1,%0" : : "Q"(real_space) : "memory");
	for (i = 0; i < ROUNDS; i++) {
		block.bytes[0x50] = 0;
		asm volatile("	.insn	s,0xb2140000,0(%0)\n" : : "a"(&block) : "memory", "cc", "0", "1");
		if (block.bytes[0x50] != INSTRUCTION)
			break;
		sum = sum * 3 + i;
	}
	return sum + block.doublewords[0x98 / 8] - (unsigned long)guest;
}
