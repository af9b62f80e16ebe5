/* Entry, new PSWs and first-level interruption handlers of a test image that is laid out as a kernel is. */

	.section .init, "ax"
	.globl _start
_start:	larl	%r15, stack_end
	aghi	%r15, -160
	larl	%r1, new_psws
	mvc	0x1b0(64), 0(%r1)
	larl	%r2, command_line
	brasl	%r14, main
	brasl	%r14, finish

	.org	0x480
	.globl	command_line
command_line:
	.space	0x380
	.org	0x1000

/* A suppressed instruction is passed over; one that completed has the same old PSW. */
program:
	stg	%r1, 0x1000
	llgh	%r1, 0x8e
	strl	%r1, program_code
	lg	%r1, 0x1000
	lpswe	0x150

/* The old PSW goes on without its wait bit, and with everything disabled. */
external:
	stg	%r1, 0x1000
	lrl	%r1, external_parameter_count
	ahi	%r1, 1
	strl	%r1, external_parameter_count
	l	%r1, 0x80
	strl	%r1, external_parameter
	mvi	0x130, 0
	ni	0x131, 0xfd
	lg	%r1, 0x1000
	lpswe	0x130

/* To the supervisor state. */
supervisor_call:
	ni	0x141, 0xfe
	lpswe	0x140

	.globl	wait_external
wait_external:
	larl	%r1, external_wait
	lpswe	0(%r1)
go_on:	br	%r14

	.globl	problem_state
problem_state:
	larl	%r1, problem_psw
	stg	%r14, 8(%r1)
	lpswe	0(%r1)

	.data
	.balign	8
/* External, supervisor call, program, machine check. */
new_psws:
	.quad	0x0000000180000000, external
	.quad	0x0000000180000000, supervisor_call
	.quad	0x0000000180000000, program
	.quad	0x0002000180000000, 0x6dead
external_wait:
	.quad	0x0102000180000000, go_on
problem_psw:
	.quad	0x0001000180000000, 0

	.globl	program_code, external_parameter, external_parameter_count
program_code:
	.long	0
external_parameter:
	.long	0
external_parameter_count:
	.long	0

	.bss
	.balign	8
	.space	16384
stack_end:
