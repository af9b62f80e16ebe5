/* What the guest does for whoever watches it: pages that get dirty in a known order, and a line every second. */
#include "ctl.h"
#include "kernel.h"

#define WINDOW_PAGES 16

u64 window_base = WINDOW_START;
u32 heartbeats;

/** Stores to each of the 16 pages of the window and moves it on by one page; it wraps at the end of its 4 MiB. */
void dirty_window_step(void)
{
	u64 page = window_base;
	u32 i;

	for (i = 0; i < WINDOW_PAGES; i++) {
		*(u64 *)(page + 8 * (u64)i) = ticks;
		page += PAGE_SIZE;
		if (page == WINDOW_END)
			page = WINDOW_START;
	}
	window_base += PAGE_SIZE;
	if (window_base == WINDOW_END)
		window_base = WINDOW_START;
}

/** Pages of the programs that were referenced since the last heartbeat; resets their reference bits. */
static u32 count_referenced(void)
{
	u64 frame;
	u32 referenced = 0;

	for (frame = FRAMES_START; frame < FRAMES_END; frame += PAGE_SIZE) {
		if ((iske(frame) & 0xf0) && (rrbe(frame) & 2))
			referenced++;
	}
	return referenced;
}

void heartbeat(void)
{
	heartbeats++;
	kprintf("demo: heartbeat %u  ticks=%llu faults=%llu 64-bit prime=%llu 31-bit fib=%llu window=%#llx referenced=%u\n",
		heartbeats, ticks, faults, tasks[0].published, tasks[1].published, window_base, count_referenced());
}
