#include "corpus.h"

/* Strings and blocks, by the compiler's own expansions and by plain loops; overlapping moves among them. */
static char text[4096];
static char copy[4096];

static unsigned length_of(const char *s)
{
	const char *p = s;
	while (*p)
		p++;
	return p - s;
}

static int compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

void strings(void)
{
	for (unsigned i = 0; i < sizeof text - 1; i++)
		text[i] = 'a' + draw() % 26;
	for (int i = 0; i < 60; i++) {
		unsigned at = draw() % 2000, n = draw() % 1500;
		__builtin_memcpy(copy + at, text + n, 256);
		__builtin_memcpy(copy + at + 3, text + n, n);
		__builtin_memset(copy + n, (int)draw(), at);
		__builtin_memmove(copy + at, copy + at + 7, 100);
		copy[sizeof copy - 1] = 0;
		mix(length_of(copy + at));
		mix((u64)compare(copy + at, text + n));
		mix((u64)__builtin_memcmp(copy + at, text + n, 33) != 0);
		for (unsigned k = 1; k < 200; k++)
			copy[at + k] = copy[at + k - 1];
		mix_bytes(copy + (at & ~63u), 256);
	}
	mix_bytes(copy, sizeof copy);
}
