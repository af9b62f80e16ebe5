/*
 * Assigned storage locations (PoP, "Assigned Storage Locations"), the interrupted state as the entry code saves it, and
 * the offsets of both for assembly. `lowcore.c` asserts that the C structures and the offsets agree.
 */
#ifndef DEMO_LOWCORE_H
#define DEMO_LOWCORE_H

#define LC_EXTERNAL_OLD_PSW 0x130
#define LC_SVC_OLD_PSW 0x140
#define LC_PROGRAM_OLD_PSW 0x150
#define LC_MCCK_OLD_PSW 0x160

/* Ours, above the 512 bytes that low-address protection covers. */
#define LC_SAVE_SVC 0x200
#define LC_SAVE_PROGRAM 0x280
#define LC_SAVE_EXTERNAL 0x300
#define LC_RETURN_PSW 0x380
#define LC_KERNEL_STACK 0x390

#define STACK_FRAME_OVERHEAD 160
#define PT_GPRS 160                    /* struct pt_regs within an interruption's stack frame */
#define PT_PSW 288
#define PT_FRAME_SIZE 304

#define TASK_KSP 0                     /* offset in struct task */

#ifndef __ASSEMBLER__
#include "types.h"

struct psw {
	u64 mask;
	u64 address;
};

#define PSW_MASK_DAT 0x0400000000000000ULL
#define PSW_MASK_EXT 0x0100000000000000ULL
#define PSW_MASK_WAIT 0x0002000000000000ULL
#define PSW_MASK_PSTATE 0x0001000000000000ULL
#define PSW_ASC_HOME 0x0000c00000000000ULL
#define PSW_MASK_EA 0x0000000100000000ULL
#define PSW_MASK_BA 0x0000000080000000ULL
#define PSW_KEY(key) ((u64)(key) << 52)
#define PSW_MASK_KERNEL (PSW_MASK_DAT | PSW_ASC_HOME | PSW_MASK_EA | PSW_MASK_BA)

struct pt_regs {
	u64 gprs[16];
	struct psw psw;
};

struct lowcore {
	u8 pad_0[0x80];
	u32 external_params;           /* 080 */
	u16 external_cpu_address;      /* 084 */
	u16 external_code;             /* 086 */
	u16 svc_ilc;                   /* 088 */
	u16 svc_code;                  /* 08a */
	u16 program_ilc;               /* 08c */
	u16 program_code;              /* 08e */
	u8 pad_90[0xa8 - 0x90];
	u64 teid;                      /* 0a8, translation-exception identification */
	u8 pad_b0[0xc8 - 0xb0];
	u32 stfl_list;                 /* 0c8 */
	u8 pad_cc[0x110 - 0xcc];
	u64 breaking_event_address;    /* 110 */
	u8 pad_118[8];
	struct psw restart_old_psw;    /* 120 */
	struct psw external_old_psw;   /* 130 */
	struct psw svc_old_psw;        /* 140 */
	struct psw program_old_psw;    /* 150 */
	struct psw mcck_old_psw;       /* 160 */
	struct psw io_old_psw;         /* 170 */
	u8 pad_180[0x20];
	struct psw restart_new_psw;    /* 1a0 */
	struct psw external_new_psw;   /* 1b0 */
	struct psw svc_new_psw;        /* 1c0 */
	struct psw program_new_psw;    /* 1d0 */
	struct psw mcck_new_psw;       /* 1e0 */
	struct psw io_new_psw;         /* 1f0 */
	u64 save_svc[16];              /* 200 */
	u64 save_program[16];          /* 280 */
	u64 save_external[16];         /* 300 */
	struct psw return_psw;         /* 380 */
	u64 kernel_stack;              /* 390, where an interruption of a program starts its stack */
	u8 pad_398[0x2000 - 0x398];
};

extern struct lowcore lowcore;

void lowcore_init(void);
#endif

#endif
