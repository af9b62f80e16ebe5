/* Entry in either byte order, in real mode and 64-bit mode with floating point, vectors and VSX on; hypercall(nr, a, b, c, d). */
	.section .head, "ax"
	.globl _start
_start:
#ifdef __LITTLE_ENDIAN__                 /* entered big endian: turned around with words that are written the other way round */
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
	oris	4, 4, 0x280
	ori	4, 4, 0x2000
	mtmsrd	4
	isync
	lis	2, .TOC.@ha
	addi	2, 2, .TOC.@l
	lis	1, stack_top@ha
	addi	1, 1, stack_top@l
	li	0, 0
	stdu	0, -112(1)
	bl	bench_main
	nop
	bl	bench_report
	nop
1:	b	1b

	.text
	.globl hypercall
hypercall:
	sc	1
	blr
