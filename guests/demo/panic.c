/* The end of a run that went wrong: a line on the console, then a disabled wait that says why. */
#include "kernel.h"

void panic(enum panic_kind kind, u32 code, const char *why)
{
	static bool panicking;

	if (!panicking) {
		panicking = true;
		kprintf("demo: panic: %s (kind %u, code %#x)\n", why, kind, code);
	}
	disabled_wait(0x0bad0000ULL | (u64)kind << 12 | (code & 0xff) << 4);
}
