/* Supervisor calls as functions, for the programs. */
#ifndef DEMO_USER_H
#define DEMO_USER_H

#include "layout.h"
#include "svc.h"

static inline unsigned long supervisor_call(const int number, unsigned long first, unsigned long second)
{
	register unsigned long r2 asm("2") = first;
	register unsigned long r3 asm("3") = second;

	asm volatile("svc	%[number]" : "+d"(r2) : "d"(r3), [number] "i"(number) : "memory");
	return r2;
}

/* Macros, since the number is part of the instruction. */
#define svc_exit() supervisor_call(SVC_EXIT, 0, 0)
#define svc_write(text, length) supervisor_call(SVC_WRITE, (unsigned long)(text), length)
#define svc_yield() supervisor_call(SVC_YIELD, 0, 0)
#define svc_time() supervisor_call(SVC_TIME, 0, 0)
#define svc_sleep(milliseconds) supervisor_call(SVC_SLEEP, milliseconds, 0)
#define svc_brk(end) supervisor_call(SVC_BRK, end, 0)
#define svc_publish(value) supervisor_call(SVC_PUBLISH, value, 0)

/* Appends text or a decimal number to a line under construction, returns its new end. */
static inline char *put_text(char *end, const char *text)
{
	while (*text)
		*end++ = *text++;
	return end;
}

static inline char *put_decimal(char *end, unsigned long value)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (n)
		*end++ = digits[--n];
	return end;
}

#endif
