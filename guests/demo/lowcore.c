/* The prefix area: new PSWs, and proof that C and assembly agree about it. */
#include "ctl.h"
#include "kernel.h"

struct lowcore lowcore __attribute__((section(".lowcore")));

#define SAME_OFFSET(type, member, offset) _Static_assert(__builtin_offsetof(type, member) == (offset), #member)
SAME_OFFSET(struct lowcore, stfl_list, 0xc8);
SAME_OFFSET(struct lowcore, breaking_event_address, 0x110);
SAME_OFFSET(struct lowcore, external_old_psw, LC_EXTERNAL_OLD_PSW);
SAME_OFFSET(struct lowcore, svc_old_psw, LC_SVC_OLD_PSW);
SAME_OFFSET(struct lowcore, program_old_psw, LC_PROGRAM_OLD_PSW);
SAME_OFFSET(struct lowcore, mcck_old_psw, LC_MCCK_OLD_PSW);
SAME_OFFSET(struct lowcore, restart_new_psw, 0x1a0);
SAME_OFFSET(struct lowcore, io_new_psw, 0x1f0);
SAME_OFFSET(struct lowcore, save_svc, LC_SAVE_SVC);
SAME_OFFSET(struct lowcore, save_program, LC_SAVE_PROGRAM);
SAME_OFFSET(struct lowcore, save_external, LC_SAVE_EXTERNAL);
SAME_OFFSET(struct lowcore, return_psw, LC_RETURN_PSW);
SAME_OFFSET(struct lowcore, kernel_stack, LC_KERNEL_STACK);
SAME_OFFSET(struct pt_regs, psw, PT_PSW - PT_GPRS);
SAME_OFFSET(struct task, ksp, TASK_KSP);
_Static_assert(sizeof(struct pt_regs) == PT_FRAME_SIZE - PT_GPRS, "pt_regs");
_Static_assert(sizeof(struct lowcore) == 0x2000, "lowcore");

static struct psw kernel_psw(void (*entry)(void))
{
	return (struct psw){ PSW_MASK_KERNEL, (u64)entry };
}

/** All six new PSWs; from then on low-address protection keeps stray pointers away from them. */
void lowcore_init(void)
{
	lowcore.restart_new_psw = kernel_psw(restart_entry);
	lowcore.external_new_psw = kernel_psw(external_entry);
	lowcore.svc_new_psw = kernel_psw(svc_entry);
	lowcore.program_new_psw = kernel_psw(program_entry);
	lowcore.mcck_new_psw = kernel_psw(mcck_entry);
	lowcore.io_new_psw = kernel_psw(io_entry);
	lctlg(0, stctg(0) | CR0_LOW_ADDRESS_PROTECTION);
}
