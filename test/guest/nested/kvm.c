/* A small user of KVM without a library: makes a virtual machine, runs a few programs in it, and says what came of each. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

/* ---- Linux */

enum { NR_exit = 1, NR_write = 4, NR_open = 5, NR_ioctl = 54, NR_mmap = 90 };
enum { PROT_RW = 3, MAP_SHARED = 1, MAP_PRIVATE_ANONYMOUS_FIXED = 0x32 };

static inline __attribute__((always_inline)) long call(u64 number, u64 a, u64 b, u64 c) {
  register u64 r1 asm("1") = number;
  register u64 r2 asm("2") = a;
  register u64 r3 asm("3") = b;
  register u64 r4 asm("4") = c;
  asm volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4) : "memory");
  return (long)r2;
}

static void *map(u64 address, u64 length, u64 flags, long file) {
  u64 arguments[6] = {address, length, PROT_RW, flags, (u64)file, 0};
  return (void *)call(NR_mmap, (u64)arguments, 0, 0);
}

/* ---- What is said, a line at a time */

static char line[256];
static u32 length;

static void character(char c) {
  if (length < sizeof line) line[length++] = c;
  if (c != '\n') return;
  call(NR_write, 1, (u64)line, length);
  length = 0;
}
static void text(const char *s) {
  while (*s) character(*s++);
}
static void hex(u64 value) {
  int shift = 60;
  while (shift > 0 && (value >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) character("0123456789abcdef"[(value >> shift) & 15]);
}
static void named(const char *name, u64 value) {
  text(name);
  hex(value);
}

static long must(const char *what, long result) {
  if (result >= 0) return result;
  text(what);
  named(": errno ", (u64)-result);
  character('\n');
  call(NR_exit, 1, 0, 0);
  return result;
}

void *memset(void *to, int byte, u64 n) {
  for (u8 *p = to; n > 0; n--) *p++ = (u8)byte;
  return to;
}
void *memcpy(void *to, const void *from, u64 n) {
  u8 *p = to;
  for (const u8 *q = from; n > 0; n--) *p++ = *q++;
  return to;
}

/* ---- KVM's interface */

enum {
  KVM_GET_API_VERSION = 0xae00,
  KVM_CREATE_VM = 0xae01,
  KVM_GET_VCPU_MMAP_SIZE = 0xae04,
  KVM_CREATE_VCPU = 0xae41,
  KVM_GET_DIRTY_LOG = 0x4010ae42,
  KVM_SET_USER_MEMORY_REGION = 0x4020ae46,
  KVM_RUN = 0xae80,
  KVM_S390_INITIAL_RESET = 0xae97,
  KVM_SET_GUEST_DEBUG = 0x4018ae9b,
  KVM_S390_MEM_OP = 0x4040aeb1,
  KVM_S390_GET_SKEYS = 0x4040aeb2,
  KVM_S390_SET_SKEYS = 0x4040aeb3,
};
enum { LOG_DIRTY_PAGES = 1, SYNC_GPRS = 2, SYNC_CRS = 8, EXIT_DEBUG = 4, EXIT_SIEIC = 13 };

struct memory_region {
  u32 slot, flags;
  u64 guest, bytes, user;
};
struct dirty_log {
  u32 slot, padding;
  u64 *bitmap;
};
struct guest_debug {
  u32 control, padding, breakpoints, padding2;
  u64 breakpoint;
};
struct mem_op {
  u64 address, flags;
  u32 size, op;
  u64 buffer;
  u8 more[32];
};
struct skeys {
  u64 start, count, data;
  u32 flags, reserved[9];
};
struct run {
  u8 request, immediate_exit, padding[6];
  u32 exit_reason;
  u8 ready, if_flag;
  u16 flags;
  u64 cr8, apic_base, psw_mask, psw_address;
  union {
    struct {
      u8 icptcode;
      u16 ipa;
      u32 ipb;
    } sieic;
    struct {
      u64 address;
      u8 type;
    } debug;
    u8 all[256];
  };
  u64 valid, dirty;
  struct {
    u64 prefix, gprs[16];
    u32 acrs[16];
    u64 crs[16];
  } regs;
};

/* ---- The machine */

enum { MEMORY = 4 << 20, CODE = 0x10000, MASK = 0x180000000, DISABLED_WAIT = 0xdead };

static int vm, vcpu;
static struct run *state;
static u8 *const memory = (u8 *)0x40000000;

static void told(const char *name) {
  text(name);
  named(": exit ", state->exit_reason);
  if (state->exit_reason == EXIT_SIEIC) {
    named(" icptcode ", state->sieic.icptcode);
    named(" ipa ", state->sieic.ipa);
    named(" ipb ", state->sieic.ipb);
  }
  if (state->exit_reason == EXIT_DEBUG) named(" at ", state->debug.address);
  named(" psw ", state->psw_mask);
  named(" ", state->psw_address);
  named(" gr2 ", state->regs.gprs[2]);
  named(" pgm ", *(volatile u16 *)(memory + 0x8e));
  character('\n');
}

static void go(void) {
  state->dirty |= SYNC_GPRS;
  must("KVM_RUN", call(NR_ioctl, vcpu, KVM_RUN, 0));
}

/* Lets the vCPU run a program from its first instruction to the first exit. */
static void run(const char *name, const void *program, u32 bytes, u64 gr3) {
  memset(memory, 0, 0x2000);
  *(u64 *)(memory + 0x1d0) = 0x0002000000000000 | MASK;
  *(u64 *)(memory + 0x1d8) = DISABLED_WAIT;
  memcpy(memory + CODE, program, bytes);
  state->psw_mask = MASK;
  state->psw_address = CODE;
  memset(state->regs.gprs, 0, sizeof state->regs.gprs);
  state->regs.gprs[3] = gr3;
  go();
  told(name);
}

#define PROGRAM(name, ...) static const u8 name[] = {__VA_ARGS__}
#define RUN(name, program, gr3) run(name, program, sizeof program, gr3)

/* diag 1,2,0x999 */
#define DIAG 0x83, 0x12, 0x09, 0x99
PROGRAM(diagnose, 0xa7, 0x29, 0x00, 0x2a, DIAG);            /* lghi 2,42 */
PROGRAM(wait, 0xb2, 0xb2, 0x01, 0xd0);                      /* lpswe 0x1d0 */
PROGRAM(store_beyond, 0xe3, 0x20, 0x30, 0x00, 0x00, 0x24);  /* stg 2,0(3) */
PROGRAM(operation, 0x00, 0x00);
PROGRAM(key, 0xb2, 0x29, 0x00, 0x23, DIAG);                 /* iske 2,3 */
PROGRAM(set_key, 0xa7, 0x29, 0x00, 0x30, 0xb2, 0x2b, 0x00, 0x23, DIAG); /* lghi 2,0x30; sske 2,3 */
PROGRAM(fill,                                               /* stores into every page up to gr 3, going down */
        0xa7, 0x3b, 0xf0, 0x00,                             /* 0: aghi 3,-4096 */
        0xe3, 0x30, 0x30, 0x00, 0x00, 0x24,                 /* stg 3,0(3) */
        0xc2, 0x3e, 0x00, 0x10, 0x00, 0x00,                 /* clgfi 3,0x100000 */
        0xa7, 0x24, 0xff, 0xf8,                             /* jh 0b */
        DIAG);
PROGRAM(steps, 0xa7, 0x29, 0x00, 0x01, 0xa7, 0x2b, 0x00, 0x01, 0xa7, 0x2b, 0x00, 0x01, DIAG);
PROGRAM(time, 0xb2, 0x05, 0x02, 0x00, 0xb2, 0x05, 0x02, 0x08,   /* stck 0x200; stck 0x208 */
        0xe3, 0x20, 0x02, 0x08, 0x00, 0x04,                     /* lg 2,0x208 */
        0xe3, 0x20, 0x02, 0x00, 0x00, 0x21,                     /* clg 2,0x200 */
        0xb9, 0x04, 0x00, 0x23, 0xa7, 0x24, 0x00, 0x04, 0xa7, 0x29, 0x00, 0x00, DIAG); /* lgr 2,3; jh; lghi 2,0 */

PROGRAM(signal, 0xa7, 0x49, 0x00, 0x01, 0xae, 0x24, 0x00, 0x02, DIAG); /* lghi 4,1; sigp 2,4,2 */
PROGRAM(answer, 0xeb, 0x00, 0x03, 0x00, 0x00, 0x2f,         /* lctlg 0,0,0x300 */
        0xad, 0x01, 0x02, 0x00, 0xa7, 0x37, 0x00, 0x00,     /* stosm 0x200,1; 0: brctg 3,0b */
        DIAG,
        0xe3, 0x20, 0x00, 0x86, 0x00, 0x91, DIAG);          /* llgh 2,0x86 */

static u32 dirty_pages(void) {
  static u64 bitmap[MEMORY / 4096 / 64];
  struct dirty_log log = {0, 0, bitmap};
  must("KVM_GET_DIRTY_LOG", call(NR_ioctl, vm, KVM_GET_DIRTY_LOG, (u64)&log));
  u32 count = 0;
  for (u32 i = 0; i < sizeof bitmap / sizeof *bitmap; i++)
    for (u64 bits = bitmap[i]; bits; bits &= bits - 1) count++;
  return count;
}

static void memory_operation(const char *name, u32 op, u64 address, u64 *value) {
  struct mem_op operation = {.address = address, .size = 8, .op = op, .buffer = (u64)value};
  named(name, (u64)call(NR_ioctl, vcpu, KVM_S390_MEM_OP, (u64)&operation));
  named(" value ", *value);
  character('\n');
}

static void keys(void) {
  static u8 data[4];
  struct skeys wanted = {.start = 0x30, .count = sizeof data, .data = (u64)data};
  named("get keys: ", (u64)call(NR_ioctl, vm, KVM_S390_GET_SKEYS, (u64)&wanted));
  character('\n');
  RUN("insert key", key, 0x30000);
  RUN("set key", set_key, 0x31000);
  RUN("insert it", key, 0x31000);
  named("get keys: ", (u64)call(NR_ioctl, vm, KVM_S390_GET_SKEYS, (u64)&wanted));
  for (u32 i = 0; i < sizeof data; i++) named(" ", data[i]);
  character('\n');
  data[2] = 0x52;
  named("set keys: ", (u64)call(NR_ioctl, vm, KVM_S390_SET_SKEYS, (u64)&wanted));
  character('\n');
  RUN("insert that", key, 0x32000);
}

static void debug(void) {
  struct guest_debug wanted = {.control = 3}; /* enable, single step */
  named("guest debug: ", (u64)call(NR_ioctl, vcpu, KVM_SET_GUEST_DEBUG, (u64)&wanted));
  character('\n');
  RUN("step", steps, 0);
  go();
  told("step");
  wanted.control = 0;
  must("guest debug", call(NR_ioctl, vcpu, KVM_SET_GUEST_DEBUG, (u64)&wanted));
  go();
  told("on");
}

/* An external call to a second vCPU, which takes it when it runs. */
static void calls(long kvm) {
  RUN("external call", signal, 0);
  int before = vcpu;
  vcpu = (int)must("KVM_CREATE_VCPU", call(NR_ioctl, vm, KVM_CREATE_VCPU, 1));
  struct run *first = state;
  state = map(0, must("size", call(NR_ioctl, kvm, KVM_GET_VCPU_MMAP_SIZE, 0)), MAP_SHARED, vcpu);
  must("reset", call(NR_ioctl, vcpu, KVM_S390_INITIAL_RESET, 0));
  struct run *second = state;
  int other = vcpu;
  vcpu = before;
  state = first;
  RUN("external call to a second CPU", signal, 0);
  RUN("another one", signal, 0);
  vcpu = other;
  state = second;
  memset(memory, 0, 0x2000);
  *(u64 *)(memory + 0x300) = 0x20e0;
  *(u64 *)(memory + 0x1b0) = MASK;
  *(u64 *)(memory + 0x1b8) = CODE + 18;
  memcpy(memory + CODE, answer, sizeof answer);
  state->psw_mask = MASK;
  state->psw_address = CODE;
  state->regs.gprs[3] = 1000000;
  go();
  told("it takes");
}

void start(void) {
  long kvm = must("/dev/kvm", call(NR_open, (u64) "/dev/kvm", 2, 0));
  named("API version ", (u64)call(NR_ioctl, kvm, KVM_GET_API_VERSION, 0));
  character('\n');
  vm = (int)must("KVM_CREATE_VM", call(NR_ioctl, kvm, KVM_CREATE_VM, 0));
  map((u64)memory, MEMORY, MAP_PRIVATE_ANONYMOUS_FIXED, -1);
  struct memory_region region = {0, LOG_DIRTY_PAGES, 0, MEMORY, (u64)memory};
  must("memory", call(NR_ioctl, vm, KVM_SET_USER_MEMORY_REGION, (u64)&region));
  vcpu = (int)must("KVM_CREATE_VCPU", call(NR_ioctl, vm, KVM_CREATE_VCPU, 0));
  state = map(0, must("size", call(NR_ioctl, kvm, KVM_GET_VCPU_MMAP_SIZE, 0)), MAP_SHARED, vcpu);
  must("reset", call(NR_ioctl, vcpu, KVM_S390_INITIAL_RESET, 0));

  RUN("diagnose", diagnose, 0);
  RUN("disabled wait", wait, 0);
  *(u64 *)(memory + 0x208) = 0;
  RUN("store beyond memory", store_beyond, 0x10000000);
  RUN("operation exception", operation, 0);
  RUN("time", time, 1);
  dirty_pages();
  RUN("fill", fill, MEMORY);
  named("dirty pages: ", dirty_pages());
  named(", then ", dirty_pages());
  character('\n');
  u64 value = 0;
  memory_operation("read: ", 0, 0x123000, &value);
  value = 0x1234567890;
  memory_operation("write: ", 1, 0x123008, &value);
  memory_operation("read: ", 0, 0x123008, &value);
  memory_operation("read beyond: ", 0, 0x20000000, &value);
  keys();
  debug();
  calls(kvm);
  text("done\n");
  call(NR_exit, 0, 0, 0);
}

asm(".globl _start\n_start: aghi 15,-160\n brasl 14,start\n");
