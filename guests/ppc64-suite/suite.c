/* Runs on a guest below a hypervisor, in either byte order: says of each thing that it tries whether it is as it should be. */
#include "suite.h"

extern char vector_stub[], vector_stub_number[];
volatile struct seen seen;
volatile u64 resume, clear_on_return, at_once;
u64 returned[6];
static u64 passed, failed;
static volatile int leaves;

u32 big32(u32 value) {
#ifdef __LITTLE_ENDIAN__
  return __builtin_bswap32(value);
#else
  return value;
#endif
}

long hcall(u64 nr, u64 a, u64 b, u64 c, u64 d) {
  returned[0] = a, returned[1] = b, returned[2] = c, returned[3] = d, returned[4] = returned[5] = 0;
  return hypercall(nr, returned);
}

static void put(const char *text) {
  while (*text) {
    u64 words[2] = {0, 0}, n = 0;
    while (n < 16 && text[n]) words[n / 8] |= (u64)(unsigned char)text[n] << (56 - 8 * (n % 8)), n++;
    hcall(0x58, 0, n, words[0], words[1]);
    text += n;
  }
}
static void put_number(u64 value) {
  char text[24];
  int at = 23;
  text[at] = 0;
  do text[--at] = '0' + value % 10; while (value /= 10);
  put(text + at);
}
static void put_hex(u64 value) {
  char text[17];
  for (int i = 0; i < 16; i++) text[i] = "0123456789abcdef"[(value >> (60 - 4 * i)) & 15];
  text[16] = 0;
  put(text);
}

void report(const char *name, int ok) {
  put(ok ? "PASS: " : "FAIL: ");
  put(name);
  if (!ok) put(" (vector "), put_hex(seen.vector), put(" srr1 "), put_hex(seen.srr1), put(" dsisr "), put_hex(seen.dsisr), put(" r4 "), put_hex(returned[0]), put(")");
  put("\n");
  if (ok) passed++; else failed++;
}

void forget(void) { seen.vector = seen.srr0 = seen.srr1 = seen.dar = seen.dsisr = 0; }

/* Accepts an external interruption, takes an interprocessor one back, and says that it is over. */
static void accept_external(void) {
  u64 args[6] = {0};
  hypercall(0x74, args); /* H_XIRR */
  u64 xirr = args[0], mfrr[6] = {mfspr(1023), 0xff};
  hypercall(0x6c, mfrr); /* H_IPI */
  args[0] = xirr;
  hypercall(0x64, args); /* H_EOI */
}

/* Not zero: what `with_msr` was called for is over. */
int interrupt(u64 vector) {
  seen.vector = vector, seen.srr0 = mfspr(26), seen.srr1 = mfspr(27), seen.dar = mfspr(19), seen.dsisr = mfspr(18);
  seen.count++;
  if (vector == 0x500) accept_external();
  if (leaves) return leaves = 0, 1;
  if (vector == 0x900) mtspr(22, at_once ? 0 : 0x7fffffff);
  if (vector == 0xf00) mtspr(795, mfspr(795) & ~0x80ul); /* MMCR0: no alert any more */
  if (resume) {
    mtspr(26, resume);
    resume = 0;
  } else if (vector != 0x900 && vector != 0x500 && vector != 0xc00 && vector != 0xd00 && vector != 0xf00 && vector != 0xa00) mtspr(26, seen.srr0 + 4);
  mtspr(27, seen.srr1 & ~clear_on_return & ~0x783f0000ul);
  return 0;
}

static void flush(void *at) { __asm__ volatile("dcbst 0, %0; sync; icbi 0, %0; isync" : : "r"(at) : "memory"); }

static u32 code[32] __attribute__((aligned(128)));
void execute(u32 first, u32 second, u64 msr) {
  code[0] = first, code[1] = second, code[2] = 0x44000002, code[3] = 0x48000000;
  flush(code);
  forget();
  leaves = 1;
  with_msr(code, msr);
}

void go_to(u64 at, u64 msr) {
  forget();
  leaves = 1;
  with_msr((void *)at, msr);
}

void install_at(u64 address) {
  u32 *stub = (u32 *)vector_stub, *to = (u32 *)address;
  for (u64 n = 0; n < 4; n++) to[n] = stub[n];
  to[(u32 *)vector_stub_number - stub] |= address;
  flush(to);
}

static void install(void) {
  static const u16 vectors[] = {0x100, 0x200, 0x300, 0x380, 0x400, 0x480, 0x500, 0x600, 0x700, 0x800, 0x900,
                                0xa00, 0xc00, 0xd00, 0xf00, 0xf20, 0xf40, 0xf60};
  for (u64 i = 0; i < sizeof vectors / sizeof *vectors; i++) install_at(vectors[i]);
}

/* Whether the tree has a string, with the zero behind it. */
static int says(u64 tree, const char *text) {
  const char *from = (const char *)tree, *end = from + big32(*(u32 *)(tree + 4));
  for (; from < end; from++) {
    int n = 0;
    while (text[n] && from[n] == text[n]) n++;
    if (!text[n] && !from[n]) return 1;
  }
  return 0;
}

int main(u64 tree) {
  install();
#ifdef __LITTLE_ENDIAN__
  report("H_SET_MODE: interruptions little endian", hcall(0x31c, 1, 4, 0, 0) == H_SUCCESS);
#else
  report("H_SET_MODE: interruptions big endian", hcall(0x31c, 0, 4, 0, 0) == H_SUCCESS);
#endif
  report("entered with a device tree", *(u32 *)tree == big32(0xd00dfeed));
  report("the tree says what the machine is compatible with", says(tree, "qemu,pseries") && says(tree, "linux,kvm"));
  report("the machine check is on, and stays so", (mfmsr() & MSR_ME) != 0);
  test_calls();
  test_firmware();
  test_faults();
  test_counters();
  test_translation();
  test_problem_counters();
  test_relocation();
  put("suite: ");
  put_number(passed);
  put(" passed, ");
  put_number(failed);
  put(" failed\n");
  u32 minus[2] = {~0u, ~0u}, status;
  rtas(0x2003, 2, minus, 1, &status);
  for (;;);
}
