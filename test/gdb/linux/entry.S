# Entry points as those of Linux are built: registers in a pt_regs above a stack frame.
	.text
	.globl	startup_continue, system_call, ext_int_handler, io_int_handler
startup_continue:
	larl	%r1, real_space
	lctlg	%c13, %c13, 0(%r1)
	larl	%r15, stack_end
	aghi	%r15, -160
	brasl	%r14, start_kernel
	j	.
	.type	system_call, @function
system_call:
	stmg	%r8, %r15, 0x200
	larl	%r15, other_end
	aghi	%r15, -360
	xc	152(8,%r15), 152(%r15)
	la	%r11, 160(%r15)
	stmg	%r0, %r7, 24(%r11)
	mvc	88(64,%r11), 0x200
	mvc	8(16,%r11), 0x140
	lgr	%r2, %r11
	brasl	%r14, __do_syscall
	mvc	0x140(16), 8(%r11)
	lmg	%r0, %r15, 24(%r11)
	lpswe	0x140
	.size	system_call, . - system_call
	.type	ext_int_handler, @function
ext_int_handler: j .
	.type	io_int_handler, @function
io_int_handler:	j .
	.balign	8
real_space: .quad 0x20
	.section .note.GNU-stack, "", @progbits
	.bss
	.balign	8
# A handler's stack lies below the one that it leaves, as Linux's do: gdb takes the other order for a damaged stack.
	.space	4096
other_end:
	.space	4096
stack_end:
