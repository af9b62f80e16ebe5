#include "corpus.h"

/* Fixed-point arithmetic of every width: products, quotients, shifts, rotations, comparisons, bit counts. */
static u32 rotate32(u32 x, u32 n)
{
	return (x << (n & 31)) | (x >> (-n & 31));
}

static u64 rotate64(u64 x, u32 n)
{
	return (x << (n & 63)) | (x >> (-n & 63));
}

static void narrow(u64 a, u64 b)
{
	s32 x = (s32)a, y = (s32)b;
	u32 ux = (u32)a, uy = (u32)b;
	mix((u32)(ux + uy));
	mix((u32)(ux - uy));
	mix((u32)(ux * uy));
	mix((u64)ux * uy);
	mix((u64)((s64)x * y));
	if (uy != 0) {
		mix(ux / uy);
		mix(ux % uy);
	}
	if (y != 0 && !(x == -0x7fffffff - 1 && y == -1)) {
		mix((u32)(x / y));
		mix((u32)(x % y));
	}
	mix((u32)(x >> (uy & 31)));
	mix(ux >> (uy & 31));
	mix(ux << (uy & 31));
	mix(rotate32(ux, uy));
	mix((x < y) | (x <= y) << 1 | (ux < uy) << 2 | (ux >= uy) << 3 | (x == y) << 4);
	mix((u32)(s8)ux + (u32)(s16)uy + (u8)ux + (u16)uy);
}

static void full(u64 a, u64 b)
{
	s64 x = (s64)a, y = (s64)b;
	mix(a + b);
	mix(a - b);
	mix(a * b);
	if (b != 0) {
		mix(a / b);
		mix(a % b);
	}
	if (y != 0 && !(a == 0x8000000000000000ULL && y == -1)) {
		mix((u64)(x / y));
		mix((u64)(x % y));
	}
	mix((u64)(x >> (b & 63)));
	mix(a >> (b & 63));
	mix(a << (b & 63));
	mix(rotate64(a, (u32)b));
	mix((a & b) ^ (a | ~b));
	mix((x < y) | (x <= y) << 1 | (a < b) << 2 | (a >= b) << 3 | (a == b) << 4);
	mix(a != 0 ? (u64)__builtin_clzll(a) : 64);
	mix((u64)__builtin_popcountll(a));
	mix(__builtin_bswap64(a) ^ __builtin_bswap32((u32)b) ^ __builtin_bswap16((u16)a));
	mix((a >> 13 & 0x3ff) << 7 | (b & 0x1f) << 33);
}

static void overflows(u64 a, u64 b)
{
	s32 narrow_sum;
	s64 sum;
	mix((u64)__builtin_add_overflow((s32)a, (s32)b, &narrow_sum) << 32 | (u32)narrow_sum);
	mix((u64)__builtin_sub_overflow((s64)a, (s64)b, &sum));
	mix((u64)sum);
}

void integers(void)
{
	for (int i = 0; i < 400; i++) {
		u64 a = draw(), b = draw();
		narrow(a, b);
		full(a, b);
		overflows(a, b);
	}
}
