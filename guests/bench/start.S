/*
 * Runs bench_main, writes `bench: NAME RESULT` to the console, and ends in a disabled wait with the result in r2: at address 0
 * when the result is bench_expected, at 0xbad otherwise. Storage below 8 KiB is free for the program, but for the program new
 * PSW at first: an unexpected program interruption waits at 0xbad0. Additional floating-point registers, vectors
 * and the secondary space are enabled.
 */
	.section .text.start, "ax"
	.globl	_start
_start:
	larl	%r15,stack_top-160
	larl	%r1,program_psw
	mvc	0x1d0(16,%r0),0(%r1)
	larl	%r1,initial_cr0
	lctlg	%c0,%c0,0(%r1)
	sfpc	%r0
#ifdef MEASURE					/* r2: elapsed TOD units, which QEMU -icount shift=0 makes instructions */
	stck	0x200(%r0)
	brasl	%r14,bench_main
	stck	0x208(%r0)
	lg	%r2,0x208(%r0)
	sg	%r2,0x200(%r0)
#else
	brasl	%r14,bench_main
#endif
	lgr	%r12,%r2
	brasl	%r14,bench_report
	lgr	%r2,%r12
	larl	%r3,bench_expected
	larl	%r1,success_psw
	clg	%r2,0(%r3)
	je	0f
	larl	%r1,wrong_psw
0:	lpswe	0(%r1)

	.section .rodata
	.balign	8
	.globl	bench_expected
bench_expected:
	.quad	EXPECTED
initial_cr0:
	.quad	0x0000000004060000
success_psw:
	.quad	0x0002000180000000, 0
wrong_psw:
	.quad	0x0002000180000000, 0xbad
program_psw:
	.quad	0x0002000180000000, 0xbad0

	.bss
	.balign	8
	.skip	65536
stack_top:
