/*
 * The 31-bit program: Fibonacci numbers in 32 bits, by a recursion that goes one call deeper every round and so touches its
 * stack page by page. After ROUNDS rounds it exits, and the kernel starts it again.
 */
#include "user.h"

#define ROUNDS 256
#define REPEATS 32
#define WORK_MILLISECONDS 5
#define REST_MILLISECONDS 60

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
	end = put_text(end, ") is ");
	end = put_decimal(end, value);
	end = put_text(end, " in 32 bits, leaving");
	svc_write(line, (unsigned long)(end - line));
}

/* Works on the same number until its time is up; lets the other program have a turn in between. */
static unsigned long work(unsigned long round)
{
	unsigned long rest = svc_time() + WORK_MILLISECONDS, value, i;

	do {
		for (i = 0; i < REPEATS; i++)
			value = fibonacci(round, 0, 1);
		svc_publish(value);
		svc_yield();
	} while (svc_time() < rest);
	return value;
}

__attribute__((section(".text.start"))) void user31_main(void)
{
	unsigned long round, value = 0;

	for (round = 1; round <= ROUNDS; round++) {
		value = work(round);
		svc_sleep(REST_MILLISECONDS);
	}
	announce(ROUNDS, value);
	svc_exit();
}
