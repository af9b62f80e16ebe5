#include "corpus.h"

/* Switch tables, recursion, function pointers, variable arguments, setjmp. */
static int choose(unsigned n, int x)
{
	switch (n) {
	case 0: return x + 1;
	case 1: return x * 3;
	case 2: return x ^ 0x55;
	case 3: return -x;
	case 4: return x >> 3;
	case 5: return x - 1000;
	case 7: return ~x;
	case 9: return x << 2;
	default: return 17;
	}
}

static u64 ackermann(u64 m, u64 n)
{
	if (m == 0)
		return n + 1;
	return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static u64 sum_of(int count, ...)
{
	__builtin_va_list list;
	u64 sum = 0;
	__builtin_va_start(list, count);
	for (int i = 0; i < count; i++) {
		switch (i % 3) {
		case 0: sum += (u64)__builtin_va_arg(list, int); break;
		case 1: sum ^= __builtin_va_arg(list, u64); break;
		default: sum += (u64)(s64)__builtin_va_arg(list, double); break;
		}
	}
	__builtin_va_end(list);
	return sum;
}

static void *landing[5];

static __attribute__((noinline)) void jump_back(void)
{
	__builtin_longjmp(landing, 1);
}

static __attribute__((noinline)) u64 jumps(void)
{
	static volatile u64 count;
	count = 0;
	if (__builtin_setjmp(landing) != 0)
		count += 3;
	if (count < 10) {
		count++;
		jump_back();
	}
	return count;
}

void control(void)
{
	static int (*const functions[])(unsigned, int) = { choose, choose };
	for (int i = 0; i < 500; i++)
		mix((u32)functions[i & 1]((unsigned)(draw() % 11), (int)draw()));
	mix(ackermann(2, 9));
	for (int i = 0; i < 20; i++)
		mix(sum_of(9, (int)draw(), draw(), 1.5, -7, draw(), -2.25e6, 5, draw(), 3.0));
	mix(jumps());
}
