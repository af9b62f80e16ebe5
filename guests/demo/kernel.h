/* What the kernel's files share. */
#ifndef DEMO_KERNEL_H
#define DEMO_KERNEL_H

#include "layout.h"
#include "lowcore.h"
#include "types.h"

/* Bits 0-51 of the TOD clock count microseconds; 12 more bits follow. */
#define TOD_MICROSECOND 4096ULL
#define TOD_MILLISECOND (1000 * TOD_MICROSECOND)
#define TOD_SECOND (1000 * TOD_MILLISECOND)

/* panic.c: the disabled wait PSW's address is 0x0bad0000 | kind << 12 | code << 4. */
enum panic_kind {
	PANIC_PROGRAM_CHECK = 1,
	PANIC_EXTERNAL = 2,
	PANIC_MACHINE_CHECK = 3,
	PANIC_IO = 4,
	PANIC_RESTART = 5,
	PANIC_STORAGE = 6,
	PANIC_SELF_CHECK = 7,
};
void panic(enum panic_kind kind, u32 code, const char *why) __attribute__((noreturn));

/* string.S */
void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);

/* sclp.c */
enum console_kind { CONSOLE_NONE, CONSOLE_LINE, CONSOLE_ASCII };
extern enum console_kind console;
void sclp_init(void);
u64 sclp_storage_size(void);
void sclp_interrupt(u32 parameter);
void sclp_write_line(const char *line, u32 length);

/* print.c */
void kprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* frame.c */
extern u32 frames_free;
void frames_init(void);
void *frame_alloc(u8 key);
void frame_free(void *frame);

/* paging.c */
#define ASCE_PRIVATE 0x100ULL
#define ASCE_REGION_SECOND 0x8ULL
#define ASCE_REGION_THIRD 0x4ULL
#define ASCE_SEGMENT 0x0ULL
#define PAGE_PROTECT 0x200ULL
#define PAGE_INVALID 0x400ULL
extern u64 home_asce;
extern bool edat;
void home_space_init(void);
void trace_segment_init(u64 real);
void paging_self_check(u64 trace_real);
u64 space_create(u64 type);
u64 *page_table_entry(u64 asce, u64 address, bool create);

/* trace.c */
enum trace_kind { TRACE_BOOT = 1, TRACE_TICK, TRACE_FAULT, TRACE_SVC, TRACE_SWITCH, TRACE_EXIT };
struct trace_entry {
	u64 tod;
	u32 sequence;
	u16 kind;
	u16 task;
	u64 address;
	u64 detail;
};
extern u32 trace_next;
void trace_init(void);
void trace(enum trace_kind kind, u64 address, u64 detail);

/* task.c, fault.c */
enum task_state { TASK_RUNNABLE = 1, TASK_SLEEPING, TASK_IDLE };
struct task {
	u64 ksp;                       /* kernel stack pointer while switched out; first, see TASK_KSP */
	const char *name;
	u64 kernel_stack;              /* its top */
	u64 asce;
	enum task_state state;
	u16 number;
	u8 key;                        /* PSW key and access key of its frames */
	bool is31;
	u64 wake_tod;                  /* while sleeping */
	u64 text, text_end;            /* program image, copied in and protected page by page */
	const u8 *image;
	u64 image_size;
	u64 heap, brk;
	u64 stack_top;
	u64 published;                 /* last value of SVC publish */
	u64 faults, svcs, lives;
};
extern struct task tasks[2];
extern struct task idle_task;
extern struct task *current;
extern bool running;
void tasks_init(void);
void task_restart(struct task *task);
void schedule(void);
void wake_sleepers(u64 now);
struct pt_regs *task_regs(const struct task *task);
bool handle_page_fault(struct task *task, u64 address);
u8 *user_page(struct task *task, u64 address);
void unmap_range(struct task *task, u64 start, u64 end);

/* clock.c */
extern u64 ticks, jiffies, boot_tod;
extern u64 faults;
void clock_init(void);
void clock_comparator_interrupt(void);
void cpu_timer_interrupt(void);

/* heartbeat.c */
extern u64 window_base;
extern u32 heartbeats;
void dirty_window_step(void);
void heartbeat(void);

/* entry.S */
void external_entry(void);
void svc_entry(void);
void program_entry(void);
void mcck_entry(void);
void io_entry(void);
void restart_entry(void);
void first_return(void);
void enabled_wait(void);
void enter_home_space(void);
void switch_to(struct task *previous, struct task *next);
void disabled_wait(u64 address) __attribute__((noreturn));

static inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->psw.mask & PSW_MASK_PSTATE) != 0;
}

#endif
