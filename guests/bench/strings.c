/* strlen, strcpy and memcpy byte by byte, and MVC of 1 to 256 bytes at odd alignments. */
#define STRING_SIZE 4096
#define ROUNDS 36000

static char source[STRING_SIZE + 256], target[STRING_SIZE + 256];

__attribute__((noinline)) static unsigned long string_length(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return (unsigned long)(end - s);
}

__attribute__((noinline)) static char *string_copy(char *to, const char *from)
{
	char *start = to;

	while ((*to++ = *from++))
		;
	return start;
}

__attribute__((noinline)) static void byte_copy(char *to, const char *from, unsigned long length)
{
	while (length--)
		*to++ = *from++;
}

/* MVC with its length from a register, by EXECUTE; `length` is 1 to 256. */
static inline void mvc(char *to, const char *from, unsigned long length)
{
	asm volatile("	larl	1,0f\n"
		     "	ex	%[l],0(1)\n"
		     "	j	1f\n"
		     "0:	mvc	0(1,%[to]),0(%[from])\n"
		     "1:"
		     :
		     : [to] "a"(to), [from] "a"(from), [l] "a"(length - 1)
		     : "1", "memory");
}

unsigned long bench_main(void)
{
	unsigned long sum = 0, round, i;

	for (i = 0; i < STRING_SIZE - 1; i++)
		source[i] = (char)('a' + i % 26);
	for (round = 0; round < ROUNDS; round++) {
		char *copy = string_copy(target + round % 64, source + round % 61);

		sum = sum * 3 + string_length(copy);
		byte_copy(source + 1 + round % 29, copy, 2048);
		for (i = 0; i + 256 < STRING_SIZE; i += 256)
			mvc(target + i + round % 7, source + i, 1 + (round + i / 16) % 256);
		sum += (unsigned char)target[round % STRING_SIZE];
	}
	return sum;
}
