/* Entry, interruptions and the ways between kernel and program. Real mode unless it says otherwise. */
#define FRAME 448
#define SAVE 112                 /* behind the area that the ABI has below a frame */
#define GPR(n) (SAVE + 8 * (n))
#define LR_AT (SAVE + 8 * 32)

	.section .head, "ax"
	.globl _start
_start:                          /* r3: the device tree; 32-bit mode */
	mfmsr	4
	li	5, 1
	sldi	5, 5, 63
	or	4, 4, 5
	mtmsrd	4                /* 64-bit mode */
	isync
	bl	load_toc
	lis	1, stack_top@h
	ori	1, 1, stack_top@l
	li	0, 0
	stdu	0, -112(1)
	bl	kernel
1:	b	1b

load_toc:
	lis	2, kernel@h      /* a descriptor: its second doubleword is the TOC's address */
	ori	2, 2, kernel@l
	ld	2, 8(2)
	blr

	.text
/* What is copied to each vector; the number of the vector is put into the `li`. */
	.globl vector_stub, vector_stub_number
vector_stub:
	mtsprg0	1
	mtsprg1	3
	mfcr	3
	mtsprg2	3
vector_stub_number:
	li	3, 0
	lis	1, interrupt_stack_top@h
	ori	1, 1, interrupt_stack_top@l
	ba	interruption

	.globl interruption
	.type interruption, @function
interruption:
	addi	1, 1, -FRAME
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
	std	4, LR_AT(1)
	mfctr	4
	std	4, LR_AT+8(1)
	mfxer	4
	std	4, LR_AT+16(1)
	mfsprg2	4
	std	4, LR_AT+24(1)
	mfsrr0	4
	std	4, LR_AT+32(1)
	mfsrr1	4
	std	4, LR_AT+40(1)
	std	3, LR_AT+48(1)
	li	0, 0
	std	0, 0(1)
	bl	load_toc
	addi	3, 1, SAVE
	bl	interrupt
	nop
	ld	4, LR_AT(1)
	mtlr	4
	ld	4, LR_AT+8(1)
	mtctr	4
	ld	4, LR_AT+16(1)
	mtxer	4
	ld	4, LR_AT+24(1)
	mtcr	4
	ld	4, LR_AT+32(1)
	mtsrr0	4
	ld	4, LR_AT+40(1)
	mtsrr1	4
	.irp n, 0,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\n, GPR(\n)(1)
	.endr
	ld	1, GPR(1)(1)
	rfid

/* unsigned long hypercall(nr, args[5]): r3 is the result, r4 and on go back into args. */
	.globl hypercall
	.type hypercall, @function
	.section ".opd", "aw"
	.align 3
hypercall: .quad .hypercall, .TOC.@tocbase, 0
	.text
	.type .hypercall, @function
.hypercall:
	std	4, -8(1)
	mr	11, 4
	ld	4, 0(11)
	ld	5, 8(11)
	ld	6, 16(11)
	ld	7, 24(11)
	ld	8, 32(11)
	sc	1
	ld	11, -8(1)
	std	4, 0(11)
	std	5, 8(11)
	std	6, 16(11)
	blr

/* void go(msr): goes on where it was called, with another MSR. */
	.globl go
	.section ".opd", "aw"
	.align 3
go: .quad .go, .TOC.@tocbase, 0
	.text
	.type .go, @function
.go:
	mtsrr1	3
	mflr	4
	mtsrr0	4
	rfid

/* void run_user(entry, stack, msr): comes back when the program makes its last system call. */
	.globl run_user
	.section ".opd", "aw"
	.align 3
run_user: .quad .run_user, .TOC.@tocbase, 0
	.text
	.type .run_user, @function
.run_user:
	mflr	0
	std	0, 16(1)
	stdu	1, -320(1)
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	\n, 112+8*(\n-14)(1)
	.endr
	lis	6, kernel_stack_kept@h
	ori	6, 6, kernel_stack_kept@l
	std	1, 0(6)
	mtsrr0	3
	mtsrr1	5
	mr	1, 4
	rfid
	.globl user_is_done
user_is_done:                    /* with the kernel's MSR */
	lis	6, kernel_stack_kept@h
	ori	6, 6, kernel_stack_kept@l
	ld	1, 0(6)
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\n, 112+8*(\n-14)(1)
	.endr
	addi	1, 1, 320
	ld	0, 16(1)
	mtlr	0
	lis	2, kernel@h      /* a descriptor: its second doubleword is the TOC's address */
	ori	2, 2, kernel@l
	ld	2, 8(2)
	blr

	.bss
	.align 3
	.globl kernel_stack_kept
kernel_stack_kept: .space 8

/* The program in problem state, in a page of its own at 0x30000000: it talks by system calls, and touches pages that come then. */
	.section .user, "ax"
	.globl user_begin
user_begin:
	lis	14, 0x3010       /* its heap */
	li	15, 4            /* pages to touch */
	mtctr	15
	mr	16, 14
1:	std	16, 8(16)
	ld	17, 8(16)
	addi	16, 16, 0x1000
	bdnz	1b
	li	0, 1             /* say */
	bl	2f
	.asciz "program: problem state, four pages of its heap touched\n"
	.align 2
2:	mflr	3
	sc
	li	0, 2             /* done */
	sc
3:	b	3b
