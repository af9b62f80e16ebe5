/* Products of matrices of doubles, which the compiler makes of fused multiply-adds of two elements. */
#define N 96
#define ROUNDS 30

static double a[N][N], b[N][N], c[N][N];

__attribute__((noinline)) static void multiply(double (*to)[N], double (*x)[N], double (*y)[N])
{
	for (unsigned int i = 0; i < N; i++) {
		for (unsigned int j = 0; j < N; j++)
			to[i][j] = 0;
		for (unsigned int k = 0; k < N; k++)
			for (unsigned int j = 0; j < N; j++)
				to[i][j] += x[i][k] * y[k][j];
	}
}

unsigned long bench_main(void)
{
	unsigned long sum = 0;

	for (unsigned int i = 0; i < N; i++) {
		for (unsigned int j = 0; j < N; j++) {
			a[i][j] = (double)(i * 7 + j * 3 + 1) / 16;
			b[i][j] = 1 / (double)(i + 2 * j + 1);
		}
	}
	for (unsigned int round = 0; round < ROUNDS; round++) {
		multiply(c, a, b);
		for (unsigned int i = 0; i < N; i++) {
			union { double value; unsigned long bits; } one = { c[i][(i * 5 + round) % N] };

			sum = sum * 31 + one.bits;
			a[i][round % N] = one.value / 64;
		}
	}
	return sum;
}
