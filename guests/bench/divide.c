/* Division, remainder, products of 128 bits: modular exponentiation, hashing by multiply-high, decimal digits. */
#define ROUNDS 900000

static unsigned long power(unsigned long base, unsigned long exponent, unsigned long modulus)
{
	unsigned long result = 1;

	for (base %= modulus; exponent; exponent >>= 1) {
		if (exponent & 1)
			result = result * base % modulus;
		base = base * base % modulus;
	}
	return result;
}

static unsigned long multiply_high(unsigned long a, unsigned long b)
{
	return (unsigned long)(((unsigned __int128)a * b) >> 64);
}

static unsigned long digits(unsigned long n, unsigned long base)
{
	unsigned long sum = 0;

	for (; n; n /= base)
		sum = sum * 3 + n % base;
	return sum;
}

unsigned long bench_main(void)
{
	unsigned long sum = 0, seed = 0x9e3779b97f4a7c15ul, round, i;

	for (round = 1; round < ROUNDS; round++) {
		sum += power(round * 7919, 65537 + round, 4294967291ul - 2 * (round % 5));
		sum ^= digits(seed, 10 + round % 3) + (unsigned long)((long)seed / (long)(round * 3 + 1));
		sum += (unsigned long)((long)(seed ^ sum) % -(long)(round + 17)) + (unsigned int)seed / (unsigned int)(round | 1);
		for (i = 0; i < 64; i++)
			seed = multiply_high(seed, 0xd1342543de82ef95ul + i) ^ (seed * 0xaf251af3b0f025b5ul);
	}
	return sum + seed;
}
