#include "suite.h"

volatile struct interruption last;
volatile u64 go_on_at;

static char text[3072];
static u32 used;
static u32 sccb[1024] ALIGNED(4096);

/* SERVICE CALL with our SCCB; its interruption is waited for. The PSW and CR0 are as before afterwards. */
static void service_call(u32 command)
{
	u64 cr0 = get_cr(0), mask = psw_mask();

	set_cr(0, 0x400e0ul | CR0_SERVICE_SIGNAL);
	asm volatile(".insn rre,0xb2200000,%0,%1" : : "d"((u64)command), "a"(sccb) : "cc", "memory");
	wait_external();
	set_cr(0, cr0);
	load_mask(mask);
}

/* Write event data: one event of the ASCII console. */
void flush(void)
{
	u8 *at = (u8 *)sccb;
	u32 i;

	if (used == 0)
		return;
	fill(sccb, 0, PAGE);
	*(u16 *)(at + 0) = 8 + 6 + used;
	*(u16 *)(at + 8) = 6 + used;
	at[10] = 0x1a;
	for (i = 0; i < used; i++)
		at[14 + i] = text[i];
	used = 0;
	service_call(0x00760005);
}

/* Write event mask: this program sends events of the ASCII console. */
static void open_console(void)
{
	u8 *at = (u8 *)sccb;

	fill(sccb, 0, PAGE);
	*(u16 *)(at + 0) = 28;
	*(u16 *)(at + 10) = 4;
	*(u32 *)(at + 16) = 0x80000000u >> (0x1a - 1);
	service_call(0x00780005);
}

static void put(const char *s)
{
	static int is_open;

	if (!is_open) {
		is_open = 1;
		open_console();
	}
	while (*s)
		text[used++] = *s++;
}

static void put_hex(u64 value)
{
	char digits[17];
	int i = 16;

	digits[16] = 0;
	do {
		digits[--i] = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	put(digits + i);
}

static void end_line(void)
{
	put("\n");
	if (used > 2800)
		flush();
}

void check(const char *what, u64 got, u64 wanted)
{
	put(got == wanted ? "ok " : "NOT OK ");
	put(what);
	if (got != wanted) {
		put(": ");
		put_hex(got);
		put(", wanted ");
		put_hex(wanted);
	}
	end_line();
}

void note(const char *what, u64 value)
{
	put("note ");
	put(what);
	put(" = ");
	put_hex(value);
	end_line();
}

void expect(void)
{
	fill((void *)&last, 0, sizeof(last));
	*(u64 *)0xa8 = 0;
	*(u8 *)0xa0 = 0;
	*(u8 *)0xa2 = 0;
}

void check_code(const char *what, u32 wanted)
{
	check(what, last.code, wanted);
}

static int nullifies(u32 code)
{
	return code == PGM_SEGMENT || code == PGM_PAGE || (code >= 0x20 && code <= 0x2f && code != 0x28) ||
	       (code >= 0x38 && code <= 0x3b);
}

/* Called by program_entry, DAT off. The program goes on in the supervisor state, key 0, without low-address protection. */
void interrupted(void)
{
	volatile u64 *old = (u64 *)0x150;

	cr0_off(CR0_LOW_ADDRESS);

	last.count++;
	last.code = *(u16 *)0x8e;
	last.ilc = *(u16 *)0x8c;
	last.teid = *(u64 *)0xa8;
	last.exception_access = *(u8 *)0xa0;
	last.operand_access = *(u8 *)0xa2;
	last.dxc = *(u32 *)0x90;
	last.per_code = *(u16 *)0x96;
	last.per_address = *(u64 *)0x98;
	last.mask = old[0];
	last.address = old[1];
	if (go_on_at) {
		old[1] = go_on_at;
		old[0] = (old[0] & PSW_DAT) | 0x0000000180000000ul;
	} else if (nullifies(last.code)) {
		old[1] += last.ilc;
	}
	go_on_at = 0;
	old[0] &= ~(PSW_PROBLEM | 0x00f0000000000000ul);
	if (last.count > 600)
		asm volatile("brasl %%r14,finish" : : : "14", "memory");
}

void fill(void *at, u8 byte, u64 length)
{
	volatile u8 *p = at;

	while (length--)
		*p++ = byte;
}

int same(const void *a, const void *b, u64 length)
{
	const u8 *p = a, *q = b;

	while (length--)
		if (*p++ != *q++)
			return 0;
	return 1;
}

int all(const void *at, u8 byte, u64 length)
{
	const u8 *p = at;

	while (length--)
		if (*p++ != byte)
			return 0;
	return 1;
}

void *memset(void *at, int byte, u64 length)
{
	fill(at, byte, length);
	return at;
}

void *memcpy(void *to, const void *from, u64 length)
{
	u8 *p = to;
	const u8 *q = from;

	while (length--)
		*p++ = *q++;
	return to;
}
