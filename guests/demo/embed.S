/* The 31-bit program as the kernel finds it: the bytes that belong at USER31_TEXT. */
	.section .user31, "a"
	.globl	__user31_image
	.globl	__user31_image_end
__user31_image:
	.incbin	"user31.bin"
__user31_image_end:
