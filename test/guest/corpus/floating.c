#include "corpus.h"

/* Binary floating point of three widths: arithmetic, comparison, conversion, what NaN, infinity and zero do. */
union bits32 { u32 bits; float value; };
union bits64 { u64 bits; double value; };

static float short_of(u64 x)
{
	union bits32 u = { .bits = (u32)x };
	return u.value;
}

static double long_of(u64 x)
{
	union bits64 u = { .bits = x };
	return u.value;
}

static void mix_short(float x)
{
	union bits32 u = { .value = x };
	mix(u.bits);
}

static void mix_long(double x)
{
	union bits64 u = { .value = x };
	mix(u.bits);
}

static void shorts(float a, float b)
{
	mix_short(a + b);
	mix_short(a - b);
	mix_short(a * b);
	mix_short(a / b);
	mix_short(-a);
	mix_short(__builtin_fabsf(b));
	mix((a < b) | (a <= b) << 1 | (a == b) << 2 | (a != b) << 3 | (a > b) << 4);
	mix_long((double)a);
}

static void longs(double a, double b)
{
	mix_long(a + b);
	mix_long(a - b);
	mix_long(a * b);
	mix_long(a / b);
	mix_long(a * b + a);
	mix_long(__builtin_sqrt(__builtin_fabs(a)));
	mix((a < b) | (a <= b) << 1 | (a == b) << 2 | (a != b) << 3 | (a > b) << 4);
	mix_short((float)a);
	if (__builtin_fabs(a) < 1e9) {
		mix((u64)(s64)a);
		mix((u32)(s32)a);
	}
}

static void extended(double a, double b)
{
	long double x = a, y = b;
	long double sum = x + y, product = x * y;
	mix_long((double)sum);
	mix_long((double)(product - x));
	mix_long((double)(product / (y + 1)));
	mix((x < y) | (sum == product) << 1);
	mix_bytes(&product, sizeof product);
}

void floating(void)
{
	for (int i = 0; i < 300; i++) {
		u64 a = draw() ^ draw() << 40, b = draw() ^ draw() << 37;
		shorts(short_of(a), short_of(b));
		longs(long_of(a), long_of(b));
		double x = (double)(s64)a, y = (double)(u32)b / 3;
		shorts((float)x, (float)y);
		longs(x, y);
		extended(x, y);
		mix_long((double)(s32)b + (float)(s32)a);
	}
}
