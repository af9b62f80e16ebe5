/* One inline function for each control instruction that the kernel uses, named after it. */
#ifndef DEMO_CTL_H
#define DEMO_CTL_H

#include "types.h"

#define CR0_LOW_ADDRESS_PROTECTION 0x10000000ULL       /* bit 35 */
#define CR0_EDAT 0x00800000ULL                         /* bit 40 */
#define CR0_CLOCK_COMPARATOR 0x00000800ULL             /* bit 52 */
#define CR0_CPU_TIMER 0x00000400ULL                    /* bit 53 */
#define CR0_SERVICE_SIGNAL 0x00000200ULL               /* bit 54 */
#define CR0_EXTERNAL_SUBMASKS (0xf000ULL | CR0_CLOCK_COMPARATOR | CR0_CPU_TIMER | CR0_SERVICE_SIGNAL | 0xf0ULL)

/* Sets %[cc] to the condition code. */
#define GET_CC "	ipm	%[cc]\n	srl	%[cc],28\n"

#define lctlg(number, value)                                                                  \
	do {                                                                                  \
		u64 lctlg_value = (value);                                                    \
		asm volatile("lctlg	" #number "," #number ",%0" : : "Q"(lctlg_value) : "memory"); \
	} while (0)

#define stctg(number)                                                                         \
	({                                                                                    \
		u64 stctg_value;                                                              \
		asm volatile("stctg	" #number "," #number ",%0" : "=Q"(stctg_value));     \
		stctg_value;                                                                  \
	})

static inline u64 stck(void)
{
	u64 tod;
	asm volatile("stck	%0" : "=Q"(tod) : : "cc");
	return tod;
}

static inline void sckc(u64 comparator)
{
	asm volatile("sckc	%0" : : "Q"(comparator));
}

static inline void spt(u64 timer)
{
	asm volatile("spt	%0" : : "Q"(timer));
}

static inline u64 stidp(void)
{
	u64 id;
	asm volatile("stidp	%0" : "=Q"(id));
	return id;
}

static inline u16 stap(void)
{
	u16 address;
	asm volatile("stap	%0" : "=Q"(address));
	return address;
}

/** Stores up to `count` doublewords of the facility list. */
static inline void stfle(u64 *list, u32 count)
{
	register u64 r0 asm("0") = count - 1;
	asm volatile("stfle	0(%[list])" : "+d"(r0) : [list] "a"(list) : "cc", "memory");
}

/** Service call; CC 0 initiated, 2 busy, 3 not operational. */
static inline int servc(u32 command, void *sccb)
{
	int cc;
	asm volatile(".insn	rre,0xb2200000,%[command],%[sccb]\n" GET_CC
		     : [cc] "=&d"(cc)
		     : [command] "d"(command), [sccb] "a"(sccb)
		     : "cc", "memory");
	return cc;
}

/** Load real address in the current (home) space; the CC is 0 when the page is there. */
static inline int lrag(u64 address, u64 *real)
{
	int cc;
	asm volatile("lrag	%[real],0(%[address])\n" GET_CC
		     : [cc] "=&d"(cc), [real] "=&a"(*real)
		     : [address] "a"(address)
		     : "cc", "memory");
	return cc;
}

/** Test protection with key 0; CC 0 fetch and store, 1 fetch only, 2 neither, 3 not translated. */
static inline int tprot(u64 address)
{
	int cc;
	asm volatile("tprot	0(%[address]),0\n" GET_CC : [cc] "=&d"(cc) : [address] "a"(address) : "cc", "memory");
	return cc;
}

static inline void sske(u64 frame, u8 key)
{
	asm volatile("sske	%0,%1" : : "d"((u64)key), "a"(frame) : "memory");
}

static inline u8 iske(u64 frame)
{
	u64 key = 0;
	asm volatile("iske	%0,%1" : "+d"(key) : "a"(frame) : "memory");
	return (u8)key;
}

/** Resets the reference bit; the CC holds the reference (2) and change (1) bits as they were. */
static inline int rrbe(u64 frame)
{
	int cc;
	asm volatile("rrbe	0,%[frame]\n" GET_CC : [cc] "=&d"(cc) : [frame] "a"(frame) : "cc", "memory");
	return cc;
}

static inline void ipte(const u64 *page_table, u64 address)
{
	asm volatile("ipte	%0,%1" : : "a"(page_table), "a"(address) : "memory");
}

#endif
