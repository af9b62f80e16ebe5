#include "corpus.h"

/* What the compiler makes of atomic operations. */
static u32 word = 5;
static unsigned long value = 77;
static u8 byte = 9;
static u16 half = 1000;

void atomics(void)
{
	for (int i = 0; i < 200; i++) {
		u32 a = (u32)draw();
		unsigned long b = (unsigned long)draw();
		mix(__atomic_fetch_add(&word, a, __ATOMIC_SEQ_CST));
		mix(__atomic_fetch_and(&word, ~(a >> 3), __ATOMIC_SEQ_CST));
		mix(__atomic_fetch_xor(&value, b, __ATOMIC_SEQ_CST));
		mix(__atomic_fetch_or(&value, b >> 7, __ATOMIC_SEQ_CST));
		mix(__atomic_exchange_n(&value, b, __ATOMIC_SEQ_CST));
		mix(__atomic_fetch_add(&byte, (u8)a, __ATOMIC_SEQ_CST));
		u16 expected = (i & 1) != 0 ? half : (u16)a;
		mix(__atomic_compare_exchange_n(&half, &expected, (u16)(a + 1), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
		mix(expected);
	}
}
