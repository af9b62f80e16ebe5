/* Entry of the corpus: floating-point registers on, a stack, main, its results into the registers, a disabled wait. */
	.globl _start
#ifdef __s390x__
#define MASK 0x0000000180000000
#define FINAL 0x0002000180000000
#else
#define MASK 0x0000000080000000
#define FINAL 0x0002000080000000
#endif
_start:
#ifndef __s390x__
	sam31
#endif
	larl	%r15, stack_top
	larl	%r1, initial_cr0
	lctlg	%c0, %c0, 0(%r1)
	larl	%r1, program_check_psw
	mvc	0x1d0(16), 0(%r1)
	aghi	%r15, -256
	brasl	%r14, main
	larl	%r1, results
	lmg	%r2, %r14, 0(%r1)
	lghi	%r1, 0
	lghi	%r15, 0
	larl	%r1, final_psw
	lpswe	0(%r1)
program_check:
	lg	%r2, 0x150
	lg	%r3, 0x158
	llgf	%r4, 0x8c
	larl	%r1, failed_psw
	lpswe	0(%r1)
	.balign	16
final_psw:
	.quad	FINAL, 0
failed_psw:
	.quad	FINAL, 0xbad
program_check_psw:
	.quad	MASK
	.long	0, program_check
initial_cr0:
	.quad	0x00000000000600e0
	.bss
	.balign	16
	.space	65536
stack_top:
	.space	16
	.section .note.GNU-stack,"",@progbits
