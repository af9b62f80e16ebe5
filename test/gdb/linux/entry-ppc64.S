# Entry points as those of Linux are built: registers in a pt_regs in a stack frame that says so.
	.abiversion 2
	.section .head, "ax"
	.globl	_start
_start:
#ifdef __LITTLE_ENDIAN__
	# Entered big endian: words that are written the other way round turn the order around.
	.byte	0x42, 0x9f, 0x00, 0x05	# bcl 20, 31, .+4
	.byte	0x7d, 0x48, 0x02, 0xa6	# mflr 10
	.byte	0x7d, 0x60, 0x00, 0xa6	# mfmsr 11
	.byte	0x69, 0x6b, 0x00, 0x01	# xori 11, 11, 1
	.byte	0x39, 0x4a, 0x00, 0x1c	# addi 10, 10, 28
	.byte	0x7d, 0x5a, 0x03, 0xa6	# mtsrr0 10
	.byte	0x7d, 0x7b, 0x03, 0xa6	# mtsrr1 11
	.byte	0x4c, 0x00, 0x00, 0x24	# rfid
	# H_SET_MODE: interruptions come in this order, too.
	li	3, 0x31c
	li	4, 1
	li	5, 4
	li	6, 0
	li	7, 0
	sc	1
#endif
	li	3, 1
	rldicr	3, 3, 63, 0
	ori	3, 3, 0x1002
	mtmsrd	3
	lis	2, .TOC.@h
	ori	2, 2, .TOC.@l
	lis	1, stack_end@h
	ori	1, 1, stack_end@l
	li	0, 0
	stdu	0, -112(1)
	bl	start_kernel
1:	b	1b
	.text
	.globl	system_call, ext_int_handler, io_int_handler
	.type	system_call, @function
system_call:
	lis	10, other_end@h
	ori	10, 10, other_end@l
	stdu	1, -512(10)
	i = 0
	.rept	32
	std	i, 112 + 8 * i(10)
	i = i + 1
	.endr
	mfspr	11, 26
	std	11, 112 + 256(10)
	mfspr	11, 27
	std	11, 112 + 264(10)
	mfctr	11
	std	11, 112 + 280(10)
	mflr	11
	std	11, 112 + 288(10)
	lis	11, 0x7265
	ori	11, 11, 0x6773
	rldicr	11, 11, 32, 31
	oris	11, 11, 0x6865
	ori	11, 11, 0x7265
	std	11, 96(10)
	mr	1, 10
	addi	3, 1, 112
	bl	__do_syscall
	nop
	ld	11, 112 + 256(1)
	mtspr	26, 11
	ld	11, 112 + 264(1)
	mtspr	27, 11
	ld	11, 112 + 288(1)
	mtlr	11
	ld	1, 0(1)
	rfid
	.size	system_call, . - system_call
	.type	ext_int_handler, @function
ext_int_handler: b .
	.type	io_int_handler, @function
io_int_handler:	b .
	.section .note.GNU-stack, "", @progbits
	.bss
	.balign	16
	.space	4096
other_end:
	.space	4096
stack_end:
