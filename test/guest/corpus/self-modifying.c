#include "corpus.h"

/* A routine whose immediate operand is stored anew before every call, and one that is copied and then changed. */
static u16 routine[8] __attribute__((aligned(8))) = { 0xa729, 0x0000, 0x07fe };
static u16 other[8] __attribute__((aligned(8)));

static u64 call(void *code)
{
	register u64 result asm("2");
	asm volatile("basr %%r14,%1" : "=r"(result) : "a"(code) : "14", "cc", "memory");
	return (u32)result;
}

void self_modifying(void)
{
	for (int i = 0; i < 100; i++) {
		routine[1] = (u16)(i * 3);
		asm volatile("" ::: "memory");
		mix(call(routine));
		for (int k = 0; k < 8; k++)
			other[k] = routine[k];
		other[1] = (u16)(i & 0x7f);
		asm volatile("" ::: "memory");
		mix(call(other));
	}
}
