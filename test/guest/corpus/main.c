#include "corpus.h"

u64 results[16];
static u64 *digest = results;
static u64 state;

void mix(u64 value)
{
	*digest = (*digest ^ value) * 0x100000001b3ULL;
	*digest ^= *digest >> 29;
}

void mix_bytes(const void *bytes, unsigned long length)
{
	const u8 *p = bytes;
	while (length--)
		mix(*p++);
}

static const u64 edges[] = {
	0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
	0x100000000ULL, 0x7fffffffffffffffULL, 0x8000000000000000ULL, 0xffffffffffffffffULL,
};

u64 draw(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	u64 x = state ^ (state >> 33);
	return x % 7 == 0 ? edges[(x >> 8) & 15] : x >> (x & 31);
}

/* The compiler may call these. */
void *memset(void *to, int byte, unsigned long length)
{
	volatile u8 *p = to;
	while (length--)
		*p++ = byte;
	return to;
}

void *memcpy(void *to, const void *from, unsigned long length)
{
	volatile u8 *p = to;
	const u8 *q = from;
	while (length--)
		*p++ = *q++;
	return to;
}

void *memmove(void *to, const void *from, unsigned long length)
{
	volatile u8 *p = to;
	const u8 *q = from;
	if ((u8 *)to < q)
		return memcpy(to, from, length);
	while (length--)
		p[length] = q[length];
	return to;
}

int memcmp(const void *a, const void *b, unsigned long length)
{
	const u8 *p = a, *q = b;
	for (; length--; p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

unsigned long strlen(const char *text)
{
	unsigned long n = 0;
	while (text[n] != 0)
		n++;
	return n;
}

char *strcpy(char *to, const char *from)
{
	memcpy(to, from, strlen(from) + 1);
	return to;
}

int strcmp(const char *a, const char *b)
{
	while (*a != 0 && *a == *b)
		a++, b++;
	return (u8)*a - (u8)*b;
}

/* Not in the 31-bit library, and called for machines without POPULATION COUNT. */
int __popcountdi2(u64 x);
int __popcountdi2(u64 x)
{
	int n = 0;
	for (; x != 0; x &= x - 1)
		n++;
	return n;
}

int main(void)
{
	static void (*const programs[])(void) = {
		integers, wide, strings, floating, control, structures, atomics, self_modifying, vectors,
	};
	for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++) {
		digest = &results[i];
		*digest = 0xcbf29ce484222325ULL;
		state = 12345 + i;
		programs[i]();
	}
	return 0;
}
