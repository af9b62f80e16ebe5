/* Products of matrices of 64-bit integers. */
#define N 96
#define ROUNDS 300

static long a[N][N], b[N][N], c[N][N];

__attribute__((noinline)) static void multiply(long (*to)[N], long (*x)[N], long (*y)[N])
{
	unsigned int i, j, k;

	for (i = 0; i < N; i++) {
		for (j = 0; j < N; j++) {
			long sum = 0;

			for (k = 0; k < N; k++)
				sum += x[i][k] * y[k][j];
			to[i][j] = sum;
		}
	}
}

unsigned long bench_main(void)
{
	unsigned long sum = 0;
	unsigned int round, i, j;

	for (i = 0; i < N; i++) {
		for (j = 0; j < N; j++) {
			a[i][j] = (long)i * 7 - j * 3;
			b[i][j] = (long)(i ^ j) + 1;
		}
	}
	for (round = 0; round < ROUNDS; round++) {
		multiply(c, a, b);
		for (i = 0; i < N; i++) {
			sum = sum * 31 + (unsigned long)c[i][(i * 5 + round) % N];
			a[i][round % N] = (long)sum & 0xffff;
		}
	}
	return sum;
}
