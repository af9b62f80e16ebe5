/* Interruptions, registers, reservations, alignment, invalid forms. */
#include "suite.h"

#define USUAL (mfmsr() & ~MSR_EE)

static void expect(const char *name, u32 first, u32 second, u64 more, u64 vector, u64 bits) {
  execute(first, second, USUAL | more);
  report(name, seen.vector == vector && (seen.srr1 & 0x783f0000) == bits);
}

#define NOP 0x60000000
#define SC 0x44000002

/* A POWER8 says in SRR1 and SDAR what a step was. */
static void test_steps(void) {
  int power8 = mfspr(287) >> 16 == 0x4d;
  u64 step = power8 ? 0x40000000 : 0;
  expect("a step interrupts behind the instruction", NOP, NOP, MSR_SE, 0xd00, step);
  expect("a step of a load", 0x81230000, NOP, MSR_SE, 0xd00, power8 ? 0x50000000 : 0); /* lwz r9, 0(r3) */
  expect("a step of a store", 0x91230014, NOP, MSR_SE, 0xd00, power8 ? 0x48000000 : 0); /* stw r9, 20(r3) */
  report("a step leaves where the store went", !power8 || mfspr(797) == seen.srr0 + 16);
  expect("a step of DCBZ is one of a store", 0x7c001fec, NOP, MSR_SE, 0xd00, power8 ? 0x48000000 : 0);
  expect("a branch trace interrupts behind the branch", NOP, 0x48000004, MSR_BE, 0xd00, step);
  expect("a system call is not traced", SC, NOP, MSR_SE, 0xc00, 0);
  long set = hcall(0x31c, 0, 1, 0x1000 | 2, 0);
  report("H_SET_MODE of the instruction breakpoint is a POWER8's", set == (power8 ? H_SUCCESS : -55));
  if (!power8) return;
  report("it may not be the hypervisor's", hcall(0x31c, 0, 1, 0x1003, 0) == -56 && hcall(0x31c, 0, 1, 0, 1) == -57);
  execute(NOP, NOP, USUAL);
  u64 at = seen.srr0 - 8;
  hcall(0x31c, 0, 1, at | 2, 0);
  expect("an instruction breakpoint interrupts behind the instruction", NOP, NOP, 0, 0xd00, 0x40100000);
  report("and leaves where it was", seen.srr0 == at + 4 && mfspr(796) == at);
  hcall(0x31c, 0, 1, at | 1, 0);
  expect("one of problem state does not", NOP, NOP, 0, 0xc00, 0);
  hcall(0x31c, 0, 1, 0, 0);
}

static void test_program(void) {
  expect("a word of zeros is illegal", 0, NOP, 0, 0x700, 0x80000);
  expect("a word that is no instruction is illegal", 0x12345678, NOP, 0, 0x700, 0x80000);
  expect("a trap", 0x7fe00008, NOP, 0, 0x700, 0x20000);
  expect("a register of the hypervisor is privileged", 0x7c7e4aa6, NOP, 0, 0x700, 0x40000); /* mfspr r3, LPCR */
  expect("fields that are reserved are not looked at", 0xfc24002c, NOP, MSR_FP, 0xc00, 0); /* fsqrt f1, f0 with a field too many */
  expect("hrfid is privileged", 0x4c000224, NOP, 0, 0x700, 0x40000);
  expect("tlbie is privileged", 0x7c001a64, NOP, 0, 0x700, 0x40000);
  expect("a system call", SC, NOP, 0, 0xc00, 0);
  expect("floating point without MSR[FP]", 0xfc20102a, NOP, 0, 0x800, 0); /* fadd f1, f0, f2 */
  expect("vectors without MSR[VEC]", 0x1020100a, NOP, 0, 0xf20, 0); /* vaddfp v1, v0, v2 */
  expect("VSX without MSR[VSX]", 0xf0201100, NOP, MSR_FP | MSR_VEC, 0xf40, 0); /* xsadddp vs1, vs0, vs2 */
  expect("an enabled exception, when it is met", 0xffe0004c, NOP, MSR_FP, 0xc00, 0); /* mtfsb1 31: nothing is met */
  /* mtfsb1 24 enables invalid operations, mtfsb1 7 says that one was met. */
  expect("an enabled exception interrupts", 0xff00004c, 0xfce0004c, MSR_FP | MSR_FE0, 0x700, 0x100000);
  execute(0xff00004c, 0xfce0004c, USUAL | MSR_FP);
  expect("one that was met before interrupts once RFID lets it", NOP, NOP, MSR_FP | MSR_FE0, 0x700, 0x110000);
  report("it does so in front of the next instruction", *(u32 *)seen.srr0 == NOP);
  forget();
  clear_on_return = MSR_FE0;
  __asm__ volatile("mtmsrd %0; nop" : : "r"(mfmsr() | MSR_FP | MSR_FE0) : "memory");
  clear_on_return = 0;
  report("or once MTMSRD lets it", seen.vector == 0x700 && (seen.srr1 & 0x783f0000) == 0x110000);
  __asm__ volatile("mtmsrd %0" : : "r"(mfmsr() & ~MSR_FE0));
  execute(0xff00008c, 0xfce0008c, USUAL | MSR_FP); /* mtfsb0 of both */
  test_steps();
}

/* Messages to the processor's own thread, by r9. */
static void test_doorbells(void) {
  int power8 = mfspr(287) >> 16 == 0x4d;
  expect("a message to processors is the hypervisor's", 0x7c00199c, NOP, 0, 0x700, power8 ? 0x40000 : 0x80000); /* msgsnd r3 */
  if (!power8) return;
  u64 open = mfmsr() | MSR_EE, shut = mfmsr() & ~MSR_EE;
  mtspr(22, 0x7fffffff);
#define MESSAGE(word, rb) \
  __asm__ volatile("mr 9, %0; .long " #word : : "r"(rb) : "r9", "memory")
#define OPEN __asm__ volatile("mtmsrd %0, 1; nop; mtmsrd %1, 1" : : "r"(open), "r"(shut) : "memory")
  report("a processor has one thread", mfspr(446) == 0);
  forget();
  MESSAGE(0x7c00491c, 5ul << 27); /* msgsndp */
  report("a doorbell waits for MSR[EE]", seen.vector == 0);
  OPEN;
  report("and interrupts at a00", seen.vector == 0xa00);
  forget();
  OPEN;
  report("once", seen.vector == 0);
  MESSAGE(0x7c00491c, 5ul << 27);
  MESSAGE(0x7c00495c, 5ul << 27); /* msgclrp */
  OPEN;
  report("one that is taken back does not", seen.vector == 0);
  MESSAGE(0x7c00491c, 4ul << 27);
  MESSAGE(0x7c00491c, 5ul << 27 | 1);
  OPEN;
  report("nor another message, or one for another thread", seen.vector == 0);
}

static u64 words[64] __attribute__((aligned(128)));

static void test_reservations(void) {
  u32 cr;
  u64 old;
  words[0] = 1;
  __asm__ volatile("ldarx %0, 0, %2; stdcx. %3, 0, %2; mfcr %1" : "=&r"(old), "=&r"(cr) : "r"(words), "r"(2ul) : "cr0", "memory");
  report("stdcx. behind ldarx stores", old == 1 && words[0] == 2 && cr >> 28 == 2);
  __asm__ volatile("stdcx. %2, 0, %1; mfcr %0" : "=&r"(cr) : "r"(words), "r"(3ul) : "cr0", "memory");
  report("stdcx. without a reservation does not", words[0] == 2 && cr >> 28 == 0);
  __asm__ volatile("lwarx %0, 0, %2; stwcx. %3, 0, %4; mfcr %1" : "=&r"(old), "=&r"(cr) : "r"(words), "r"(9), "r"(words + 32) : "cr0", "memory");
  report("stwcx. in another granule does not", words[32] == 0 && cr >> 28 == 0);
  forget();
  old = 10;
  __asm__ volatile("lwarx %0, 0, %1" : "+&r"(old) : "r"((char *)words + 1));
  report("lwarx that is not aligned interrupts, and changes nothing", seen.vector == 0x600 && old == 10 && seen.dar == (u64)words + 1);
  forget();
  __asm__ volatile("stdcx. %1, 0, %0" : : "r"((char *)words + 4), "r"(1) : "cr0", "memory");
  report("stdcx. that is not aligned interrupts", seen.vector == 0x600);
}

static unsigned char bytes[8192] __attribute__((aligned(4096)));

static void test_alignment(void) {
  for (int i = 0; i < 8192; i++) bytes[i] = i;
  forget();
  u64 value;
  __asm__ volatile("ldx %0, 0, %1" : "=r"(value) : "r"(bytes + 4093) : "memory");
  u64 expected = 0;
  __builtin_memcpy(&expected, bytes + 4093, 8);
  report("a doubleword across pages", value == expected && seen.vector == 0);
  __asm__ volatile("stdx %0, 0, %1" : : "r"(0x0102030405060708), "r"(bytes + 4091) : "memory");
  report("a doubleword stored across pages", bytes[4091] == (big32(1) == 1 ? 1 : 8) && bytes[4098] == (big32(1) == 1 ? 8 : 1));
  for (int i = 0; i < 32; i++) bytes[i] = 1 + i;
  forget();
#ifdef __LITTLE_ENDIAN__
  __asm__ volatile("mr 9, %0; .long 0x7d6964aa" : : "r"(bytes) : "r9", "r11", "r12", "r13", "memory"); /* lswi r11, r9, 12 */
  report("lswi interrupts in little-endian mode", seen.vector == 0x600);
  forget();
  __asm__ volatile("mr 9, %0; .long 0xbbe90000" : : "r"(bytes) : "r9", "r31", "memory"); /* lmw r31, 0(r9) */
  report("lmw interrupts in little-endian mode", seen.vector == 0x600);
#else
  u64 first, second;
  __asm__ volatile("li 11, -1; li 12, -1; lswi 11, %2, 3; mr %0, 11; mr %1, 12" : "=r"(first), "=r"(second) : "b"(bytes) : "r11", "r12", "memory");
  report("lswi of three bytes fills the rest of the word", first == 0x01020300 && second == ~0ul);
  /* Registers 8 and 9 would be loaded: 9 has the address. */
  __asm__ volatile("mr 9, %2; .long 0x7d0944aa; mr %0, 8; mr %1, 9" : "=r"(first), "=r"(second) : "r"(bytes) : "r8", "r9", "memory");
  report("lswi leaves the register of its address alone", first == 0x01020304 && second == (u64)bytes);
#endif
}

static void test_registers(void) {
  mtspr(18, ~0ul);
  report("DSISR has 32 bits", mfspr(18) == 0xffffffff);
  mtspr(256, ~0ul);
  report("VRSAVE has 32 bits", mfspr(256) == 0xffffffff);
  mtspr(19, ~0ul);
  report("DAR has 64 bits", mfspr(19) == ~0ul);
  mtspr(275, 0x123456789abcdef0);
  report("SPRG3 can be read by its other name", mfspr(259) == 0x123456789abcdef0);
  mtspr(1, ~0ul);
  report("XER has no bits that do not exist", mfspr(1) == 0xe000007f);
  mtspr(1, 0);
  report("the version is a POWER7's or a POWER8's", mfspr(287) >> 16 == 0x3f || mfspr(287) >> 16 == 0x4d);
  forget();
  __asm__ volatile("mfspr 3, 100" : : : "r3");
  report("a register that does not exist is nothing to supervisor state", seen.vector == 0);
  u64 msr = mfmsr();
  __asm__ volatile("mtmsrd %0" : : "r"((msr ^ 1) & ~MSR_ME));
  report("mtmsrd changes neither LE nor ME", mfmsr() == msr);
}

void test_faults(void) {
  test_program();
  test_doorbells();
  test_reservations();
  test_alignment();
  test_registers();
}

/* One page of 16 MiB maps the suite itself; a page of 4 KiB, other things to be met. */
#define VSID 0x123ul
#define OTHER 0xa0000000ul
#define OTHER_VSID 0x456ul

static u64 enter(u64 ea, u64 vsid, u64 real, u64 shift, u64 pp) {
  u64 hash = (vsid ^ ((ea & 0xffffffful) >> shift)) & 0x1ffff;
  u64 first = vsid << 12 | ((ea >> 23) & 31) << 7 | (shift == 24 ? 4 : 0) | 1;
  return hcall(0x08, 0, hash * 8, first, real | 0x10 | pp) == H_SUCCESS ? returned[0] : ~0ul;
}
static void segment(u64 ea, u64 vsid, u64 large, u64 entry, u64 more) {
  u64 rb = (ea & ~0xffffffful) | 0x8000000 | entry, rs = vsid << 12 | 0x400 | (large ? 0x100 : 0) | more;
  __asm__ volatile("slbmte %0, %1; isync" : : "r"(rs), "r"(rb) : "memory");
}

#define LOAD 0x80650000  /* lwz r3, 0(r5) */
#define STORE 0x90650000 /* stw r3, 0(r5) */

static void access_(const char *name, u32 instruction, u64 ea, u64 more, u64 vector, u64 dsisr) {
  /* r5 is what `with_msr` finds there: the address is put into the instruction before. */
  execute(0x3ca00000 | ((ea >> 16) & 0xffff), instruction, USUAL | MSR_IR | MSR_DR | more); /* lis r5, ea */
  report(name, seen.vector == vector && (vector != 0x300 || seen.dsisr == dsisr));
}

/* Where nothing can be fetched: by segments and entries, and in real mode, where it is the hypervisor's to say so. */
static void test_fetches(u64 ea, u64 vsid) {
  go_to(ea + 0x10000000, USUAL | MSR_IR);
  report("no segment to fetch from", seen.vector == 0x480 && seen.srr0 == ea + 0x10000000);
  go_to(ea, USUAL | MSR_IR);
  report("no entry to fetch from", seen.vector == 0x400 && seen.srr0 == ea && (seen.srr1 & 0x783f0000) == 0x40000000);
  u64 ptex = enter(ea, vsid, 0x10000 | 4, 12, 2);
  go_to(ea, USUAL | MSR_IR);
  report("a page that is no code", seen.vector == 0x400 && (seen.srr1 & 0x783f0000) == 0x10000000);
  hcall(0x04, 0, ptex, 0, 0);
  go_to(1ul << 40, USUAL);
  report("past the storage in real mode, to fetch from", seen.vector == 0x400 && seen.srr0 == 1ul << 40 && (seen.srr1 & 0x783f0000) == 0x08000000);
  if (mfspr(287) >> 16 != 0x4d) return;
  u64 fscr = mfspr(153);
  mtspr(153, 0);
  expect("a facility that FSCR keeps from problem state", 0x7c6fcaa6, NOP, MSR_PR, 0xf60, 0); /* mfspr r3, TAR */
  report("FSCR says which", mfspr(153) >> 56 == 8);
  mtspr(153, fscr);
}

void test_translation(void) {
  __asm__ volatile("slbia; isync");
  segment(0, VSID, 1, 1, 0);
  report("H_ENTER takes a page of 16 MiB", enter(0, VSID, 0, 24, 2) != ~0ul);
  expect("translation on, and a system call", NOP, NOP, MSR_IR | MSR_DR, 0xc00, 0);
  expect("problem state may call the system", NOP, NOP, MSR_PR, 0xc00, 0);
  expect("a hypercall from problem state is a system call", 0x44000022, NOP, MSR_PR, 0xc00, 0);
  expect("problem state may not read the MSR", 0x7c6000a6, NOP, MSR_PR, 0x700, 0x40000);
  expect("problem state may not set SPRG0", 0x7c7043a6, NOP, MSR_PR, 0x700, 0x40000);
  expect("problem state may read SPRG3", 0x7c6342a6, NOP, MSR_PR, 0xc00, 0); /* mfspr r3, 259 */
  expect("a register that does not exist is illegal to problem state", 0x7c640aa6, NOP, MSR_PR, 0x700, 0x80000);
  expect("a privileged number that does not exist is privileged to it", 0x7c7d0aa6, NOP, MSR_PR, 0x700, 0x40000);
  access_("no segment", LOAD, OTHER & 0x7fffffff, 0, 0x380, 0);
  segment(OTHER & 0x7fffffff, OTHER_VSID, 0, 2, 0);
  u64 ea = OTHER & 0x7fffffff;
  test_fetches(ea, OTHER_VSID);
  access_("no entry", LOAD, ea, 0, 0x300, 0x40000000);
  access_("no entry, of a store", STORE, ea, 0, 0x300, 0x42000000);
  u64 ptex = enter(ea, OTHER_VSID, 0x10000, 12, 3);
  access_("a page to be read", LOAD, ea, 0, 0xc00, 0);
  access_("a page to be read, stored to", STORE, ea, 0, 0x300, 0x0a000000);
  hcall(0x0c, 0, ptex, 0, 0);
  report("the reference bit is set, the change bit is not", (returned[1] & 0x180) == 0x100);
  hcall(0x18, 2, ptex, 0, 0);
  access_("a page to be written", STORE, ea, 0, 0xc00, 0);
  hcall(0x0c, 0, ptex, 0, 0);
  report("the change bit is set", (returned[1] & 0x180) == 0x180);
  hcall(0x10, 0, ptex, 0, 0);
  hcall(0x0c, 0, ptex, 0, 0);
  report("H_CLEAR_MOD takes it away", (returned[1] & 0x80) == 0);
  hcall(0x28, ea | 7, 0, 0, 0);
  access_("a data address breakpoint", LOAD, ea, 0, 0x300, 0x00400000);
  hcall(0x28, 0, 0, 0, 0);
  segment(ea, OTHER_VSID, 0, 2, 0x200);
  execute(0x3ca00000 | (ea >> 16), 0x7ca903a6, USUAL);
  forget();
  hcall(0x04, 0, ptex, 0, 0);
  access_("an entry that was removed", LOAD, ea, 0, 0x300, 0x40000000);
  forget();
  __asm__ volatile("stdx %0, 0, %1" : : "r"(0), "r"(1ul << 40) : "memory");
  report("past the storage in real mode", seen.vector == 0x300 && seen.dsisr == 0x42000000);
  mtspr(22, 0x7fffffff);
}

#define RELOCATED 0xc000000000000000ul

/* With H_SET_MODE interruptions of translated code go on translated, and at other addresses: their vectors have numbers of their own here. */
void test_relocation(void) {
  int power8 = mfspr(287) >> 16 == 0x4d;
  report("H_SET_MODE of translation in interruptions is a POWER8's", hcall(0x31c, 3, 3, 0, 0) == (power8 ? H_SUCCESS : -55));
  if (!power8) return;
  segment(RELOCATED, OTHER_VSID + 1, 1, 3, 0);
  enter(RELOCATED, OTHER_VSID + 1, 0, 24, 2);
  install_at(0x4c00);
  install_at(0x4700);
  expect("an interruption of translated code goes to c000000000004000", SC, NOP, MSR_IR | MSR_DR, 0x4c00, 0);
  report("and is translated itself", (mfmsr() & (MSR_IR | MSR_DR)) == (MSR_IR | MSR_DR));
  u64 real = mfmsr() & ~(MSR_IR | MSR_DR);
  __asm__ volatile("mtmsrd %0; isync" : : "r"(real) : "memory");
  expect("one of real addresses does not", SC, NOP, 0, 0xc00, 0);
  expect("a fault goes there as well", 0, NOP, MSR_IR | MSR_DR, 0x4700, 0x80000);
  __asm__ volatile("mtmsrd %0; isync" : : "r"(real) : "memory");
  report("H_SET_MODE knows no other place", hcall(0x31c, 1, 3, 0, 0) == -256 && hcall(0x31c, 3, 3, 1, 0) == -56 && hcall(0x31c, 3, 3, 0, 1) == -57);
  hcall(0x31c, 0, 3, 0, 0);
  expect("nor does any when it is off again", SC, NOP, MSR_IR | MSR_DR, 0xc00, 0);
}
