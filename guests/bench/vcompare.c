/* String comparison by vectors: the first byte that differs or ends both. */
#include <vecintrin.h>

#define STRING_SIZE 4096
#define ROUNDS 240000

static unsigned char left[STRING_SIZE + 64], right[STRING_SIZE + 64];

__attribute__((noinline)) static int compare(const unsigned char *a, const unsigned char *b)
{
	unsigned long at = 0;

	for (;;) {
		int cc;
		vector unsigned char place = vec_cmpne_or_0_idx_cc(vec_xl(0, a + at), vec_xl(0, b + at), &cc);

		if (cc != 3)
			return a[at + place[7]] - b[at + place[7]];
		at += 16;
	}
}

unsigned long bench_main(void)
{
	unsigned long sum = 0, round, i;

	for (i = 0; i < STRING_SIZE; i++)
		left[i] = right[i] = (unsigned char)('a' + i % 26);
	for (round = 0; round < ROUNDS; round++) {
		unsigned long differs = STRING_SIZE - 1 - round % 2000;

		right[differs] = (unsigned char)round;
		sum = sum * 31 + (unsigned long)compare(left + round % 13, right + round % 13);
		right[differs] = left[differs];
	}
	return sum;
}
