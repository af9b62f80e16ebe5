/* Heapsort and insertion sort of records through comparison functions: one indirect call and one return in some 20 instructions. */
#define COUNT 4096
#define ROUNDS 240

struct record {
	unsigned int key;
	int weight;
	const char *name;
};

typedef long compare(const struct record *, const struct record *);

static struct record records[COUNT];
static const char *const names[8] = { "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel" };

static long by_key(const struct record *a, const struct record *b)
{
	return a->key < b->key ? -1 : a->key > b->key;
}
static long by_weight(const struct record *a, const struct record *b)
{
	return a->weight != b->weight ? (long)a->weight - b->weight : by_key(a, b);
}
static long by_name(const struct record *a, const struct record *b)
{
	const char *x = a->name, *y = b->name;

	while (*x && *x == *y)
		x++, y++;
	return *x != *y ? *x - *y : by_key(a, b);
}

static compare *const orders[3] = { by_key, by_weight, by_name };

static void sift(struct record *base, unsigned long from, unsigned long count, compare *order)
{
	struct record moved = base[from];

	for (;;) {
		unsigned long child = 2 * from + 1;

		if (child >= count)
			break;
		if (child + 1 < count && order(&base[child], &base[child + 1]) < 0)
			child++;
		if (order(&moved, &base[child]) >= 0)
			break;
		base[from] = base[child];
		from = child;
	}
	base[from] = moved;
}

__attribute__((noinline)) static void sort(struct record *base, unsigned long count, compare *order)
{
	unsigned long i;

	for (i = count / 2; i-- > 0;)
		sift(base, i, count, order);
	for (i = count - 1; i > 0; i--) {
		struct record last = base[i];

		base[i] = base[0];
		base[0] = last;
		sift(base, 0, i, order);
	}
}

unsigned long bench_main(void)
{
	unsigned long sum = 0, round, i;
	unsigned int seed = 1;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < COUNT; i++) {
			seed = seed * 1664525u + 1013904223u;
			records[i].key = seed;
			records[i].weight = (int)(seed >> 8) % 1000 - 500;
			records[i].name = names[(seed >> 20) & 7];
		}
		sort(records, COUNT, orders[round % 3]);
		for (i = 0; i < COUNT; i += 13)
			sum = sum * 31 + records[i].key;
	}
	return sum;
}
