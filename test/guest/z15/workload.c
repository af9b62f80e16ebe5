/*
 * What compilers and libraries make of newer machines' instructions: built for each of them, it has to say the same. A line for each
 * part of the work, with a digest of all that came out of it.
 */
#include <math.h>
#include <regex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t digest(uint64_t seed, const void *data, size_t length)
{
	const unsigned char *p = data;
	for (size_t i = 0; i < length; i++)
		seed = (seed ^ p[i]) * 0x100000001b3u;
	return seed;
}

static void tell(const char *part, uint64_t value)
{
	printf("| %s %016llx\n", part, (unsigned long long)value);
}

/* ---- integers, which loops over arrays become vectors of */

static void integers(void)
{
	static int32_t a[1024], b[1024];
	static uint8_t c[1024], d[1024];
	static int64_t e[1024];
	static uint16_t h[1024];
	for (int i = 0; i < 1024; i++) {
		a[i] = (int32_t)next();
		b[i] = (int32_t)(next() >> 5) | 1;
		c[i] = (uint8_t)next();
	}
	uint64_t sum = 0;
	int32_t most = 0;
	for (int i = 0; i < 1024; i++) {
		sum += (uint32_t)a[i] * (uint32_t)b[i] + (uint64_t)((uint32_t)a[i] >> (b[i] & 31));
		most = a[i] > most ? a[i] : most;
		d[i] = c[i] > 0x80 ? c[i] - 7 : c[1023 - i] ^ 0x55;
		e[i] = (int64_t)a[i] * b[i] / (b[i] >> 3 ? b[i] >> 3 : 1);
		h[i] = __builtin_bswap16((uint16_t)(a[i] + c[i]));
	}
	int population = 0;
	for (int i = 0; i < 1024; i++)
		population += __builtin_popcountll((uint64_t)e[i]) + __builtin_clzll((uint64_t)e[i] | 1);
	unsigned __int128 wide = 1;
	for (int i = 0; i < 64; i++)
		wide = wide * ((unsigned __int128)(uint64_t)e[i] | 1) + sum;
	uint64_t value = digest(digest(sum, d, sizeof d), e, sizeof e);
	value = digest(digest(value, h, sizeof h), &wide, sizeof wide);
	tell("integers", value + (uint32_t)most + (uint32_t)population);
}

/* ---- floating point: a matrix, and sums in float, double and long double */

static void numbers(void)
{
	static double a[48][48], b[48][48], c[48][48];
	static float f[512], g[512];
	for (int i = 0; i < 48; i++)
		for (int j = 0; j < 48; j++) {
			a[i][j] = (double)(int64_t)next() / 1e15;
			b[i][j] = (double)(int32_t)next() / 3.0;
			c[i][j] = 0;
		}
	for (int i = 0; i < 48; i++)
		for (int k = 0; k < 48; k++)
			for (int j = 0; j < 48; j++)
				c[i][j] += a[i][k] * b[k][j];
	for (int i = 0; i < 512; i++) {
		f[i] = (float)(int32_t)next() / 7.0f;
		g[i] = f[i] < 0 ? -f[i] : sqrtf(f[i]);
	}
	long double total = 0;
	for (int i = 0; i < 512; i++)
		total += (long double)f[i] * g[i] + (long double)floor(c[i % 48][i / 48 % 48]) - fminf(f[i], g[511 - i]);
	int64_t rounded = 0;
	for (int i = 0; i < 512; i++)
		rounded += (int64_t)f[i] + llrint(c[i % 48][7] / 1e9) + (uint32_t)fabsf(g[i]);
	char text[120];
	snprintf(text, sizeof text, "%.30Lg %.17g %a", total, c[3][5], c[7][9]);
	tell("numbers", digest(digest((uint64_t)rounded, c, sizeof c), text, strlen(text)));
}

/* ---- the C library's strings, which choose their code by what the machine has */

static void strings(void)
{
	static char text[4096], copy[4096];
	static wchar_t wide[512];
	uint64_t value = 1;
	for (int i = 0; i < 4095; i++)
		text[i] = (char)('a' + next() % 26);
	for (int round = 0; round < 200; round++) {
		size_t at = next() % 3000, length = 1 + next() % 900;
		char kept = text[at + length];
		text[at + length] = 0;
		memset(copy, '#', sizeof copy);
		strncpy(copy + round % 16, text + at, length);
		char *found = memchr(text + at, 'q', length);
		char *last = strrchr(text + at, 'e');
		char *any = strpbrk(text + at, "xyz");
		char *part = strstr(text, (char[]){ text[at], text[at + 1], 0 });
		value = value * 31 + strlen(text + at) + strnlen(text + at, length / 2);
		value = value * 31 + (found ? (size_t)(found - text) : 7) + (last ? (size_t)(last - text) : 9);
		value = value * 31 + strspn(text + at, "abcdefghijklm") + strcspn(text + at, "z");
		value = value * 31 + (any ? (size_t)(any - text) : 3) + (part ? (size_t)(part - text) : 1);
		value = value * 31 + (uint64_t)((strcmp(copy + round % 16, text + at) > 0) - (memcmp(copy, text, length) < 0));
		value = value * 31 + (uint64_t)(strncmp(text, text + at, length) > 0) + (uint64_t)(strcasecmp(text, text + at) < 0);
		value = value * 31 + (size_t)((char *)rawmemchr(text + at, 0) - text);
		value = value * 31 + (size_t)(stpcpy(copy, text + at) - copy) + (size_t)(strchrnul(text + at, 'j') - text);
		memmove(copy + 3, copy, length);
		value = digest(value, copy, sizeof copy);
		text[at + length] = kept;
	}
	for (int i = 0; i < 511; i++)
		wide[i] = (wchar_t)(0x100 + next() % 300);
	for (int i = 0; i < 100; i++) {
		size_t at = next() % 400;
		value = value * 31 + wcslen(wide + at) + wcscspn(wide + at, L"\u0123\u01aa");
		value = value * 31 + (uint64_t)(wmemchr(wide + at, 0x155, 100) != NULL) + (uint64_t)(wcscmp(wide, wide + at) < 0);
	}
	tell("strings", value);
}

static void expressions(void)
{
	static const char *const patterns[] = { "([a-z]+)([0-9]+)?x", "^(a|b)*c", "[^aeiou]{3,5}[aeiou]", "(..)\\1", "k.*m.*z$" };
	char text[200];
	uint64_t value = 5;
	for (int round = 0; round < 120; round++) {
		regex_t compiled;
		regmatch_t found[4];
		for (int i = 0; i < 199; i++)
			text[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[next() % 36];
		text[40 + next() % 150] = 0;
		text[199] = 0;
		if (regcomp(&compiled, patterns[round % 5], REG_EXTENDED))
			continue;
		int result = regexec(&compiled, text, 4, found, 0);
		value = value * 31 + (uint64_t)result;
		for (int i = 0; i < 4 && result == 0; i++)
			value = value * 31 + (uint64_t)found[i].rm_so * 256 + (uint64_t)found[i].rm_eo;
		regfree(&compiled);
	}
	tell("expressions", value);
}

/* ---- ciphers and digests in C: rotations, bytes by tables, words turned around */

static uint32_t rotated(uint32_t x, int n)
{
	return (x >> n) | (x << (32 - n));
}

static void sha256(uint32_t h[8], const unsigned char *block)
{
	static uint32_t k[64];
	if (!k[0])
		for (int n = 2, i = 0; i < 64; n++) {
			int prime = 1;
			for (int d = 2; d * d <= n; d++)
				prime &= n % d != 0;
			if (prime)
				k[i++] = (uint32_t)(uint64_t)(cbrt(n) * 4294967296.0);
		}
	uint32_t w[64], s[8];
	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(s, h, sizeof s);
	for (int i = 0; i < 64; i++) {
		uint32_t t = s[7] + (rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25)) +
			     ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
		uint32_t u = (rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22)) +
			     ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, 7 * sizeof *s);
		s[4] += t;
		s[0] = t + u;
	}
	for (int i = 0; i < 8; i++)
		h[i] += s[i];
}

static void chacha(uint32_t x[16])
{
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < 4; i++) {
			uint32_t *a = x + i, *b = x + 4 + (i + (round & 1)) % 4, *c = x + 8 + (i + 2 * (round & 1)) % 4,
				 *d = x + 12 + (i + 3 * (round & 1)) % 4;
			*a += *b, *d = rotated(*d ^ *a, 16);
			*c += *d, *b = rotated(*b ^ *c, 20);
			*a += *b, *d = rotated(*d ^ *a, 24);
			*c += *d, *b = rotated(*b ^ *c, 25);
		}
}

static void ciphers(void)
{
	uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	uint32_t x[16];
	unsigned char block[64];
	for (int i = 0; i < 64; i++)
		block[i] = (unsigned char)next();
	for (int i = 0; i < 100; i++) {
		sha256(h, block);
		memcpy(block, h, sizeof h);
	}
	memcpy(x, block, sizeof x);
	for (int i = 0; i < 100; i++)
		chacha(x);
	tell("ciphers", digest(digest(3, h, sizeof h), x, sizeof x));
}


/* ---- decimal: floating point, by instructions or by the compiler's library, and conversions that want packed digits */

static void decimals(void)
{
	_Decimal64 sum = 0, product = 1;
	_Decimal128 big = 1;
	uint64_t value = 11;
	for (int i = 1; i < 400; i++) {
		_Decimal64 a = (_Decimal64)(int32_t)next() / 100, b = (_Decimal64)(int)(next() % 100000 + 1) / 1000;
		sum += a * b;
		product = product * (b / 50 + (_Decimal64)0.5DD);
		big = big / 3 + (_Decimal128)a * (_Decimal128)b;
		value = value * 31 + (uint64_t)(int64_t)sum + (uint64_t)(a < b) + (uint64_t)(int64_t)(big / 1000000);
		_Decimal32 little = (_Decimal32)a;
		value = digest(value, &little, sizeof little);
		double binary = (double)b;
		value = digest(value, &binary, sizeof binary);
	}
	value = digest(digest(digest(value, &sum, sizeof sum), &product, sizeof product), &big, sizeof big);
	tell("decimals", value);
}

/* The packed digits of a sum and of a product, by vector instructions where there are any for it. */
#if __ARCH__ >= 12
typedef unsigned char digits __attribute__((vector_size(16)));

static void pack(unsigned char out[2][16], int64_t n, int32_t m)
{
	digits a, b, sum, product;
	asm("vcvdg %0,%1,31,1" : "=v"(a) : "d"(n));
	asm("vcvd %0,%1,31,1" : "=v"(b) : "d"(m));
	asm("vap %0,%1,%2,31,1" : "=v"(sum) : "v"(a), "v"(b) : "cc");
	asm("vmp %0,%1,%2,31,1" : "=v"(product) : "v"(a), "v"(b) : "cc");
	memcpy(out[0], &sum, 16);
	memcpy(out[1], &product, 16);
}
#else
static void pack_one(unsigned char *out, __int128 n)
{
	unsigned __int128 left = n < 0 ? -(unsigned __int128)n : (unsigned __int128)n;
	out[15] = (unsigned char)(left % 10 << 4 | (n < 0 ? 0xd : 0xc));
	left /= 10;
	for (int i = 14; i >= 0; i--, left /= 100)
		out[i] = (unsigned char)(left / 10 % 10 << 4 | left % 10);
}

static void pack(unsigned char out[2][16], int64_t n, int32_t m)
{
	pack_one(out[0], (__int128)n + m);
	pack_one(out[1], (__int128)n * m);
}
#endif

static void packed(void)
{
	uint64_t value = 13;
	for (int i = 0; i < 300; i++) {
		char text[64];
		unsigned char out[2][16];
		long long n = (long long)next() >> (next() % 50);
		snprintf(text, sizeof text, "%lld|%020llu|%.12f", n, (unsigned long long)n, (double)n / 1e6);
		value = value * 31 + (uint64_t)strtoll(text, NULL, 10) + (uint64_t)(int64_t)strtod(text, NULL);
		value = digest(value, text, strlen(text));
		pack(out, n, (int32_t)next());
		value = digest(value, out, sizeof out);
	}
	tell("packed", value);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void sorting(void)
{
	static char names[400][12];
	for (int i = 0; i < 400; i++)
		for (int j = 0; j < 11; j++)
			names[i][j] = (char)('A' + next() % (j < 3 ? 3 : 26));
	qsort(names, 400, sizeof *names, compare);
	tell("sorting", digest(17, names, sizeof names));
}

/* With an argument without what some machines do not have: decimal floating point, packed digits in vectors. */
int main(int argc, char **argv)
{
	(void)argv;
	integers();
	numbers();
	strings();
	expressions();
	ciphers();
	sorting();
	if (argc < 2) {
		decimals();
		packed();
	}
	return 0;
}
