/*
 * Interruptions, task switch, waits.
 *
 * The kernel runs in home space (CR13), the programs in primary space (CR1): the new PSWs change the space, so there is
 * nothing to switch here, and lowcore is reached with base register 0. An interruption of a program starts on its task's
 * kernel stack, one of the kernel (which is enabled only while it waits) continues on the current stack.
 *
 * Call frame information: an interruption entry is a signal frame whose return column is 65 (PSW address), so that a
 * backtrace goes on in the interrupted code. Registers are first in lowcore, then in struct pt_regs.
 */
#include "layout.h"
#include "lowcore.h"

/* The DWARF rule "register is saved at absolute address", DW_CFA_expression with DW_OP_const2u. */
	.macro	CFI_SAVED_AT register, address
	.cfi_escape 0x10, \register, 3, 0x0a, (\address) >> 8, (\address) & 0xff
	.endm

	.macro	CFI_PT_REGS
	.cfi_def_cfa 15, PT_FRAME_SIZE
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	.cfi_offset \n, PT_GPRS+8*\n-PT_FRAME_SIZE
	.endr
	.cfi_offset 64, PT_PSW-PT_FRAME_SIZE
	.cfi_offset 65, PT_PSW+8-PT_FRAME_SIZE
	.endm

	.macro	RETURN_FROM_INTERRUPTION
	mvc	LC_RETURN_PSW(16,%r0),PT_PSW(%r15)
	lmg	%r0,%r15,PT_GPRS(%r15)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	.cfi_same_value \n
	.endr
	.cfi_def_cfa 15, STACK_FRAME_OVERHEAD
	CFI_SAVED_AT 64, LC_RETURN_PSW
	CFI_SAVED_AT 65, LC_RETURN_PSW+8
	lpswe	LC_RETURN_PSW(%r0)
	.endm

	.macro	INTERRUPTION name, old_psw, save, handler
	.globl	\name
	.type	\name, @function
\name:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_return_column 65
	CFI_SAVED_AT 64, \old_psw
	CFI_SAVED_AT 65, \old_psw+8
	stmg	%r0,%r15,\save(%r0)
	CFI_SAVED_AT 15, \save+8*15
	tm	\old_psw+1(%r0),0x01		/* problem state? */
	jz	0f
	lg	%r15,LC_KERNEL_STACK(%r0)
0:	aghi	%r15,-PT_FRAME_SIZE
	mvc	PT_GPRS(128,%r15),\save(%r0)
	mvc	PT_PSW(16,%r15),\old_psw(%r0)
	CFI_PT_REGS
	xc	0(8,%r15),0(%r15)		/* end of the back chain */
	la	%r2,PT_GPRS(%r15)
	brasl	%r14,\handler
	RETURN_FROM_INTERRUPTION
	.cfi_endproc
	.size	\name, .-\name
	.endm

	/* Nothing returns from these: the stack of whoever was interrupted is not needed any more. */
	.macro	FATAL_INTERRUPTION name, kind
	.globl	\name
	.type	\name, @function
\name:
	.cfi_startproc
	.cfi_undefined 14
	larl	%r15,boot_stack+KERNEL_STACK_SIZE-STACK_FRAME_OVERHEAD
	lghi	%r2,\kind
	lghi	%r3,0
	larl	%r4,unexpected
	brasl	%r14,panic
	.cfi_endproc
	.size	\name, .-\name
	.endm

	.text
	INTERRUPTION external_entry, LC_EXTERNAL_OLD_PSW, LC_SAVE_EXTERNAL, do_external
	INTERRUPTION svc_entry, LC_SVC_OLD_PSW, LC_SAVE_SVC, do_svc
	INTERRUPTION program_entry, LC_PROGRAM_OLD_PSW, LC_SAVE_PROGRAM, do_program_check

	FATAL_INTERRUPTION mcck_entry, 3
	FATAL_INTERRUPTION io_entry, 4
	FATAL_INTERRUPTION restart_entry, 5

/* Where a task that has never run returns to from switch_to: struct pt_regs is on its stack already. */
	.globl	first_return
	.type	first_return, @function
first_return:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_return_column 65
	CFI_PT_REGS
	RETURN_FROM_INTERRUPTION
	.cfi_endproc
	.size	first_return, .-first_return

/* void switch_to(struct task *previous, struct task *next): call-saved registers wait in the caller's save area. */
	.globl	switch_to
	.type	switch_to, @function
switch_to:
	.cfi_startproc
	stmg	%r6,%r15,48(%r15)
	stg	%r15,TASK_KSP(%r2)
	lg	%r15,TASK_KSP(%r3)
	lmg	%r6,%r15,48(%r15)
	br	%r14
	.cfi_endproc
	.size	switch_to, .-switch_to

/* void enabled_wait(void): returns after one external interruption, with interruptions disabled again. */
	.globl	enabled_wait
	.type	enabled_wait, @function
enabled_wait:
	.cfi_startproc
	larl	%r1,enabled_wait_psw
	lpswe	0(%r1)
enabled_wait_done:				/* do_external has cleared the wait and external bits */
	br	%r14
	.cfi_endproc
	.size	enabled_wait, .-enabled_wait

/* void enter_home_space(void): DAT on. The code is mapped one to one. */
	.globl	enter_home_space
	.type	enter_home_space, @function
enter_home_space:
	.cfi_startproc
	larl	%r1,home_space_psw
	lpswe	0(%r1)
home_space_entered:
	br	%r14
	.cfi_endproc
	.size	enter_home_space, .-enter_home_space

/* void disabled_wait(u64 address): the end. */
	.globl	disabled_wait
	.type	disabled_wait, @function
disabled_wait:
	.cfi_startproc
	larl	%r1,disabled_wait_psw
	mvc	LC_RETURN_PSW(8,%r0),0(%r1)
	stg	%r2,LC_RETURN_PSW+8(%r0)
	lpswe	LC_RETURN_PSW(%r0)
	.cfi_endproc
	.size	disabled_wait, .-disabled_wait

	.section .rodata
	.balign	8
enabled_wait_psw:				/* DAT, external, wait; home space */
	.quad	0x0502c00180000000, enabled_wait_done
home_space_psw:
	.quad	0x0400c00180000000, home_space_entered
disabled_wait_psw:
	.quad	0x0002000180000000
unexpected:
	.asciz	"interruption that nothing has asked for"
