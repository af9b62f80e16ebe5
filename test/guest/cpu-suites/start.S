/* Entry of a suite: a stack, new PSWs, the suite, a disabled wait by which the guest says that all went in order. */
	.globl	_start, program_entry, external_entry, restart_entry, wait_external, finish
_start:
	larl	%r15, stack_top
	aghi	%r15, -320
	larl	%r1, initial_cr0
	lctlg	%c0, %c0, 0(%r1)
	larl	%r1, new_psws
	mvc	0x1a0(96), 0(%r1)
	brasl	%r14, suite
finish:
	brasl	%r14, flush
	larl	%r1, final_psw
	lpswe	0(%r1)

/* Program interruptions: `interrupted` looks at the prefix area and decides where to go on. */
program_entry:
	stmg	%r0, %r15, 0x300
	larl	%r15, handler_stack_top
	aghi	%r15, -320
	brasl	%r14, interrupted
	lmg	%r0, %r15, 0x300
	lpswe	0x150

/* External interruptions are counted in the prefix area; whoever waits goes on, closed. */
external_entry:
	stg	%r1, 0x3a0
	lg	%r1, 0x3a8
	aghi	%r1, 1
	stg	%r1, 0x3a8
	lg	%r1, 0x3a0
	ni	0x130, 0xfe
	ni	0x131, 0xfd
	lpswe	0x130

/* Where a CPU without a task of its own goes. */
restart_entry:
	larl	%r1, idle_psw
	lpswe	0(%r1)

/* Waits for one external interruption. */
wait_external:
	larl	%r1, wait_psw
	lpswe	0(%r1)
waited:
	larl	%r1, wait_done_psw
	lpswe	0(%r1)
wait_done:
	br	%r14

	.balign	16
new_psws:
	.quad	0x0000000180000000, restart_entry
	.quad	0x0000000180000000, external_entry
	.quad	0x0002000180000000, 0xdead1
	.quad	0x0000000180000000, program_entry
	.quad	0x0002000180000000, 0xdead2
	.quad	0x0002000180000000, 0xdead3
final_psw:
	.quad	0x0002000180000000, 0xfff
idle_psw:
	.quad	0x0002000180000000, 0xabc
wait_psw:
	.quad	0x0102000180000000, waited
wait_done_psw:
	.quad	0x0000000180000000, wait_done
initial_cr0:
	.quad	0x00000000000400e0
	.bss
	.balign	16
	.space	16384
handler_stack_top:
	.space	32768
stack_top:
	.space	16
	.section .note.GNU-stack,"",@progbits
