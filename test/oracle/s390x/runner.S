/*
 * Does test cases, one after the other, with DAT off and no interruption enabled: fills the data frames, loads what the
 * case wants, does its instruction in the case's own address space, and stores what came out. Every way on from the
 * instruction leads to an SVC or to a program interruption. Ends in a disabled wait: at address 0 when all cases are done,
 * at 0xbad0 after a fault of the runner itself.
 *
 * Registers of the runner: 11 cases left, 12 case, 13 result.
 */
	.equ	LC_PSW, 0x400			/* of the case */
	.equ	LC_SAVE, 0x410			/* registers 11 to 13 of the runner */
	.equ	LC_GRS, 0x480

	.text
	.globl	_start
_start:
	larl	%r1,svc_psw
	mvc	0x1c0(16,%r0),0(%r1)
	larl	%r1,program_psw
	mvc	0x1d0(16,%r0),0(%r1)
	larl	%r1,controls
	lctlg	%c0,%c15,0(%r1)
	lgfi	%r10,REAL_CONTROL
	lg	%r11,CONTROL_COUNT(%r10)
	lg	%r12,CONTROL_CASES(%r10)
	lg	%r13,CONTROL_RESULTS(%r10)

next:	ltgr	%r11,%r11
	jz	done
	/* data frames from the pool */
	lgfi	%r2,REAL_FRAMES
	la	%r3,CASE_POOL(%r12)
	lghi	%r4,FRAME_COUNT
0:	llgh	%r5,0(%r3)
	sllg	%r5,%r5,3
	agfi	%r5,REAL_POOL
	lghi	%r6,16
1:	mvc	0(256,%r2),0(%r5)
	la	%r2,256(%r2)
	la	%r5,256(%r5)
	brctg	%r6,1b
	la	%r3,2(%r3)
	brctg	%r4,0b
	/* patches: offset in the data frames, length, bytes up to an even address; length 0 ends them */
	la	%r3,CASE_PATCHES(%r12)
2:	llgh	%r5,2(%r3)
	ltgr	%r5,%r5
	jz	4f
	llgh	%r6,0(%r3)
	agfi	%r6,REAL_FRAMES
	la	%r7,4(%r3)
	la	%r3,5(%r5,%r3)
	nill	%r3,0xfffe
3:	ic	%r8,0(%r7)
	stc	%r8,0(%r6)
	la	%r7,1(%r7)
	la	%r6,1(%r6)
	brctg	%r5,3b
	j	2b
	/* the instruction */
4:	llgh	%r6,CASE_CODEOFFSET(%r12)
	agfi	%r6,REAL_CODE
	la	%r7,CASE_CODE(%r12)
	bras	%r14,place
	/* registers */
	xc	0x80(56,%r0),0x80(%r0)
	xc	0x110(8,%r0),0x110(%r0)
	lam	%a0,%a15,CASE_AR(%r12)
	.irp	n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	ld	%f\n,CASE_VR+16*\n(%r12)
	.endr
#ifdef VECTORS
	vlm	%v0,%v15,CASE_VR(%r12)
	vlm	%v16,%v31,CASE_VR+256(%r12)
#endif
	lfpc	CASE_FPC(%r12)
	lctlg	%c0,%c15,CASE_CR(%r12)
	mvc	LC_PSW(16,%r0),CASE_PSW(%r12)
	stmg	%r11,%r13,LC_SAVE(%r0)
	lmg	%r0,%r15,CASE_GR(%r12)
	lpswe	LC_PSW(%r0)

svc:	stmg	%r0,%r15,LC_GRS(%r0)
	lmg	%r11,%r13,LC_SAVE(%r0)
	mvc	RESULT_PSW(16,%r13),0x140(%r0)
	lghi	%r1,1
	j	5f
program:
	stmg	%r0,%r15,LC_GRS(%r0)
	lmg	%r11,%r13,LC_SAVE(%r0)
	tm	0x150(%r0),0x04			/* DAT was on: it was the case */
	jz	bad
	mvc	RESULT_PSW(16,%r13),0x150(%r0)
	lghi	%r1,2
5:	st	%r1,RESULT_KIND(%r13)
	stctg	%c0,%c15,RESULT_CR(%r13)
	larl	%r2,controls
	lctlg	%c0,%c15,0(%r2)
	mvc	RESULT_GR(128,%r13),LC_GRS(%r0)
	stam	%a0,%a15,RESULT_AR(%r13)
	.irp	n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	std	%f\n,RESULT_VR+16*\n(%r13)
	.endr
#ifdef VECTORS
	vstm	%v0,%v15,RESULT_VR(%r13)
	vstm	%v16,%v31,RESULT_VR+256(%r13)
#endif
	stfpc	RESULT_FPC(%r13)
	mvc	RESULT_LOWCORE(56,%r13),0x80(%r0)
	mvc	RESULT_BEA(8,%r13),0x110(%r0)
	/* digests of the data frames and of the code frames */
	la	%r3,RESULT_DIGESTS(%r13)
	lgfi	%r2,REAL_FRAMES
	lghi	%r4,FRAME_COUNT
6:	bras	%r14,digest
	brctg	%r4,6b
	lgfi	%r2,REAL_CODE
	bras	%r14,digest
	bras	%r14,digest
	/* the code frames become what they were */
	llgh	%r6,CASE_CODEOFFSET(%r12)
	agfi	%r6,REAL_CODE
	larl	%r7,fill
	bras	%r14,place
	aghi	%r12,CASE_SIZE
	aghi	%r13,RESULT_SIZE
	brctg	%r11,next
done:	larl	%r1,done_psw
	lpswe	0(%r1)
bad:	larl	%r1,bad_psw
	lpswe	0(%r1)

	/* one frame at %r2, which moves on; the digest goes to 0(%r3), which moves on */
digest:	lghi	%r0,0
	lghi	%r5,128
7:	rllg	%r0,%r0,13
	xg	%r0,0(%r2)
	rllg	%r0,%r0,13
	xg	%r0,8(%r2)
	rllg	%r0,%r0,13
	xg	%r0,16(%r2)
	rllg	%r0,%r0,13
	xg	%r0,24(%r2)
	la	%r2,32(%r2)
	brctg	%r5,7b
	stg	%r0,0(%r3)
	la	%r3,8(%r3)
	br	%r14

	/* code from %r7 to %r6; by halfwords, since QEMU forgets no code of the second page that one MVC changes */
place:	lghi	%r5,CODE_BYTES/2
8:	lh	%r4,0(%r7)
	sth	%r4,0(%r6)
	la	%r7,2(%r7)
	la	%r6,2(%r6)
	brctg	%r5,8b
	br	%r14

	.balign	8
svc_psw:
	.quad	0x0000000180000000, svc
program_psw:
	.quad	0x0000000180000000, program
done_psw:
	.quad	0x0002000180000000, 0
bad_psw:
	.quad	0x0002000180000000, 0xbad0
controls:	/* AFP registers and vectors; region-first tables of full length; half of the keys and of the monitor classes */
	.quad	0x60000, REAL_TABLES+0x0f, 0, 0xaaaa0000, 0, 0, 0, REAL_SECONDARYTABLES+0x0f
	.quad	0x5555, 0, 0, 0, 0, REAL_SECONDARYTABLES+0x0f, 0, 0
fill:	.rept	CODE_BYTES/2
	.short	FILL
	.endr
