/* Time: a tick from the clock comparator every 4 ms, and one interruption of the CPU timer. */
#include "ctl.h"
#include "kernel.h"

#define TICK (4 * TOD_MILLISECOND)
#define CPU_TIMER_ONCE (100 * TOD_MILLISECOND)
#define CPU_TIMER_NEVER 0x7fffffffffffffffULL

#define EXT_CLOCK_COMPARATOR 0x1004
#define EXT_CPU_TIMER 0x1005
#define EXT_SERVICE_SIGNAL 0x2401

u64 boot_tod;
u64 ticks;                             /* clock-comparator interruptions taken */
u64 jiffies;                           /* tick periods that have passed, those slept through included */
static u64 next_tick, next_heartbeat;

void clock_init(void)
{
	boot_tod = stck();
	next_tick = boot_tod + TICK;
	next_heartbeat = boot_tod + TOD_SECOND;
	sckc(next_tick);
	spt(CPU_TIMER_ONCE);
	lctlg(0, stctg(0) | CR0_CLOCK_COMPARATOR | CR0_CPU_TIMER);
}

/** The tick: wakes sleepers, moves the dirty window on, and once a second shows that the guest is alive. */
void clock_comparator_interrupt(void)
{
	u64 now = stck();

	ticks++;
	while (next_tick <= now) {
		next_tick += TICK;
		jiffies++;
	}
	sckc(next_tick);
	trace(TRACE_TICK, window_base, jiffies);
	wake_sleepers(now);
	dirty_window_step();
	if (now >= next_heartbeat) {
		while (next_heartbeat <= now)
			next_heartbeat += TOD_SECOND;
		heartbeat();
	}
}

void cpu_timer_interrupt(void)
{
	spt(CPU_TIMER_NEVER);
	lctlg(0, stctg(0) & ~CR0_CPU_TIMER);
	kprintf("demo: the cpu timer has run out, as it was set to\n");
}

void do_external(struct pt_regs *regs)
{
	u16 code = lowcore.external_code;
	u32 parameter = lowcore.external_params;

	if (regs->psw.mask & PSW_MASK_WAIT)
		regs->psw.mask &= ~(PSW_MASK_WAIT | PSW_MASK_EXT);

	switch (code) {
	case EXT_CLOCK_COMPARATOR:
		clock_comparator_interrupt();
		break;
	case EXT_CPU_TIMER:
		cpu_timer_interrupt();
		break;
	case EXT_SERVICE_SIGNAL:
		sclp_interrupt(parameter);
		break;
	default:
		panic(PANIC_EXTERNAL, code & 0xff, "external interruption that nothing has asked for");
	}
	if (user_mode(regs))
		schedule();
}
