/* Entry, interruptions, and the ways into problem state and back, for either byte order. Real mode unless it says otherwise. */
#define FRAME 512
#define SAVE 112
#define GPR(n) (SAVE + 8 * (n))
#define REST (SAVE + 8 * 32)

/* Every guest is entered big endian: a little-endian one turns around with words that are written the other way round. */
	.macro begin
#ifdef __LITTLE_ENDIAN__
	.byte 0x42, 0x9f, 0x00, 0x05     /* bcl 20, 31, .+4 */
	.byte 0x7d, 0x48, 0x02, 0xa6     /* mflr 10 */
	.byte 0x7d, 0x60, 0x00, 0xa6     /* mfmsr 11 */
	.byte 0x69, 0x6b, 0x00, 0x01     /* xori 11, 11, 1 */
	.byte 0x39, 0x4a, 0x00, 0x1c     /* addi 10, 10, 28 */
	.byte 0x7d, 0x5a, 0x03, 0xa6     /* mtsrr0 10 */
	.byte 0x7d, 0x7b, 0x03, 0xa6     /* mtsrr1 11 */
	.byte 0x4c, 0x00, 0x00, 0x24     /* rfid */
#endif
	mfmsr	4
	li	5, 1
	sldi	5, 5, 63
	or	4, 4, 5
	mtmsrd	4                        /* 64-bit mode */
	isync
	lis	2, .TOC.@ha
	addi	2, 2, .TOC.@l
	.endm

	.section .head, "ax"
	.globl _start
_start:                                  /* r3: the device tree */
	begin
	lis	1, stack_top@ha
	addi	1, 1, stack_top@l
	lis	5, save_area@ha
	addi	5, 5, save_area@l
	mtsprg2	5
	li	0, 0
	stdu	0, -112(1)
	bl	main
	nop
1:	b	1b

	.globl other_start
other_start:                             /* r3: what the first CPU said */
	begin
	lis	1, other_stack_top@ha
	addi	1, 1, other_stack_top@l
	lis	5, other_save_area@ha
	addi	5, 5, other_save_area@l
	mtsprg2	5
	li	0, 0
	stdu	0, -112(1)
	bl	other_main
	nop
1:	b	1b

	.text
/* What is copied to each vector; the number of the vector is put into the `li`. */
	.globl vector_stub, vector_stub_number
vector_stub:
	mtsprg0	1
	mtsprg1	3
vector_stub_number:
	li	3, 0
	ba	interruption

	.globl interruption
interruption:                            /* SPRG2: where this CPU saves */
	mfsprg2	1
	std	0, GPR(0)(1)
	std	2, GPR(2)(1)
	.irp n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	\n, GPR(\n)(1)
	.endr
	mfsprg0	4
	std	4, GPR(1)(1)
	mfsprg1	4
	std	4, GPR(3)(1)
	mflr	4
	std	4, REST(1)
	mfctr	4
	std	4, REST+8(1)
	mfxer	4
	std	4, REST+16(1)
	mfcr	4
	std	4, REST+24(1)
	lis	2, .TOC.@ha
	addi	2, 2, .TOC.@l
	bl	interrupt
	nop
	cmpdi	3, 0
	bne	problem_done
	ld	4, REST(1)
	mtlr	4
	ld	4, REST+8(1)
	mtctr	4
	ld	4, REST+16(1)
	mtxer	4
	ld	4, REST+24(1)
	mtcr	4
	.irp n, 0,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\n, GPR(\n)(1)
	.endr
	ld	1, GPR(1)(1)
	rfid

/* unsigned long hypercall(nr, args[6]): r3 is the result, r4 and on go back into args. */
	.globl hypercall
hypercall:
	std	4, -8(1)
	mr	12, 4
	ld	4, 0(12)
	ld	5, 8(12)
	ld	6, 16(12)
	ld	7, 24(12)
	ld	8, 32(12)
	ld	9, 40(12)
	sc	1
	ld	12, -8(1)
	std	4, 0(12)
	std	5, 8(12)
	std	6, 16(12)
	std	7, 24(12)
	std	8, 32(12)
	std	9, 40(12)
	blr

/* void with_msr(code, msr): goes to `code` with another MSR, and comes back behind its first interruption. */
	.globl with_msr
with_msr:
	mflr	0
	std	0, 16(1)
	stdu	1, -320(1)
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	\n, 112+8*(\n-14)(1)
	.endr
	lis	6, kept_stack@ha
	addi	6, 6, kept_stack@l
	std	1, 0(6)
	mtsrr0	3
	mtsrr1	4
	rfid
problem_done:                            /* the interruption's MSR is the usual one */
	lis	6, kept_stack@ha
	addi	6, 6, kept_stack@l
	ld	1, 0(6)
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\n, 112+8*(\n-14)(1)
	.endr
	addi	1, 1, 320
	ld	0, 16(1)
	mtlr	0
	blr

	.bss
	.align 4
kept_stack: .space 16
save_area: .space FRAME
other_save_area: .space FRAME
