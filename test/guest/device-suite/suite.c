/*
 * A test image as the suites for bare s390x machines have them: checks what SERVICE CALL, STORE SYSTEM INFORMATION and the I/O
 * instructions answer, prints a line for each check on the ASCII and on the line-mode console, then EXIT: STATUS=n, and stops.
 * With "fail" on its command line one check fails. The first subchannel is one of a virtio device.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

enum { PRIVILEGED = 2, ADDRESSING = 5, SPECIFICATION = 6, OPERAND = 0x15 };
enum { READ_SCP = 0x00020001, READ_SCP_FORCED = 0x00120001, READ_CPU = 0x00010001 };
enum { WRITE_DATA = 0x00760005, READ_DATA = 0x00770005, WRITE_MASK = 0x00780005 };
enum { FIRST = 0x10000, CONSOLE_LINE = 119 };

extern volatile u32 program_code, external_parameter, external_parameter_count;
void wait_external(void);
void problem_state(void);

static u8 page[0x4000] __attribute__((aligned(0x4000)));
static u8 console_page[4096] __attribute__((aligned(4096)));
static u8 prefix_area[8192] __attribute__((aligned(8192)));
static int failures;

static void set16(u8 *at, u32 value) { at[0] = value >> 8; at[1] = value; }
static void set32(u8 *at, u32 value) { set16(at, value >> 16); set16(at + 2, value); }
static u32 get16(const u8 *at) { return at[0] << 8 | at[1]; }
static u32 get32(const u8 *at) { return get16(at) << 16 | get16(at + 2); }
static void fill(u8 *at, u32 byte, u64 count) { while (count-- > 0) *at++ = byte; }

/* ---- service calls */

static void enable_service_signal(int on)
{
	u64 cr0 = on ? 0x2e0 : 0xe0;
	asm volatile("lctlg 0,0,%0" : : "Q"(cr0) : "memory");
}

static int service_call(u32 command, u64 sccb)
{
	int cc;
	asm volatile(".insn rre,0xb2200000,%1,%2\n\tipm %0\n\tsrl %0,28" : "=d"(cc) : "d"(command), "d"(sccb) : "cc", "memory");
	return cc;
}

/* Calls, and takes the service signal when there will be one. */
static int service(u32 command, u64 sccb)
{
	u32 before = external_parameter_count;
	program_code = 0;
	int cc = service_call(command, sccb);
	if (program_code != 0)
		return -1;
	enable_service_signal(1);
	while (external_parameter_count == before)
		wait_external();
	enable_service_signal(0);
	return cc;
}

static u32 answer(u32 command, u32 length, u32 offset)
{
	fill(page, 0, sizeof page);
	set16(page + offset, length);
	return service(command, (u64)page + offset) == 0 ? get16(page + offset + 6) : 0xffff;
}

/* ---- consoles */

static u8 ebcdic(char c)
{
	static const char from[] = " .<(+&!$*);-/,%_>?:#@'=\"";
	static const u8 to[] = { 0x40, 0x4b, 0x4c, 0x4d, 0x4e, 0x50, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x60, 0x61, 0x6b, 0x6c, 0x6d,
		0x6e, 0x6f, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f };
	if (c >= '0' && c <= '9') return 0xf0 + c - '0';
	int small = c | 0x20;
	u8 letter = small <= 'i' ? 0x81 + small - 'a' : small <= 'r' ? 0x91 + small - 'j' : 0xa2 + small - 's';
	if (small >= 'a' && small <= 'z') return c == small ? letter : letter + 0x40;
	for (u32 i = 0; i < sizeof to; i++)
		if (from[i] == c) return to[i];
	return 0x6f;
}

static void write_event(u32 type, u32 length)
{
	fill(console_page, 0, 8);
	set16(console_page, 14 + length);
	set16(console_page + 8, 6 + length);
	set16(console_page + 10, type << 8);
	set16(console_page + 12, 0);
	service(WRITE_DATA, (u64)console_page);
}

static void write_ascii(const char *text)
{
	u32 n = 0;
	for (; text[n] != 0; n++) console_page[14 + n] = text[n];
	write_event(0x1a, n);
}

static void write_line(const char *text, u32 count)
{
	u8 *block = console_page + 14, *general = block + 12, *line = general + 32;
	fill(block, 0, 64);
	set16(block, 12 + 32 + 10 + count);
	set16(block + 2, 1);
	set32(block + 4, 0xd4c4c240);
	set32(block + 8, 1);
	set16(general, 32);
	set16(general + 2, 1);
	set16(line, 10 + count);
	set16(line + 2, 4);
	set16(line + 4, 0x1000);
	for (u32 i = 0; i < count; i++) line[10 + i] = ebcdic(text[i]);
	write_event(2, 12 + 32 + 10 + count);
}

/* On both consoles; the other one takes whole lines. */
static void print(const char *text)
{
	static char line[CONSOLE_LINE];
	static u32 count;
	write_ascii(text);
	for (; *text != 0; text++) {
		if (*text != '\n') line[count++] = *text;
		if (*text != '\n' && count < sizeof line) continue;
		write_line(line, count);
		count = 0;
	}
}

static void print_number(long value)
{
	char digits[24], *at = digits + sizeof digits;
	u64 rest = value < 0 ? -value : value;
	*--at = 0;
	do *--at = '0' + rest % 10; while ((rest /= 10) > 0);
	if (value < 0) *--at = '-';
	print(at);
}

static void check(const char *what, long got, long wanted)
{
	print(got == wanted ? "PASS: " : "FAIL: ");
	print(what);
	if (got != wanted) {
		print(": ");
		print_number(got);
		print(" instead of ");
		print_number(wanted);
		failures++;
	}
	print("\n");
}

void finish(void)
{
	register u64 parameter asm("1") = 0;
	register u64 self asm("2") = 0;
	print("\nEXIT: STATUS=");
	print_number((failures > 0) << 1 | 1);
	print("\n");
	for (;;) asm volatile("sigp %0,%1,5" : "+d"(parameter) : "d"(self) : "cc");
}

/* ---- the checks */

static void check_service_calls(void)
{
	long wrong = 0;
	check("read SCP info", answer(READ_SCP, 4096, 0), 0x0010);
	check("one CPU", get16(page + 16) << 8 | page[get16(page + 18)], 0x100);
	check("storage", get16(page + 8) * page[10], 64);
	check("enhanced suppression on protection", page[85] & 2, 2);
	check("read SCP info, forced", answer(READ_SCP_FORCED, 4096, 0), 0x0010);
	check("read CPU info", answer(READ_CPU, 40, 0), 0x0010);
	for (u32 n = 8; n < 144; n++) wrong += answer(READ_SCP, n, 0) != 0x0300;
	for (u32 n = 8; n < 40; n++) wrong += answer(READ_CPU, n, 0) != 0x0300;
	check("SCCBs that are too short", wrong, 0);
	for (u32 n = 0; n < 8; n++) wrong += answer(READ_SCP, n, 0) != 0xffff || program_code != SPECIFICATION;
	check("SCCBs shorter than a header", wrong, 0);
	for (u32 at = 1; at < 8; at++) wrong += answer(READ_SCP, 8, at) != 0xffff || program_code != SPECIFICATION;
	check("SCCBs off a doubleword", wrong, 0);
	for (u32 at = 8; at < 4096; at += 264) wrong += answer(WRITE_DATA, 4096, at) != 0x0100;
	for (u32 n = 4097; n < 65536; n += 977) wrong += answer(WRITE_DATA, n, 0) != 0x0100;
	check("SCCBs across pages", wrong, 0);
	for (u32 code = 0; code < 256; code++) wrong += code != 1 && answer(0x00020000 | code, 4096, 0) != 0x01f0;
	for (u32 code = 0; code < 256; code++) wrong += answer(0xdead0000 | code, 8, 0) != 0x01f0;
	check("commands that are none", wrong, 0);

	answer(READ_SCP, 8, 0);
	for (u32 bit = 31; bit < 64; bit++) {
		service(READ_SCP, (u64)page | 1UL << bit);
		wrong += program_code != SPECIFICATION && program_code != ADDRESSING;
	}
	check("SCCBs above 2 GiB", wrong, 0);
	for (u64 at = 64 << 20; at < 1UL << 31; at += 0x2341008) {
		service(READ_SCP, at);
		wrong += program_code != ADDRESSING;
	}
	check("SCCBs outside storage", wrong, 0);
	u32 prefix = (u64)prefix_area, zero = 0;
	asm volatile("lghi 1,0\n\tlghi 2,%1\n\tla 3,0(%0)\n0:\tmvc 0(256,3),0(1)\n\tla 1,256(1)\n\tla 3,256(3)\n\tbrct 2,0b"
		: : "a"((u64)prefix_area), "K"(8192 / 256) : "1", "2", "3", "memory");
	asm volatile("spx %0" : : "Q"(prefix) : "memory");
	for (u32 at = 0; at < 8192; at += 1000) {
		service(READ_SCP, at);
		wrong += program_code != SPECIFICATION;
		service(READ_SCP, prefix + at);
		wrong += program_code != SPECIFICATION;
	}
	asm volatile("spx %0" : : "Q"(zero) : "memory");
	check("SCCBs in the prefix area", wrong, 0);
	program_code = 0;
	problem_state();
	service_call(READ_SCP, 1);
	asm volatile("svc 1");
	check("service call of a problem program", program_code, PRIVILEGED);
}

static u32 mask(u32 bytes)
{
	fill(page, 0, 4096);
	set16(page, 4096);
	set16(page + 10, bytes);
	service(WRITE_MASK, (u64)page);
	return get16(page + 6);
}

static void check_events(void)
{
	long wrong = 0;
	for (u32 n = 1; n < 1022; n += 51) wrong += mask(n) != 0x0020;
	check("event masks of any length", wrong, 0);
	check("an event mask of no length", mask(0), 0x74f0);
	check("an event mask that fits no SCCB", mask(1022), 0x74f0);
	mask(4);
	check("events that can be written", get32(page + 20) & 0x40800040, 0x40800040);
	check("events that can be read", get32(page + 24) & 0x80000048, 0x80000048);
	check("no event", answer(READ_DATA, 4096, 0), 0x60f0);
	check("an event buffer of no length", answer(WRITE_DATA, 20, 0), 0x73f0);
}

static int stsi(u64 block, u64 gr0, u64 gr1)
{
	int cc;
	program_code = 0;
	asm volatile("lg 0,%1\n\tlg 1,%2\n\tlg 5,%3\n\tstsi 0(5)\n\tipm %0\n\tsrl %0,28"
		: "=d"(cc) : "Q"(gr0), "Q"(gr1), "Q"(block) : "0", "1", "5", "cc", "memory");
	return program_code != 0 ? -(int)program_code : cc;
}

static void check_system_information(void)
{
	u64 at = (u64)page;
	check("STSI level", stsi(at, 0, 0), 0);
	check("STSI 1.1.1", stsi(at, 0x10000001, 1), 0);
	check("STSI 1.2.2", stsi(at, 0x10000002, 2), 0);
	check("STSI 1.2.2, CPUs", get16(page + 36) << 16 | get16(page + 38), 0x10001);
	check("STSI 2.2.2", stsi(at, 0x20000002, 2), 0);
	check("STSI 3.2.2", stsi(at, 0x30000002, 2), 0);
	check("STSI 3.2.2, levels", page[31], 1);
	check("STSI 3.2.2, KVM/", get32(page + 56), 0xd2e5d461);
	print("this is ");
	print((const char *)page + 2048);
	for (u32 i = 0; i < 24; i++) {
		print(" ");
		print_number(i < 8 ? page[44 + i] : page[72 + i]);
	}
	print("\n");
	check("STSI 7.0.0", stsi(at, 0x70000000, 0), 3);
	check("STSI 1.0.1", stsi(at, 0x10000000, 1), 3);
	check("STSI 1.1.0", stsi(at, 0x10000001, 0), 3);
	check("STSI, reserved bits of GR0", stsi(at, 0x10000101, 1), -SPECIFICATION);
	check("STSI, reserved bits of GR1", stsi(at, 0x10000001, 0x10001), -SPECIFICATION);
	check("STSI, off a page", stsi(at + 8, 0x10000001, 1), -SPECIFICATION);
}

/* An I/O instruction by its second byte: the condition code, or less a program-interruption code. */
static int io(u32 second, u64 gr1, u64 operand)
{
	static u32 text[2];
	int cc;
	/* Built in storage and executed, so that one function does for all. */
	text[0] = 0xb2000000 | second << 16 | 0x5000;
	program_code = 0;
	asm volatile("lg 1,%1\n\tlg 5,%2\n\tex 0,%3\n\tipm %0\n\tsrl %0,28"
		: "=d"(cc) : "Q"(gr1), "Q"(operand), "R"(text[0]) : "1", "5", "cc", "memory");
	return program_code != 0 ? -(int)program_code : cc;
}

enum { CSCH = 0x30, HSCH, MSCH, SSCH, STSCH, TSCH, TPI, SAL, RSCH, STCRW, XSCH = 0x76 };

static void check_channel_subsystem(void)
{
	static const u8 named[] = { CSCH, HSCH, MSCH, SSCH, STSCH, TSCH, RSCH, XSCH };
	u8 *schib = page, *orb = page + 0x100, *irb = page + 0x200, *ccw = page + 0x300, *data = page + 0x400;
	long wrong = 0;
	fill(page, 0, sizeof page);
	for (u32 i = 0; i < sizeof named; i++) wrong += io(named[i], 0, (u64)page) != -OPERAND;
	check("subchannel words that are none", wrong, 0);
	for (u32 i = 0; i < sizeof named; i++) wrong += io(named[i], 0x1ffff, (u64)page) != 3;
	check("a subchannel that is not there", wrong, 0);
	for (u32 i = MSCH; i <= TSCH; i++) wrong += io(i, FIRST, (u64)page + 2) != -SPECIFICATION;
	check("operands off a word", wrong, 0);
	check("limit of addresses off its boundary", io(SAL, 1, 0), -OPERAND);
	check("no channel report", io(STCRW, 0, (u64)page), 1);
	for (u32 i = 0; i < sizeof named; i++) {
		u32 cc = named[i] == MSCH || named[i] == STSCH ? 0 : 3;
		fill(page, 0, 64);
		wrong += io(named[i], FIRST, (u64)page) != cc;
	}
	check("a subchannel that is not enabled", wrong, 0);

	io(STSCH, FIRST, (u64)schib);
	set32(schib, 0x12345678);
	set16(schib + 4, (get16(schib + 4) & ~0x38e0) | 0x1880);
	check("enabled", io(MSCH, FIRST, (u64)schib), 0);
	set16(schib + 4, 0x8000);
	check("reserved flags", io(MSCH, FIRST, (u64)schib), -OPERAND);
	check("nothing pending", io(TSCH, FIRST, (u64)irb), 1);
	check("nothing to resume", io(RSCH, FIRST, 0), 2);
	check("nothing to cancel", io(XSCH, FIRST, 0), 2);

	set32(ccw, 0xe4200007);
	set32(ccw + 4, (u64)data);
	set32(orb, 0x9abcdef0);
	set32(orb + 4, 0x0080ff00);
	set32(orb + 8, (u64)ccw);
	check("started", io(SSCH, FIRST, (u64)orb), 0);
	check("started while status is pending", io(SSCH, FIRST, (u64)orb), 1);
	u64 cr6 = 0x08000000;
	asm volatile("lctlg 6,6,%0" : : "Q"(cr6));
	check("an interruption of another subclass", io(TPI, 0, (u64)irb), 0);
	cr6 = 0x10000000;
	asm volatile("lctlg 6,6,%0" : : "Q"(cr6));
	check("the interruption", io(TPI, 0, (u64)irb), 1);
	check("its subchannel", get32(irb), FIRST);
	check("its parameter", get32(irb + 4), 0x9abcdef0);
	check("status pending", io(TSCH, FIRST, (u64)irb), 0);
	check("channel end and device end", get32(irb + 8), 0x0c000000);
	check("sense ID", get32(data) >> 8, 0xff3832);

	ccw[0] = 0xff;
	io(SSCH, FIRST, (u64)orb);
	io(TSCH, FIRST, (u64)irb);
	check("a refused command is a unit check", get16(irb + 8), 0x0200);
	check("cleared", io(CSCH, FIRST, 0), 0);
	check("clear function", io(TSCH, FIRST, (u64)irb) << 16 | (get16(irb + 2) & 0x7000), 0x1000);
}

static int wants_failure(const char *command_line)
{
	return command_line[0] == 'f' && command_line[1] == 'a' && command_line[2] == 'i' && command_line[3] == 'l';
}

void main(const char *command_line)
{
	enable_service_signal(0);
	print("device checks: ");
	print(command_line);
	print("\n");
	check_service_calls();
	check_events();
	check_system_information();
	check_channel_subsystem();
	if (wants_failure(command_line)) check("this one fails", -1, 1);
}
