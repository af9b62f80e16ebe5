/* The first instructions: 64-bit mode, DAT off, all interruptions disabled. */
#include "layout.h"
#include "lowcore.h"

	.section .text.head, "ax"
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined 14
	larl	%r15,boot_stack+KERNEL_STACK_SIZE-STACK_FRAME_OVERHEAD
	xc	0(STACK_FRAME_OVERHEAD,%r15),0(%r15)

	/* Until lowcore_init: a program interruption is a disabled wait at 0x0bad1000. */
	larl	%r1,early_program_psw
	mvc	0x1d0(16,%r0),0(%r1)

	/* The loader has cleared bss, or a previous run has used it. */
	larl	%r2,__bss_start
	larl	%r3,__bss_end
	sgr	%r3,%r2
	lghi	%r5,0
0:	mvcle	%r2,%r4,0
	jo	0b

	brasl	%r14,kernel_main
	j	.				/* kernel_main does not return */
	.cfi_endproc
	.size	_start, .-_start

	.section .rodata
	.balign	8
early_program_psw:
	.quad	0x0002000180000000, 0x0bad1000

	.bss
	.balign	8
	.globl	boot_stack
	.type	boot_stack, @object
boot_stack:
	.skip	KERNEL_STACK_SIZE
	.size	boot_stack, .-boot_stack
