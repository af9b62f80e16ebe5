/*
 * The 64-bit program: finds primes by trial division and keeps them in a heap that grows page by page. When it has
 * ROUND_PRIMES of them it says so, gives the heap back and starts from 2 again.
 */
#include "user.h"

#define ROUND_PRIMES 131072             /* a heap of 1 MiB */
#define BATCH 64
#define WORK_MILLISECONDS 5
#define REST_MILLISECONDS 50

static int is_prime(unsigned long candidate, const unsigned long *primes, unsigned long count)
{
	unsigned long i;

	for (i = 0; i < count && primes[i] * primes[i] <= candidate; i++) {
		if (candidate % primes[i] == 0)
			return 0;
	}
	return 1;
}

static void announce(unsigned long count, unsigned long largest)
{
	char line[120], *end = line;

	end = put_text(end, "user64: ");
	end = put_decimal(end, count);
	end = put_text(end, " primes up to ");
	end = put_decimal(end, largest);
	end = put_text(end, " at ");
	end = put_decimal(end, svc_time());
	end = put_text(end, " ms, starting over");
	svc_write(line, (unsigned long)(end - line));
}

static void find_primes(unsigned long *primes, unsigned long limit)
{
	unsigned long end = (unsigned long)primes, count = 0, candidate;
	unsigned long rest = svc_time() + WORK_MILLISECONDS;

	for (candidate = 2; count < limit; candidate++) {
		if (!is_prime(candidate, primes, count))
			continue;
		if ((unsigned long)&primes[count + 1] > end)
			end = svc_brk(end + PAGE_SIZE);
		primes[count++] = candidate;
		if (count % BATCH)
			continue;
		svc_publish(candidate);
		if (svc_time() >= rest) {
			svc_sleep(REST_MILLISECONDS);
			rest = svc_time() + WORK_MILLISECONDS;
		}
	}
	announce(count, primes[count - 1]);
}

__attribute__((section(".text.start"))) void user64_main(void)
{
	unsigned long heap = svc_brk(0);

	for (;;) {
		find_primes((unsigned long *)heap, ROUND_PRIMES);
		svc_brk(heap);
	}
}
