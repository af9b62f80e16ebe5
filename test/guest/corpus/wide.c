#include "corpus.h"

/* Sums, products and quotients of twice the register's width. */
#ifdef __SIZEOF_INT128__
typedef unsigned __int128 u128;
typedef __int128 s128;

static void mix_wide(u128 x)
{
	mix((u64)(x >> 64));
	mix((u64)x);
}

void wide(void)
{
	for (int i = 0; i < 200; i++) {
		u128 a = (u128)draw() << 64 | draw();
		u128 b = (u128)draw() << 64 | draw();
		mix_wide(a + b);
		mix_wide(a - b);
		mix_wide(a * b);
		mix_wide(a >> (i & 127));
		mix_wide(a << (i & 127));
		mix_wide((u128)((s128)a >> (i & 127)));
		mix((u64)(a < b) | (u64)((s128)a < (s128)b) << 1);
		mix_wide((u128)(u64)a * (u64)b);
		mix_wide((u128)((s128)(s64)a * (s64)b));
	}
}
#else
void wide(void)
{
	for (int i = 0; i < 200; i++) {
		u64 a = draw(), b = draw();
		mix(a + b);
		mix(a - b);
		mix(a * b);
		mix((u64)(u32)a * (u32)b);
	}
}
#endif
