/* Linked lists: built, searched, reversed, merge-sorted, taken apart; nodes lie scattered in 512 KiB. */
#define COUNT 16384
#define ROUNDS 96

struct node {
	struct node *next;
	unsigned long value;
	unsigned long pad[2];
};

static struct node nodes[COUNT];
static struct node *free_list;

static struct node *take(unsigned long value)
{
	struct node *n = free_list;

	free_list = n->next;
	n->value = value;
	return n;
}

static struct node *merge(struct node *a, struct node *b)
{
	struct node head, *tail = &head;

	while (a && b) {
		if (a->value <= b->value) {
			tail->next = a;
			a = a->next;
		} else {
			tail->next = b;
			b = b->next;
		}
		tail = tail->next;
	}
	tail->next = a ? a : b;
	return head.next;
}

__attribute__((noinline)) static struct node *sort(struct node *list)
{
	struct node *slow = list, *fast = list->next, *second;

	if (!fast)
		return list;
	while (fast && fast->next) {
		slow = slow->next;
		fast = fast->next->next;
	}
	second = slow->next;
	slow->next = 0;
	return merge(sort(list), sort(second));
}

__attribute__((noinline)) static struct node *reverse(struct node *list)
{
	struct node *done = 0;

	while (list) {
		struct node *next = list->next;

		list->next = done;
		done = list;
		list = next;
	}
	return done;
}

unsigned long bench_main(void)
{
	unsigned long sum = 0, round, i, seed = 7;

	for (i = 0; i < COUNT; i++) {
		struct node *n = &nodes[(i * 8161) % COUNT];

		n->next = free_list;
		free_list = n;
	}
	for (round = 0; round < ROUNDS; round++) {
		struct node *list = 0, *n;

		for (i = 0; i < COUNT; i++) {
			seed = seed * 6364136223846793005ul + 1442695040888963407ul;
			n = take(seed >> 33);
			n->next = list;
			list = n;
		}
		list = reverse(sort(list));
		for (i = 0; i < 20; i++) {
			unsigned long wanted = (seed >> (20 + i)) & 0x7fffffff;

			for (n = list; n && n->value > wanted; n = n->next)
				;
			sum = sum * 31 + (n ? n->value : 1);
		}
		while (list) {
			n = list->next;
			list->next = free_list;
			free_list = list;
			list = n;
		}
	}
	return sum;
}
