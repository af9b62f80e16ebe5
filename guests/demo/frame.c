/*
 * Page frames for the programs: a list that runs through the free frames themselves. A frame that is handed out carries
 * its owner's access key and is fetch-protected; a free one has key 0.
 */
#include "ctl.h"
#include "kernel.h"

#define STORAGE_KEY(key) ((u8)((key) << 4 | 0x08))     /* access-control bits, fetch protection */
#define KEY_REFERENCE_CHANGE 0x06

struct free_frame {
	struct free_frame *next;
};

static struct free_frame *free_frames;
u32 frames_free;

void frames_init(void)
{
	u64 frame;

	for (frame = FRAMES_END - PAGE_SIZE; frame >= FRAMES_START; frame -= PAGE_SIZE)
		frame_free((void *)frame);
}

/** A zeroed frame with access key `key`, at its real address. */
void *frame_alloc(u8 key)
{
	struct free_frame *frame = free_frames;

	if (!frame)
		panic(PANIC_STORAGE, 2, "no page frame is free");
	free_frames = frame->next;
	frames_free--;
	memset(frame, 0, PAGE_SIZE);
	sske((u64)frame, STORAGE_KEY(key));
	if ((iske((u64)frame) & ~KEY_REFERENCE_CHANGE) != STORAGE_KEY(key))
		panic(PANIC_SELF_CHECK, 1, "ISKE does not read what SSKE has set");
	return frame;
}

void frame_free(void *page)
{
	struct free_frame *frame = page;

	sske((u64)frame, 0);
	frame->next = free_frames;
	free_frames = frame;
	frames_free++;
}
