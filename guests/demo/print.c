/* kprintf: %s, %u, %x with l, ll, # and a zero-padded width; a line goes to the console at its newline. */
#include "kernel.h"

#define LINE_MAX 160

static char line[LINE_MAX];
static u32 line_length;

static void put_char(char c)
{
	if (c != '\n' && line_length < LINE_MAX)
		line[line_length++] = c;
	if (c == '\n') {
		u32 length = line_length;
		line_length = 0;
		sclp_write_line(line, length);
	}
}

static void put_number(u64 value, u32 base, u32 width)
{
	char digits[24];
	u32 n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value || n < width);
	while (n)
		put_char(digits[--n]);
}

static void put_string(const char *s)
{
	while (*s)
		put_char(*s++);
}

void kprintf(const char *format, ...)
{
	__builtin_va_list args;
	const char *p;

	__builtin_va_start(args, format);
	for (p = format; *p; p++) {
		u32 width = 0, longs = 0;

		if (*p != '%') {
			put_char(*p);
			continue;
		}
		for (p++;; p++) {
			if (*p == '#')
				put_string("0x");
			else if (*p >= '0' && *p <= '9')
				width = width * 10 + (u32)(*p - '0');
			else if (*p == 'l')
				longs++;
			else
				break;
		}
		if (*p == 's')
			put_string(__builtin_va_arg(args, const char *));
		else if (*p == 'u' || *p == 'x')
			put_number(longs ? __builtin_va_arg(args, u64) : __builtin_va_arg(args, u32), *p == 'x' ? 16 : 10,
				   width);
		else
			put_char(*p);
	}
	__builtin_va_end(args);
}
