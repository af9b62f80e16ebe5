/* MVC, CLC, XC of constant and of variable length, MVCLE, MVCL, CLCLE: how kernels move and compare. */
#define ROUNDS 1400
#define SIZE 32768

static unsigned char from[SIZE + 4096], to[SIZE + 4096];

static inline void move_long(void *target, const void *source, unsigned long length)
{
	register unsigned long r2 asm("2") = (unsigned long)target;
	register unsigned long r3 asm("3") = length;
	register unsigned long r4 asm("4") = (unsigned long)source;
	register unsigned long r5 asm("5") = length;

	asm volatile("0:	mvcle	%0,%2,0\n"
		     "	jo	0b\n"
		     : "+d"(r2), "+d"(r3), "+d"(r4), "+d"(r5)
		     :
		     : "cc", "memory");
}

static inline void fill_long(void *target, unsigned long length, unsigned long byte)
{
	register unsigned long r2 asm("2") = (unsigned long)target;
	register unsigned long r3 asm("3") = length;
	register unsigned long r4 asm("4") = 0;
	register unsigned long r5 asm("5") = byte << 24;

	asm volatile("	mvcl	%0,%2\n" : "+d"(r2), "+d"(r3), "+d"(r4), "+d"(r5) : : "cc", "memory");
}

static inline int compare_long(const void *a, const void *b, unsigned long length)
{
	register unsigned long r2 asm("2") = (unsigned long)a;
	register unsigned long r3 asm("3") = length;
	register unsigned long r4 asm("4") = (unsigned long)b;
	register unsigned long r5 asm("5") = length;
	int cc;

	asm volatile("0:	clcle	%1,%3,0\n"
		     "	jo	0b\n"
		     "	ipm	%0\n"
		     "	srl	%0,28\n"
		     : "=d"(cc), "+d"(r2), "+d"(r3), "+d"(r4), "+d"(r5)
		     :
		     : "cc", "memory");
	return cc;
}

/* memcpy and memcmp as compilers write them: 256 bytes at a time, the rest by EXECUTE. */
static inline void copy(unsigned char *target, const unsigned char *source, unsigned long length)
{
	for (; length > 256; length -= 256, target += 256, source += 256)
		asm volatile("mvc 0(256,%0),0(%1)" : : "a"(target), "a"(source) : "memory");
	asm volatile("	exrl	%[l],0f\n"
		     "	j	1f\n"
		     "0:	mvc	0(1,%[to]),0(%[from])\n"
		     "1:"
		     :
		     : [to] "a"(target), [from] "a"(source), [l] "a"(length - 1)
		     : "memory");
}

static inline int compare(const unsigned char *a, const unsigned char *b, unsigned long length)
{
	int cc;

	for (; length > 256; length -= 256, a += 256, b += 256) {
		asm volatile("	clc	0(256,%1),0(%2)\n"
			     "	ipm	%0\n"
			     "	srl	%0,28\n"
			     : "=d"(cc)
			     : "a"(a), "a"(b)
			     : "cc", "memory");
		if (cc != 0)
			return cc;
	}
	asm volatile("	exrl	%[l],0f\n"
		     "	ipm	%[cc]\n"
		     "	srl	%[cc],28\n"
		     "	j	1f\n"
		     "0:	clc	0(1,%[a]),0(%[b])\n"
		     "1:"
		     : [cc] "=d"(cc)
		     : [a] "a"(a), [b] "a"(b), [l] "a"(length - 1)
		     : "cc", "memory");
	return cc;
}

struct message {
	unsigned long words[9];
};

unsigned long bench_main(void)
{
	unsigned long sum = 0, round, i;

	for (i = 0; i < sizeof from; i++)
		from[i] = (unsigned char)(i * 31 + (i >> 7));
	for (round = 0; round < ROUNDS; round++) {
		unsigned long odd = round % 61;

		move_long(to + odd, from + round % 17, SIZE);
		sum = sum * 3 + (unsigned long)compare_long(to + odd, from + round % 17, SIZE);
		copy(to + 3, from + odd, 20000);
		sum = sum * 3 + (unsigned long)compare(to + 3, from + odd, 20000);
		fill_long(to, 8192, round & 255);
		for (i = 0; i < 64; i++) {
			struct message *m = (struct message *)(to + 9000 + i * 96), *n = (struct message *)(from + i * 96);

			*m = *n;
			asm volatile("xc 8(16,%0),0(%0)" : : "a"(m) : "cc", "memory");
			copy((unsigned char *)m + 40, (unsigned char *)n + 1, 1 + (round + i) % 40);
			sum += (unsigned long)compare((unsigned char *)m, (unsigned char *)n, 30) + m->words[2];
		}
		sum += to[(round * 7) % SIZE];
	}
	return sum;
}
