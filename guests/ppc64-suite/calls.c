/* Hypercalls and their errors, RTAS, the second CPU, time. */
#include "suite.h"

static u64 page[2][512] __attribute__((aligned(4096)));

#define H_ZERO (1ul << 15)
#define H_COPY (1ul << 14)

static void test_pages(void) {
  page[0][0] = ~0ul, page[1][0] = 0x1234;
  report("H_PAGE_INIT clears a page", hcall(0x2c, H_ZERO, (u64)page[0], 0, 0) == H_SUCCESS && page[0][0] == 0);
  report("H_PAGE_INIT copies a page", hcall(0x2c, H_COPY | H_ZERO, (u64)page[0], (u64)page[1], 0) == 0 && page[0][0] == 0x1234);
  report("H_PAGE_INIT refuses what is not aligned", hcall(0x2c, H_ZERO, (u64)page[0] + 8, 0, 0) == H_PARAMETER);
  report("H_PAGE_INIT refuses a source that is not aligned", hcall(0x2c, H_COPY, (u64)page[0], (u64)page[1] + 8, 0) == H_PARAMETER);
  report("H_PAGE_INIT refuses what is no storage", hcall(0x2c, H_ZERO, 1ul << 40, 0, 0) == H_PARAMETER);
}

#define REGISTER (1ul << 45)
#define DEREGISTER (5ul << 45)

static void test_vpa(void) {
  unsigned char *vpa = (unsigned char *)page[0];
  *(u16 *)(vpa + 4) = big32(640) >> 16 | big32(640);
  report("H_REGISTER_VPA refuses an unknown function", hcall(0xdc, 0, 0, (u64)vpa, 0) == H_PARAMETER);
  report("H_REGISTER_VPA refuses an unknown CPU", hcall(0xdc, REGISTER, 99, (u64)vpa, 0) == H_PARAMETER);
  report("H_REGISTER_VPA refuses what is not aligned", hcall(0xdc, REGISTER, 0, (u64)vpa + 8, 0) == H_PARAMETER);
  report("H_REGISTER_VPA refuses what crosses a page", hcall(0xdc, REGISTER, 0, (u64)vpa + 4096 - 128, 0) == H_PARAMETER);
  report("H_REGISTER_VPA wants the VPA before the SLB shadow", hcall(0xdc, 3ul << 45, 0, (u64)vpa, 0) == H_RESOURCE);
  report("H_REGISTER_VPA takes a VPA", hcall(0xdc, REGISTER, 0, (u64)vpa, 0) == H_SUCCESS);
  u32 before = big32(*(volatile u32 *)(vpa + 0x100));
  mtspr(22, 1000);
  report("H_CEDE waits for the decrementer", hcall(0xe0, 0, 0, 0, 0) == H_SUCCESS && seen.vector == 0x900);
  u32 after = big32(*(volatile u32 *)(vpa + 0x100));
  report("a wait is counted in the VPA", before % 2 == 0 && after == before + 2);
  report("H_REGISTER_VPA takes a VPA back, and once more", hcall(0xdc, DEREGISTER, 0, 0, 0) == 0 && hcall(0xdc, DEREGISTER, 0, 0, 0) == 0);
}

/* An entry for a page of 4 KiB of segment 0x77 at page 5 of it. */
#define FIRST (0x77ul << 12 | 1)
#define SECOND(real) ((real) | 0x10 | 2)
#define GROUP 100ul

static void test_table(void) {
  u64 ptex = GROUP * 8, end = 1ul << 20;
  report("H_ENTER refuses an index past the table", hcall(0x08, 0, end, FIRST, SECOND(0)) == H_PARAMETER);
  report("H_ENTER refuses a page that is no storage", hcall(0x08, 0, ptex, FIRST, SECOND(1ul << 40)) == H_PARAMETER);
  report("H_ENTER refuses write-through storage", hcall(0x08, 0, ptex, FIRST, 0x50 | 2) == H_PARAMETER);
  int full = 0;
  for (int i = 0; i < 8; i++) full += hcall(0x08, 0, ptex, FIRST, SECOND(0x5000)) == H_SUCCESS && returned[0] == ptex + i;
  report("H_ENTER finds each free slot of a group", full == 8);
  report("H_ENTER says that a group is full", hcall(0x08, 0, ptex, FIRST, SECOND(0x5000)) == H_PTEG_FULL);
  report("H_ENTER says that the exact slot is taken", hcall(0x08, 1ul << 39, ptex + 3, FIRST, SECOND(0)) == H_PTEG_FULL);
  report("H_READ shows an entry", hcall(0x0c, 0, ptex + 3, 0, 0) == H_SUCCESS && returned[0] == FIRST);
  report("H_READ refuses an index past the table", hcall(0x0c, 0, end, 0, 0) == H_PARAMETER);
  report("H_PROTECT wants the page number that is there", hcall(0x18, 1ul << 31 | 3, ptex + 3, 0x999ul << 12, 0) == H_NOT_FOUND);
  report("H_PROTECT changes the protection", hcall(0x18, 3, ptex + 3, 0, 0) == 0 && hcall(0x0c, 0, ptex + 3, 0, 0) == 0 && (returned[1] & 3) == 3);
  report("H_REMOVE wants the page number that is there", hcall(0x04, 1ul << 31, ptex + 1, 0x999ul << 12, 0) == H_NOT_FOUND);
  report("H_REMOVE wants the bits to be zero", hcall(0x04, 1ul << 30, ptex + 1, 1, 0) == H_NOT_FOUND);
  report("H_REMOVE returns what was there", hcall(0x04, 0, ptex + 1, 0, 0) == H_SUCCESS && returned[0] == FIRST);
  report("H_REMOVE finds it no more", hcall(0x04, 0, ptex + 1, 0, 0) == H_NOT_FOUND);
  report("H_CLEAR_REF and H_CLEAR_MOD want an entry", hcall(0x14, 0, ptex + 1, 0, 0) == H_NOT_FOUND && hcall(0x10, 0, ptex + 1, 0, 0) == H_NOT_FOUND);
  u64 request = 1ul << 62;
  returned[0] = request | (ptex + 2), returned[1] = 0, returned[2] = request | (ptex + 1), returned[3] = 0;
  returned[4] = 3ul << 62, returned[5] = 0;
  long bulk = hypercall(0x124, returned);
  report("H_BULK_REMOVE says of each request how it went", bulk == H_SUCCESS && returned[0] >> 60 == 8 && returned[2] >> 60 == 9);
  for (int i = 0; i < 8; i++) hcall(0x04, 0, ptex + i, 0, 0);
}

static void test_others(void) {
  report("an unknown hypercall is H_FUNCTION", hcall(0x1000, 0, 0, 0, 0) == H_FUNCTION);
  report("H_SET_SPRG0", hcall(0x24, 0xcafebabedeadbeef, 0, 0, 0) == H_SUCCESS && mfspr(272) == 0xcafebabedeadbeef);
  report("H_SET_DABR wants translation", hcall(0x28, 0x1003, 0, 0, 0) == H_RESERVED_DABR);
  report("H_PUT_TERM_CHAR takes sixteen characters at most", hcall(0x58, 0, 17, 0, 0) == H_PARAMETER);
  report("H_PUT_TERM_CHAR wants a terminal that there is", hcall(0x58, 5, 1, 0, 0) == H_PARAMETER);
  report("H_GET_TERM_CHAR has nothing", hcall(0x54, 0, 0, 0, 0) == H_SUCCESS && returned[0] == 0);
  report("H_PROD wants a CPU that there is", hcall(0xe8, 99, 0, 0, 0) == H_PARAMETER);
  report("H_SET_MODE knows byte orders alone", hcall(0x31c, 0, 9, 0, 0) == -55 && hcall(0x31c, 2, 4, 0, 0) == H_PARAMETER);
  u64 ones = 0, zeros = ~0ul;
  for (int i = 0; i < 100; i++) hcall(0x300, 0, 0, 0, 0), ones |= returned[0], zeros &= returned[0];
  report("H_RANDOM has no bit that is stuck", ones == ~0ul && zeros == 0);
  report("H_IPI wants a server that there is", hcall(0x6c, 99, 0, 0, 0) == H_PARAMETER);
  report("H_XIRR has nothing to accept", hcall(0x74, 0, 0, 0, 0) == H_SUCCESS && (returned[0] & 0xffffff) == 0);
}

void test_calls(void) {
  test_pages();
  test_vpa();
  test_table();
  test_others();
}

long rtas(u32 token, u32 nargs, const u32 *args, u32 nret, u32 *results) {
  static u32 block[32];
  block[0] = big32(token), block[1] = big32(nargs), block[2] = big32(nret);
  for (u32 i = 0; i < nargs; i++) block[3 + i] = big32(args[i]);
  long status = hcall(0xf000, (u64)block, 0, 0, 0);
  for (u32 i = 0; i < nret; i++) results[i] = big32(block[3 + nargs + i]);
  return status;
}

static volatile u64 other_said, other_goes;
void other_main(u64 argument) {
  other_said = argument;
  hcall(0x68, 0xff, 0, 0, 0); /* H_CPPR: everything may interrupt */
  u64 msr = mfmsr() | MSR_EE;
  __asm__ volatile("mtmsrd %0, 1" : : "r"(msr));
  while (!other_goes) if (seen.vector == 0x500) other_goes = 2;
  msr &= ~MSR_EE;
  __asm__ volatile("mtmsrd %0, 1" : : "r"(msr));
  u32 status;
  rtas(0x2007, 0, 0, 1, &status);
  for (;;);
}
extern char other_start[];

void test_firmware(void) {
  u32 results[8], now[8];
  rtas(0x2001, 0, 0, 8, now);
  report("RTAS tells the time of day", now[0] == 0 && now[1] >= 1970 && now[2] - 1 < 12 && now[3] - 1 < 31);
  u32 date[7] = {2000, 2, 28, 23, 59, 59, 0};
  rtas(0x2002, 7, date, 1, results);
  rtas(0x2001, 0, 0, 8, now);
  report("RTAS sets the time of day", results[0] == 0 && now[1] == 2000 && now[2] == 2 && now[3] == 28);
  u32 none[7] = {2001, 2, 29, 0, 0, 0, 0};
  rtas(0x2002, 7, none, 1, results);
  report("RTAS refuses a day that there is not", (int)results[0] == -3);
  rtas(0x9999, 0, 0, 1, results);
  report("RTAS refuses a token that it has not", (int)results[0] == -3);
  report("RTAS wants its block in storage", hcall(0xf000, 1ul << 40, 0, 0, 0) == H_PARAMETER);
  u32 id[1] = {99};
  rtas(0x2005, 1, id, 2, results);
  report("RTAS knows no CPU 99", (int)results[0] == -3);
  id[0] = 1;
  rtas(0x2005, 1, id, 2, results);
  report("the second CPU is stopped", results[0] == 0 && results[1] == 0);
  u32 start[3] = {1, (u32)(u64)other_start, 0x4711};
  rtas(0x2006, 3, start, 1, results);
  for (u64 from = timebase(); !other_said && timebase() - from < 50000000;) hcall(0xe4, ~0ul, 0, 0, 0);
  report("start-cpu starts it with its argument", results[0] == 0 && other_said == 0x4711);
  rtas(0x2006, 3, start, 1, results);
  report("start-cpu refuses a CPU that runs", (int)results[0] == -1);
  for (u64 from = timebase(); timebase() - from < 100000;);
  report("H_IPI", hcall(0x6c, 1, 4, 0, 0) == H_SUCCESS);
  for (u64 from = timebase(); !other_goes && timebase() - from < 50000000;) hcall(0xe4, ~0ul, 0, 0, 0);
  report("an interprocessor interruption is taken at 500", other_goes == 2);
  results[1] = 2;
  for (u64 from = timebase(); results[1] != 0 && timebase() - from < 50000000;) rtas(0x2005, 1, id, 2, results);
  report("stop-self stops it", results[1] == 0);

  u64 tb = timebase();
  report("the time base counts", timebase() > tb);
  mtspr(22, 0x7fffffff);
  u64 first = timebase(), dec = mfspr(22), second = timebase();
  report("the decrementer counts with it", 0x7fffffff - dec <= second - first + 2);
  u64 open = mfmsr() | MSR_EE, shut = mfmsr() & ~MSR_EE;
  /* H_CEDE has opened them. */
  __asm__ volatile("mtmsrd %0, 1" : : "r"(shut));
  forget();
  mtspr(22, 0x80000001);
  for (u64 from = timebase(); timebase() - from < 1000;);
  __asm__ volatile("mtmsrd %0, 1; nop; mtmsrd %1, 1" : : "r"(open), "r"(shut));
  report("a decrementer that has become positive again does not interrupt", seen.vector == 0);
  mtspr(22, -1);
  __asm__ volatile("mtmsrd %0, 1; nop; mtmsrd %1, 1" : : "r"(open), "r"(shut));
  report("a negative decrementer interrupts as soon as it may", seen.vector == 0x900);
  at_once = 1, seen.count = 0;
  mtspr(22, 0);
  __asm__ volatile("mtmsrd %0, 1; .rept 2000; nop; .endr; mtmsrd %1, 1" : : "r"(open), "r"(shut));
  at_once = 0;
  report("one that is negative whenever its handler returns lets the program go on", seen.count > 2);
}
