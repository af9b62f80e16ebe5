/* memcpy and memset (the compiler calls them too), as MOVE LONG EXTENDED does them. */
	.text
	.globl	memcpy
	.type	memcpy, @function
memcpy:
	.cfi_startproc
	lgr	%r1,%r2
	lgr	%r0,%r3
	lgr	%r3,%r4
	lgr	%r5,%r4
	lgr	%r4,%r0
0:	mvcle	%r2,%r4,0
	jo	0b
	lgr	%r2,%r1
	br	%r14
	.cfi_endproc
	.size	memcpy, .-memcpy

	.globl	memset
	.type	memset, @function
memset:
	.cfi_startproc
	lgr	%r0,%r2
	lgr	%r1,%r3
	lgr	%r3,%r4
	lghi	%r4,0
	lghi	%r5,0
0:	mvcle	%r2,%r4,0(%r1)
	jo	0b
	lgr	%r2,%r0
	br	%r14
	.cfi_endproc
	.size	memset, .-memset
