/* Quicksort of 65,536 pseudo-random integers: unpredictable branches, recursion, loads and stores of words. */
#define COUNT_OF_NUMBERS 65536
#define ROUNDS 84

static int numbers[COUNT_OF_NUMBERS];

__attribute__((noinline)) static void quicksort(int *first, int *last)
{
	while (first < last) {
		int pivot = first[(last - first) / 2];
		int *low = first, *high = last;

		while (low <= high) {
			while (*low < pivot)
				low++;
			while (*high > pivot)
				high--;
			if (low <= high) {
				int swap = *low;

				*low++ = *high;
				*high-- = swap;
			}
		}
		quicksort(first, high);
		first = low;
	}
}

unsigned long bench_main(void)
{
	unsigned int seed = 1, round, i;
	unsigned long sum = 0;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < COUNT_OF_NUMBERS; i++) {
			seed = seed * 1664525u + 1013904223u;
			numbers[i] = (int)seed;
		}
		quicksort(numbers, numbers + COUNT_OF_NUMBERS - 1);
		for (i = 1; i < COUNT_OF_NUMBERS; i++) {
			if (numbers[i - 1] > numbers[i])
				return 0;
		}
		for (i = 0; i < COUNT_OF_NUMBERS; i += 97)
			sum = sum * 31 + (unsigned int)numbers[i];
	}
	return sum;
}
