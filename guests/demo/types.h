/* Fixed-width names, and what freestanding C leaves out. */
#ifndef DEMO_TYPES_H
#define DEMO_TYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long size_t;
typedef _Bool bool;

#define true 1
#define false 0
#define NULL ((void *)0)

#endif
