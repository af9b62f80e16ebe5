/* The performance monitor: what its counters count, when they stand still, and how they interrupt. */
#include "suite.h"

#define FC 0x80000000ul
#define FCS 0x40000000ul
#define FCP 0x20000000ul
#define FCM1 0x10000000ul
#define FCM0 0x08000000ul
#define PMAE 0x04000000ul
#define FCECE 0x02000000ul
#define PMC1CE 0x8000ul
#define PMCJCE 0x4000ul
#define PMAO 0x80ul
#define FC14 0x20ul
#define FC56 0x10ul

#define MMCR0 795
#define NOP 0x60000000

/* Nine instructions between the thaw and the frost, which counts itself. */
#define TEN(mmcr0) \
  __asm__ volatile("mtspr 795, %0; .rept 9; nop; .endr; mtspr 795, %1" : : "r"(mmcr0), "r"(FC) : "memory")

static void clear(void) {
  mtspr(MMCR0, FC);
  mtspr(787, 0);
  mtspr(788, 0);
  mtspr(789, 0);
  mtspr(790, 0);
  mtspr(791, 0);
  mtspr(792, 0);
}

/* What PMC5 has counted of ten instructions under these bits. */
static u64 counted(u64 mmcr0) {
  clear();
  TEN(mmcr0);
  return mfspr(791);
}

static void test_counting(void) {
  clear();
  report("counters stand still while they are frozen", mfspr(791) == 0 && mfspr(792) == 0);
  report("PMC5 counts instructions, PMC6 cycles", counted(0) == 10 && mfspr(792) == 10);
  report("PMC5 can be read under its other number", mfspr(775) == 10);
  report("FC56 stops PMC5 and PMC6", counted(FC56) == 0 && mfspr(792) == 0);
  report("FCS stops them in supervisor state, FCP does not", counted(FCS) == 0 && counted(FCP) == 10);
  report("FCM0 stops them unless the process is marked", counted(FCM0) == 0 && counted(FCM1) == 10);
  mtspr(798, 0x021e0000); /* MMCR1: PMC1 instructions, PMC2 cycles */
  counted(0);
  report("PMC1 and PMC2 count what MMCR1 says, PMC3 nothing", mfspr(787) == 10 && mfspr(788) == 10 && mfspr(789) == 0);
  counted(FC14);
  report("FC14 stops them", mfspr(787) == 0 && mfspr(788) == 0 && mfspr(791) == 10);
  mtspr(798, 0);
  mtspr(152, 0); /* CTRL: the run latch */
  report("without the run latch PMC5 stands still", counted(0) == 0);
  mtspr(152, 1);
  clear();
  mtspr(MMCR0, 0);
  mtspr(22, 100000);
  hcall(0xe0, 0, 0, 0, 0);
  mtspr(MMCR0, FC);
  report("a wait does not count", mfspr(791) > 100 && mfspr(791) < 5000);
  __asm__ volatile("mtmsrd %0, 1" : : "r"(mfmsr() & ~MSR_EE));
}

static void open_and_close(void) {
  u64 open = mfmsr() | MSR_EE, shut = mfmsr() & ~MSR_EE;
  __asm__ volatile("mtmsrd %0, 1; nop; mtmsrd %1, 1" : : "r"(open), "r"(shut) : "memory");
}

static void test_alert(void) {
  u64 before, shut = mfmsr() & ~MSR_EE;
  mtspr(22, 0x7fffffff);
  clear();
  mtspr(791, 0x7ffffff8);
  forget();
  __asm__ volatile("mtspr 795, %2; mtmsrd %1, 1; bl 1f; 1: mflr %0; .rept 20; nop; .endr; mtspr 795, %3; mtmsrd %4, 1"
                   : "=&r"(before)
                   : "r"(shut | MSR_EE), "r"(PMAE | PMCJCE | FCECE), "r"(FC), "r"(shut)
                   : "lr", "memory");
  /* MTMSRD, BL, MFLR and five others have counted. */
  report("a counter that becomes negative interrupts, behind that instruction", seen.vector == 0xf00 && seen.srr0 == before + 24);
  report("it freezes the counters", mfspr(791) == 0x80000000);
  report("the address is in SIAR", mfspr(796) == seen.srr0);
  clear();
  mtspr(791, 0x80000000);
  forget();
  mtspr(MMCR0, FC | PMAE | PMCJCE);
  open_and_close();
  report("a counter that is negative interrupts once it may", seen.vector == 0xf00);
  forget();
  mtspr(MMCR0, FC | PMAE | PMC1CE);
  open_and_close();
  report("another one's permission is none", seen.vector == 0 && (mfspr(MMCR0) & (PMAE | PMAO)) == PMAE);
  mtspr(MMCR0, FC | PMAO);
  open_and_close();
  report("an alert that software makes interrupts", seen.vector == 0xf00);
  forget();
  mtspr(MMCR0, FC | PMAO);
  mtspr(MMCR0, FC);
  open_and_close();
  report("one that it takes back does not", seen.vector == 0);
  clear();
}

void test_counters(void) {
  test_counting();
  test_alert();
}

/* What PMC5 has counted of two instructions and a system call in problem state, and of the way there and back. */
static u64 around(u64 mmcr0) {
  clear();
  mtspr(MMCR0, mmcr0);
  execute(NOP, NOP, (mfmsr() & ~MSR_EE) | MSR_PR | MSR_IR | MSR_DR);
  mtspr(MMCR0, FC);
  return mfspr(791);
}

/* With translation on, and what runs there known. */
void test_problem_counters(void) {
  report("FCS counts what problem state executes", around(FCS) == 3);
  report("FCP counts all but that", around(FCP) > 3 && around(0) == around(FCP) + 3);
  report("both count nothing", around(FCS | FCP) == 0);
  clear();
}
