/*
 * Where everything is: real storage, the kernel's home space, the programs' primary spaces. Included by C, by assembly
 * and (through the C preprocessor) by the linker script.
 */
#ifndef DEMO_LAYOUT_H
#define DEMO_LAYOUT_H

/* Real storage. The home space maps the first 16 MiB one to one, page by page. */
#define KERNEL_START 0x20000           /* image: text, constants, data, bss */
#define TABLES_START 0x100000          /* region, segment and page tables */
#define TABLES_END 0x200000
#define WINDOW_START 0x400000          /* 4 MiB that the dirty window walks over */
#define WINDOW_END 0x800000
#define FRAMES_START 0x800000          /* page frames for the programs */
#define FRAMES_END 0xf00000
#define IDENTITY_END 0x1000000

/* Home space only: the last MiB of storage, one large (EDAT-1) segment, holds the trace ring. */
#define TRACE_START 0x200000000
#define TRACE_SIZE 0x100000

/* The 64-bit program: region-second table, since it lives above 4 TiB. */
#define USER64_TEXT 0x40000010000
#define USER64_HEAP 0x40010000000
#define USER64_STACK_TOP 0x7fffffff000

/* The 31-bit program: a segment table is enough. */
#define USER31_TEXT 0x00400000
#define USER31_HEAP 0x10000000
#define USER31_STACK_TOP 0x7ffff000

#define USER_HEAP_MAX 0x100000
#define USER_STACK_MAX 0x100000

#define PAGE_SIZE 4096
#define SEGMENT_SIZE 0x100000
#define KERNEL_STACK_SIZE 8192

#endif
