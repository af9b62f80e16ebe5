/* strlen and memchr by vectors, as C libraries have them: 16 bytes at a time, any alignment. */
#include <vecintrin.h>

#define STRING_SIZE 4096
#define ROUNDS 120000

static unsigned char text[STRING_SIZE + 64];

__attribute__((noinline)) static unsigned long string_length(const unsigned char *s)
{
	const vector unsigned char zeros = vec_splats((unsigned char)0);
	unsigned long at = 0;

	for (;;) {
		int cc;
		vector unsigned char found = vec_cmpeq_idx_cc(vec_xl(0, s + at), zeros, &cc);

		if (cc != 3)
			return at + found[7];
		at += 16;
	}
}

/* Its place, or the length. The last bytes come by VECTOR LOAD WITH LENGTH. */
__attribute__((noinline)) static unsigned long find_byte(const unsigned char *s, unsigned char c, unsigned long length)
{
	const vector unsigned char wanted = vec_splats(c);
	unsigned long at = 0;
	vector unsigned char found;
	int cc;

	for (; at + 16 <= length; at += 16) {
		found = vec_cmpeq_idx_cc(vec_xl(0, s + at), wanted, &cc);
		if (cc != 3)
			return at + found[7];
	}
	if (at == length)
		return length;
	found = vec_cmpeq_idx_cc(vec_load_len(s + at, length - at - 1), wanted, &cc);
	return cc != 3 && at + found[7] < length ? at + found[7] : length;
}

unsigned long bench_main(void)
{
	unsigned long sum = 0, round, i;

	for (i = 0; i < STRING_SIZE; i++)
		text[i] = (unsigned char)('a' + i % 26);
	for (round = 0; round < ROUNDS; round++) {
		unsigned long from = round % 61, to = STRING_SIZE - 1 - round % 1000;

		text[to] = 0;
		sum = sum * 3 + string_length(text + from);
		sum += find_byte(text + from, '!', to - from);
		text[to] = '!';
		sum ^= find_byte(text + from, '!', STRING_SIZE - from);
		text[to] = (unsigned char)('a' + to % 26);
	}
	return sum;
}
