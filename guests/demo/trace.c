/* The trace ring: what happened last, at TRACE_START in home space. */
#include "ctl.h"
#include "kernel.h"

#define TRACE_ENTRIES (TRACE_SIZE / sizeof(struct trace_entry))

/* Index of the next entry to write; entries carry a sequence number, so the newest can be told after a wrap. */
u32 trace_next;
static u32 trace_sequence;

void trace_init(void)
{
	memset((void *)TRACE_START, 0, TRACE_SIZE);
	trace(TRACE_BOOT, 0, 0);
}

void trace(enum trace_kind kind, u64 address, u64 detail)
{
	struct trace_entry *ring = (void *)TRACE_START;

	ring[trace_next] = (struct trace_entry){
		.tod = stck(),
		.sequence = ++trace_sequence,
		.kind = (u16)kind,
		.task = current->number,
		.address = address,
		.detail = detail,
	};
	trace_next = (trace_next + 1) % TRACE_ENTRIES;
}
