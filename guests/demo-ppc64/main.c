/* A small kernel for a POWER7 guest below a hypervisor: hypercalls, a hashed page table with two page sizes, a program. */

typedef unsigned long u64;

enum { H_REMOVE = 0x04, H_ENTER = 0x08, H_PUT_TERM_CHAR = 0x58, H_CEDE = 0xe0 };
#define MSR_SF (1ul << 63)
#define MSR_EE 0x8000ul
#define MSR_PR 0x4000ul
#define MSR_ME 0x1000ul
#define MSR_IR 0x20ul
#define MSR_DR 0x10ul
#define MSR_RI 0x2ul

/* Segments of 256 MiB: the kernel's with pages of 64 KiB, a heap and the program's with pages of 4 KiB. */
#define KERNEL_EA 0x00000000ul
#define HEAP_EA 0x20000000ul
#define USER_EA 0x30000000ul
#define USER_HEAP_EA 0x30100000ul
#define KERNEL_VSID 0x1000ul
#define HEAP_VSID 0x2000ul
#define USER_VSID 0x3000ul
#define FREE_REAL 0x1000000ul
#define GROUPS_MASK 0x1fffful
#define TICKS_PER_SECOND 512000000ul

struct frame {
  u64 gpr[32], lr, ctr, xer, cr, srr0, srr1, vector;
};

extern char vector_stub[], vector_stub_number[], interruption[];
extern char user_page[], user_stack_page[], user_is_done[];
extern u64 hypercall(u64 nr, u64 args[5]);
extern void go(u64 msr);
extern void run_user(u64 entry, u64 stack, u64 msr);

/* Where the pages of the heap are in the page table. */
#define HEAP_PAGES 16
static u64 heap_entry[HEAP_PAGES];
static u64 entered_at;
static volatile u64 ticks, faults, expected, seen_vector, seen_bits, seen_dar;
u64 heartbeats;

static u64 hcall(u64 nr, u64 a, u64 b, u64 c, u64 d) {
  u64 args[5] = {a, b, c, d, 0};
  return hypercall(nr, args);
}

static void put(const char *text, u64 length) {
  while (length > 0) {
    u64 n = length < 16 ? length : 16, words[2] = {0, 0};
    for (u64 i = 0; i < n; i++) words[i / 8] |= (u64)(unsigned char)text[i] << (56 - 8 * (i % 8));
    if (hcall(H_PUT_TERM_CHAR, 0, n, words[0], words[1]) == 0) text += n, length -= n;
  }
}
static void say(const char *text) {
  u64 n = 0;
  while (text[n]) n++;
  put(text, n);
}
static void say_hex(u64 value) {
  char text[19] = "0x";
  int digits = 1;
  while (digits < 16 && value >> (4 * digits)) digits++;
  for (int i = 0; i < digits; i++) text[2 + i] = "0123456789abcdef"[(value >> (4 * (digits - 1 - i))) & 15];
  text[2 + digits] = 0;
  say(text);
}
static void say_number(u64 value) {
  char text[24];
  int at = 23;
  text[at] = 0;
  do text[--at] = '0' + value % 10; while (value /= 10);
  say(text + at);
}

/* Enters a page of the segment into the page table; `large` for 64 KiB. */
static u64 enter_page(u64 ea, u64 vsid, u64 real, int large, u64 pp) {
  u64 shift = large ? 16 : 12;
  u64 hash = vsid ^ ((ea & 0x0ffffffful) >> shift);
  u64 first = vsid << 12 | ((ea >> 23) & 31) << 7 | (large ? 4 : 0) | 1;
  u64 second = real | (large ? 0x1000 : 0) | 0x10 | pp;
  u64 args[5] = {0, (hash & GROUPS_MASK) * 8, first, second, 0};
  u64 status = hypercall(H_ENTER, args);
  entered_at = args[0];
  return status;
}

static void set_segment(u64 ea, u64 vsid, u64 flags, u64 index) {
  u64 rb = (ea & ~0xffffffful) | 0x8000000 | index, rs = vsid << 12 | flags;
  asm volatile("slbmte %0, %1" ::"r"(rs), "r"(rb) : "memory");
}

/* A page comes when it is first touched: its real page is as far into what is free as it is into its segment. */
u64 demand_page(u64 ea) {
  int user = ea >= USER_EA;
  u64 page = (ea >> 12) & (HEAP_PAGES - 1);
  u64 real = FREE_REAL + (user ? 0x100000 : 0) + page * 0x1000;
  u64 status = enter_page(ea & ~0xffful, user ? USER_VSID : HEAP_VSID, real, 0, 2);
  if (!user) heap_entry[page] = entered_at + 1;
  faults++;
  return status;
}

/* The page goes again, to be demanded anew. */
static void forget_page(u64 page) {
  if (heap_entry[page] != 0) hcall(H_REMOVE, 0, heap_entry[page] - 1, 0, 0);
  heap_entry[page] = 0;
}

void interrupt(struct frame *f) {
  u64 dar, dsisr;
  asm volatile("mfdar %0; mfdsisr %1" : "=r"(dar), "=r"(dsisr));
  if (f->vector == expected) {
    seen_vector = f->vector, seen_bits = f->vector == 0x300 ? dsisr : f->srr1 & 0x783f0000, seen_dar = dar;
    expected = 0;
    f->srr0 += 4;
    return;
  }
  switch (f->vector) {
  case 0x300:
    if (dar >= HEAP_EA && dar < USER_HEAP_EA + 0x100000 && demand_page(dar) == 0) return;
    break;
  case 0x900:
    ticks++;
    asm volatile("mtdec %0" ::"r"(TICKS_PER_SECOND / 10));
    return;
  case 0xc00:
    if (f->gpr[0] == 1) return say(user_page + (f->gpr[3] - USER_EA));
    if (f->gpr[0] == 2) {
      f->srr0 = (u64)user_is_done;
      f->srr1 = MSR_SF | MSR_ME | MSR_IR | MSR_DR | MSR_EE | MSR_RI;
      return;
    }
    break;
  }
  say("unexpected interruption "), say_hex(f->vector), say(" at "), say_hex(f->srr0), say("\n");
  for (;;) hcall(H_CEDE, 0, 0, 0, 0);
}

static void install_vectors(void) {
  static const unsigned short vectors[] = {0x300, 0x380, 0x400, 0x480, 0x500, 0x600, 0x700, 0x800, 0x900, 0xc00, 0xd00, 0xf20, 0xf40};
  unsigned words = (interruption - vector_stub) / 4, number = (vector_stub_number - vector_stub) / 4;
  for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    volatile unsigned *to = (volatile unsigned *)(u64)vectors[i];
    for (unsigned w = 0; w < words; w++) to[w] = ((unsigned *)vector_stub)[w] | (w == number ? vectors[i] : 0);
  }
  asm volatile("sync; isync");
}

static void show(const char *what) {
  say(what), say(": interruption "), say_hex(seen_vector), say(" with "), say_hex(seen_bits), say("\n");
}

/* What only a hypervisor sees, or refuses. */
static void look_down(void) {
  say("hypercall 0x1000: "), say_hex(hcall(0x1000, 0, 0, 0, 0)), say(", H_ENTER past the table: ");
  say_hex(hcall(H_ENTER, 0, ~0ul, 0, 0)), say("\n");
  expected = 0x300;
  *(volatile u64 *)0x4000000000ul = 1;
  show("store past the storage in real mode");
  expected = 0x700;
  asm volatile(".long 0x00000000");
  show("illegal instruction");
}

static void translate(void) {
  set_segment(KERNEL_EA, KERNEL_VSID, 0x110, 1);
  set_segment(HEAP_EA, HEAP_VSID, 0, 2);
  set_segment(USER_EA, USER_VSID, 0x400, 3);
  u64 errors = 0;
  for (u64 at = 0; at < FREE_REAL; at += 0x10000) errors |= enter_page(at, KERNEL_VSID, at, 1, 0);
  errors |= enter_page(USER_EA, USER_VSID, (u64)user_page, 0, 2);
  errors |= enter_page(USER_EA + 0x1000, USER_VSID, (u64)user_stack_page, 0, 2);
  say("page table: "), say(errors ? "not " : ""), say("entered\n");
  go(MSR_SF | MSR_ME | MSR_IR | MSR_DR | MSR_RI);
}

/* Stores into some pages of the heap, which a dirty log shows. */
void touch_pages(u64 count) {
  for (u64 i = 0; i < count; i++) *(volatile u64 *)(HEAP_EA + i * 0x1000) += 1;
}

void heartbeat(void) {
  heartbeats++;
  forget_page(heartbeats % 4);
  touch_pages(4 + heartbeats % 4);
  say("heartbeat "), say_number(heartbeats), say(" faults "), say_number(faults), say("\n");
}

void kernel(u64 tree) {
  install_vectors();
  say("demo: a POWER7 guest, device tree at "), say_hex(tree), say("\n");
  look_down();
  translate();
  say("translation on, pages of 64 KiB for the kernel, of 4 KiB for its heap\n");
  run_user(USER_EA, USER_EA + 0x1ff0, MSR_SF | MSR_ME | MSR_PR | MSR_EE | MSR_IR | MSR_DR | MSR_RI);
  asm volatile("mtdec %0" ::"r"(TICKS_PER_SECOND / 10));
  for (;;) {
    heartbeat();
    u64 until = ticks + 10;
    while (ticks < until) hcall(H_CEDE, 0, 0, 0, 0);
  }
}
