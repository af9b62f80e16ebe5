/* CRC-32 (IEEE 802.3), one table lookup a byte, over a buffer of 64 KiB. */
#define BUFFER_SIZE 65536
#define ROUNDS 1142

static unsigned int table[256];
static unsigned char buffer[BUFFER_SIZE];

static void make_table(void)
{
	unsigned int i, bit;

	for (i = 0; i < 256; i++) {
		unsigned int remainder = i;

		for (bit = 0; bit < 8; bit++)
			remainder = (remainder >> 1) ^ (remainder & 1 ? 0xedb88320u : 0);
		table[i] = remainder;
	}
}

__attribute__((noinline)) static unsigned int crc32(unsigned int crc, const unsigned char *p, unsigned long length)
{
	crc = ~crc;
	while (length--)
		crc = (crc >> 8) ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}

unsigned long bench_main(void)
{
	unsigned int crc = 0, i;

	make_table();
	for (i = 0; i < BUFFER_SIZE; i++)
		buffer[i] = (unsigned char)(i * 7 + (i >> 8));
	for (i = 0; i < ROUNDS; i++)
		crc = crc32(crc, buffer, BUFFER_SIZE);
	return crc;
}
