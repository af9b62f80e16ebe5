#include "corpus.h"

/* Loops that a compiler makes vector instructions of: sums, comparisons, conversions, a matrix product, byte strings. */

/* What is fused differs by level and machine. */
#pragma GCC optimize("fp-contract=off")

#define N 64
#define APART __attribute__((noinline, noclone))

static u8 bytes[4 * N], more[4 * N];
static u16 halves[N];
static s32 words[N], others[N];
static u64 doublewords[N];
static double doubles[N], products[N];
static float floats[N];

static APART void fill(void)
{
	for (int i = 0; i < 4 * N; i++)
		bytes[i] = draw(), more[i] = draw();
	for (int i = 0; i < N; i++) {
		halves[i] = draw();
		words[i] = draw();
		others[i] = draw();
		doublewords[i] = draw();
		doubles[i] = (double)(s32)draw() / 64;
		floats[i] = (float)(short)draw() / 8;
	}
}

static APART u32 adler(const u8 *p, int n)
{
	u32 a = 1, b = 0;
	for (int i = 0; i < n; i++)
		a += p[i], b += a;
	return (b % 65521) << 16 | a % 65521;
}

static APART u64 byte_sums(void)
{
	u32 sum = 0;
	u8 least = 255, most = 0;
	int equal = 0;
	for (int i = 0; i < 4 * N; i++) {
		sum += bytes[i];
		least = bytes[i] < least ? bytes[i] : least;
		most = bytes[i] > most ? bytes[i] : most;
		equal += bytes[i] == more[i];
	}
	return (u64)sum << 32 | equal << 16 | least << 8 | most;
}

static APART void average_and_saturate(void)
{
	for (int i = 0; i < 4 * N; i++) {
		int sum = bytes[i] + more[i];
		more[i] = sum > 255 ? 255 : sum;
		bytes[i] = (sum + 1) >> 1;
	}
}

static APART void integers_wide(void)
{
	for (int i = 0; i < N; i++) {
		u32 d = (u32)words[i] - (u32)others[i];
		others[i] = words[i] < others[i] ? -d : d * 3;
		halves[i] = (halves[i] >> 3 | halves[i] << 13) ^ words[i];
		doublewords[i] = (doublewords[i] << (i & 7)) + (doublewords[i] >> 11) - (u64)(s64)words[i];
	}
}

static APART u64 dot(void)
{
	u64 sum = 0;
	u64 high = 0;
	for (int i = 0; i < N; i++) {
		sum += (u64)((s64)words[i] * others[i]);
		high += ((u64)(u32)words[i] * (u32)others[i]) >> 32;
		high ^= __builtin_popcountll(doublewords[i]);
	}
	return sum ^ high << 17;
}

static APART void swapped(void)
{
	for (int i = 0; i < N; i++) {
		words[i] = __builtin_bswap32(words[N - 1 - i]);
		doublewords[i] = __builtin_bswap64(doublewords[i]);
	}
}

static APART void matrix(void)
{
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < 8; j++) {
			double sum = 0;
			for (int k = 0; k < 8; k++)
				sum += doubles[8 * i + k] * doubles[8 * k + j];
			products[8 * i + j] = sum;
		}
}

static APART void elementwise(void)
{
	for (int i = 0; i < N; i++) {
		double d = doubles[i];
		products[i] = d < 0 ? -d * 0.5 : d / 3 + products[i];
		floats[i] = __builtin_fabsf(floats[i]) + (float)d;
		words[i] = (s32)d;
		doublewords[i] += (u64)(s64)(products[i] / 1024);
	}
}

static APART int compared(const char *a, const char *b)
{
	int order = __builtin_strcmp(a, b);
	return (order > 0) - (order < 0);
}

static APART void texts(void)
{
	static char text[3 * 17 + 1], copy[80];
	for (int length = 0; length <= 3 * 17; length++) {
		for (int i = 0; i < length; i++)
			text[i] = 'a' + draw() % 26;
		text[length] = 0;
		mix(__builtin_strlen(text + length / 3));
		__builtin_strcpy(copy + length % 16, text);
		mix_bytes(copy, sizeof copy);
		mix(compared(text, copy + length % 16));
		copy[length / 2] ^= 1;
		mix(compared(text, copy) + 2 * __builtin_memcmp(text, copy, 16) == 0);
	}
}

void vectors(void)
{
	for (int round = 0; round < 4; round++) {
		fill();
		mix(adler(bytes, 4 * N - round));
		mix(byte_sums());
		average_and_saturate();
		integers_wide();
		mix(dot());
		swapped();
		matrix();
		elementwise();
		mix_bytes(bytes, sizeof bytes);
		mix_bytes(more, sizeof more);
		mix_bytes(halves, sizeof halves);
		mix_bytes(words, sizeof words);
		mix_bytes(others, sizeof others);
		mix_bytes(doublewords, sizeof doublewords);
		mix_bytes(products, sizeof products);
		mix_bytes(floats, sizeof floats);
		texts();
	}
}
