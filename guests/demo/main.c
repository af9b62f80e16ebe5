/* From the first C statement to the idle loop. */
#include "ctl.h"
#include "kernel.h"

#define MIB (1024 * 1024)
#define FACILITY_EDAT1 8

static u64 facilities[4];

static bool has_facility(u32 number)
{
	return (facilities[number / 64] >> (63 - number % 64)) & 1;
}

/** Runs whenever no program is runnable; each external interruption is a reason to look again. */
static void idle(void)
{
	for (;;) {
		schedule();
		enabled_wait();
	}
}

void kernel_main(void)
{
	stfle(facilities, 4);
	edat = has_facility(FACILITY_EDAT1);
	lctlg(0, (stctg(0) & ~CR0_EXTERNAL_SUBMASKS) | (edat ? CR0_EDAT : 0));

	home_space_init();
	enter_home_space();
	lowcore_init();

	sclp_init();
	u64 storage = sclp_storage_size();
	kprintf("demo: guestscope demo guest, %llu MiB, facilities %016llx %016llx\n", storage / MIB, facilities[0],
		facilities[1]);
	kprintf("demo: cpu %016llx at address %u, console %s\n", stidp(), stap(),
		console == CONSOLE_LINE ? "line mode" : "ascii");
	if (storage < IDENTITY_END)
		panic(PANIC_STORAGE, 1, "16 MiB of storage are needed");

	u64 trace_real = storage - TRACE_SIZE;
	trace_segment_init(trace_real);
	trace_init();
	frames_init();
	paging_self_check(trace_real);
	kprintf("demo: dat on, home asce %016llx, trace ring at %#llx is %s at %#llx\n", home_asce, (u64)TRACE_START,
		edat ? "one large segment" : "256 pages", trace_real);

	tasks_init();
	clock_init();
	idle();
}
