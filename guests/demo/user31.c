/*
 * The 31-bit program: Fibonacci numbers modulo 2^32, by a recursion that goes one call deeper every round and so touches
 * its stack page by page. After ROUNDS rounds it exits, and the kernel starts it again.
 */
#include "user.h"

#define ROUNDS 256
#define REST_MILLISECONDS 30

/* The scratch area makes a call cost a good part of a page. */
__attribute__((noinline)) static unsigned long fibonacci(unsigned long depth, unsigned long a, unsigned long b)
{
	volatile unsigned long scratch[200];

	scratch[depth % 200] = a;
	if (depth == 0)
		return scratch[0];
	return fibonacci(depth - 1, b, a + b) + (scratch[depth % 200] - a);
}

static void announce(unsigned long rounds, unsigned long value)
{
	char line[120], *end = line;

	end = put_text(end, "user31: fib(");
	end = put_decimal(end, rounds);
	end = put_text(end, ") modulo 2^32 is ");
	end = put_decimal(end, value);
	end = put_text(end, ", leaving");
	svc_write(line, (unsigned long)(end - line));
}

__attribute__((section(".text.start"))) void user31_main(void)
{
	unsigned long round, value = 0;

	for (round = 1; round <= ROUNDS; round++) {
		value = fibonacci(round, 0, 1);
		svc_publish(value);
		if (round % 8)
			svc_yield();
		else
			svc_sleep(REST_MILLISECONDS * 8);
	}
	announce(ROUNDS, value);
	svc_exit();
}
