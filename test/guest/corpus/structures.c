#include "corpus.h"

/* Structures by value, bit fields, arrays of small elements, sorting. */
struct packet {
	u8 kind : 3, flags : 5;
	u16 length;
	s32 offset : 21, more : 11;
	u64 payload[3];
};

static struct packet transform(struct packet p, int by)
{
	p.kind += by;
	p.flags ^= by;
	p.length = p.length * 5 + by;
	p.offset -= by;
	p.more = p.offset >> 4;
	p.payload[by % 3] += p.payload[(by + 1) % 3];
	return p;
}

static void sort(s16 *a, int n)
{
	for (int i = 1; i < n; i++) {
		s16 x = a[i];
		int j = i - 1;
		for (; j >= 0 && a[j] > x; j--)
			a[j + 1] = a[j];
		a[j + 1] = x;
	}
}

void structures(void)
{
	struct packet p = { .kind = 1, .length = 100, .payload = { 1, 2, 3 } };
	s16 numbers[120];
	for (int i = 0; i < 200; i++) {
		p = transform(p, (int)(draw() & 0xff));
		mix(p.kind | (u64)p.flags << 8 | (u64)p.length << 16 | (u64)(u32)p.offset << 32);
		mix((u64)(s64)p.more ^ p.payload[i % 3]);
	}
	for (int i = 0; i < 120; i++)
		numbers[i] = (s16)draw();
	sort(numbers, 120);
	mix_bytes(numbers, sizeof numbers);
}
