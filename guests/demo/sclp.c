/*
 * Service-call logical processor: storage size, and the console as write-event-data, line mode when the SCLP takes
 * messages (event type 2), else the ASCII console (event type 1a). Every call waits for its service signal.
 */
#include "ctl.h"
#include "kernel.h"

#define SCLP_READ_SCP_INFO 0x00020001
#define SCLP_READ_SCP_INFO_FORCED 0x00120001
#define SCLP_WRITE_EVENT_DATA 0x00760005
#define SCLP_WRITE_EVENT_MASK 0x00780005

#define RESPONSE_READ 0x0010
#define RESPONSE_DONE 0x0020

#define EVENT_MESSAGE 0x02
#define EVENT_ASCII 0x1a
#define EVENT_MASK(type) (0x80000000u >> ((type) - 1))

struct sccb_header {
	u16 length;
	u8 function_code;
	u8 control_mask[3];
	u16 response;
};

struct scp_info {
	struct sccb_header header;
	u16 increments;                /* 08 */
	u8 increment_mib;              /* 0a */
	u8 pad_b[100 - 11];
	u32 increment_mib2;            /* 64, when the byte is too small */
	u64 increments2;               /* 68 */
} __attribute__((packed));

struct event_mask {
	struct sccb_header header;
	u16 reserved;
	u16 mask_length;
	u32 receive, send;             /* what we want to receive and send */
	u32 sclp_receive, sclp_send;   /* what the SCLP receives and sends */
};

struct event_header {
	u16 length;
	u8 type;
	u8 flags;
	u16 reserved;
} __attribute__((packed));

/* A message data block with its two objects, as far as one line needs them. */
struct message {
	struct event_header event;
	u16 mdb_length, mdb_type;
	u32 mdb_tag, mdb_revision;
	u16 general_length, general_type;
	u8 general[52];                /* time, flags, names: all zero is accepted */
	u16 text_length, text_type;
	u16 line_flags;
	u8 alarm, reserved[3];
} __attribute__((packed));

#define MDB_TAG 0xd4c4c240             /* "MDB " in EBCDIC */
#define MDB_HEADER_SIZE 12
#define TEXT_HEADER_SIZE 10
#define LINE_END_OF_TEXT 0x1000

enum console_kind console;

static u8 sccb[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static volatile bool sclp_done;

/* ASCII 20 to 7e in EBCDIC code page 037. */
static const u8 ebcdic[] = "\x40\x5a\x7f\x7b\x5b\x6c\x50\x7d\x4d\x5d\x5c\x4e\x6b\x60\x4b\x61"
			   "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\x7a\x5e\x4c\x7e\x6e\x6f"
			   "\x7c\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xd1\xd2\xd3\xd4\xd5\xd6"
			   "\xd7\xd8\xd9\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xba\xe0\xbb\xb0\x6d"
			   "\x79\x81\x82\x83\x84\x85\x86\x87\x88\x89\x91\x92\x93\x94\x95\x96"
			   "\x97\x98\x99\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xc0\x4f\xd0\xa1";
static u8 to_ebcdic[256];

/** External interruption 2401: the SCCB address comes back in the parameter. */
void sclp_interrupt(u32 parameter)
{
	if ((parameter & ~7u) == (u32)(u64)sccb)
		sclp_done = true;
}

/** Issues the command on `sccb` and waits for the service signal, with every other external interruption held off. */
static bool sclp_call(u32 command)
{
	u64 cr0 = stctg(0);
	int cc;

	sclp_done = false;
	lctlg(0, (cr0 & ~CR0_EXTERNAL_SUBMASKS) | CR0_SERVICE_SIGNAL);
	do
		cc = servc(command, sccb);
	while (cc == 2);
	while (cc == 0 && !sclp_done)
		enabled_wait();
	lctlg(0, cr0);
	return cc == 0;
}

static void *sccb_prepare(u16 length)
{
	struct sccb_header *header = (void *)sccb;

	memset(sccb, 0, sizeof sccb);
	header->length = length;
	return header;
}

static u16 sccb_response(void)
{
	return ((struct sccb_header *)sccb)->response;
}

void sclp_init(void)
{
	struct event_mask *mask = sccb_prepare(sizeof *mask);
	u32 i;

	memset(to_ebcdic, 0x6f, sizeof to_ebcdic);
	for (i = 0; i < sizeof ebcdic - 1; i++)
		to_ebcdic[' ' + i] = ebcdic[i];

	mask->mask_length = sizeof mask->receive;
	mask->send = EVENT_MASK(EVENT_MESSAGE) | EVENT_MASK(EVENT_ASCII);
	if (!sclp_call(SCLP_WRITE_EVENT_MASK) || sccb_response() != RESPONSE_DONE)
		return;
	if (mask->sclp_receive & EVENT_MASK(EVENT_MESSAGE))
		console = CONSOLE_LINE;
	else if (mask->sclp_receive & EVENT_MASK(EVENT_ASCII))
		console = CONSOLE_ASCII;
}

/** Bytes of storage from address 0; 0 when the SCLP does not say. */
u64 sclp_storage_size(void)
{
	static const u32 commands[] = { SCLP_READ_SCP_INFO_FORCED, SCLP_READ_SCP_INFO };
	u32 i;

	for (i = 0; i < 2; i++) {
		struct scp_info *info = sccb_prepare(PAGE_SIZE);

		if (!sclp_call(commands[i]) || sccb_response() != RESPONSE_READ)
			continue;
		u64 increments = info->increments ? info->increments : info->increments2;
		u64 mib = info->increment_mib ? info->increment_mib : info->increment_mib2;
		return increments * mib << 20;
	}
	return 0;
}

static void write_message(const char *line, u32 length)
{
	struct message *m = (void *)(sccb + sizeof(struct sccb_header));

	sccb_prepare((u16)(sizeof(struct sccb_header) + sizeof *m + length));
	m->event.length = (u16)(sizeof *m + length);
	m->event.type = EVENT_MESSAGE;
	m->mdb_length = (u16)(sizeof *m - sizeof m->event + length);
	m->mdb_type = 1;
	m->mdb_tag = MDB_TAG;
	m->mdb_revision = 1;
	m->general_length = sizeof m->general + 4;
	m->general_type = 1;
	m->text_length = (u16)(TEXT_HEADER_SIZE + length);
	m->text_type = 4;
	m->line_flags = LINE_END_OF_TEXT;

	u8 *text = (u8 *)(m + 1);
	memcpy(text, line, length);
	asm volatile("tr	0(256,%0),0(%1)" : : "a"(text), "a"(to_ebcdic) : "memory");
	sclp_call(SCLP_WRITE_EVENT_DATA);
}

static void write_ascii(const char *line, u32 length)
{
	struct event_header *event = (void *)(sccb + sizeof(struct sccb_header));
	u32 total = length + 2;

	sccb_prepare((u16)(sizeof(struct sccb_header) + sizeof *event + total));
	event->length = (u16)(sizeof *event + total);
	event->type = EVENT_ASCII;
	memcpy(event + 1, line, length);
	memcpy((u8 *)(event + 1) + length, "\r\n", 2);
	sclp_call(SCLP_WRITE_EVENT_DATA);
}

/** Writes one line, `length` ASCII characters without the newline, at most 256. */
void sclp_write_line(const char *line, u32 length)
{
	if (console == CONSOLE_LINE)
		write_message(line, length);
	else if (console == CONSOLE_ASCII)
		write_ascii(line, length);
}
