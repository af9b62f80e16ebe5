/* A checksum by VECTOR GALOIS FIELD MULTIPLY SUM AND ACCUMULATE, 64 bytes at a time, as CRC-32 is folded. */
#include <vecintrin.h>

#define BUFFER_SIZE 65536
#define ROUNDS 4000
#define LANES 4

typedef vector unsigned long long doublewords;

static unsigned long long buffer[BUFFER_SIZE / 8] __attribute__((aligned(16)));

__attribute__((noinline)) static doublewords fold(const unsigned long long *data, unsigned long count, doublewords seed)
{
	const doublewords by = { 0x1751997d0ull, 0x0ccaa009eull };
	doublewords sum[LANES] = { seed, seed, seed, seed };

	for (unsigned long at = 0; at < count; at += 2 * LANES)
		for (unsigned int lane = 0; lane < LANES; lane++)
			sum[lane] = (doublewords)vec_gfmsum_accum_128(
				sum[lane], by, (vector unsigned char)vec_xl(0, data + at + 2 * lane));
	return sum[0] ^ sum[1] ^ sum[2] ^ sum[3];
}

unsigned long bench_main(void)
{
	doublewords sum = { 1, 2 };
	unsigned long round, i;

	for (i = 0; i < BUFFER_SIZE / 8; i++)
		buffer[i] = i * 0x9e3779b97f4a7c15ull;
	for (round = 0; round < ROUNDS; round++) {
		sum = fold(buffer, BUFFER_SIZE / 8, sum);
		buffer[round % (BUFFER_SIZE / 8)] ^= sum[1];
	}
	return sum[0] ^ sum[1];
}
