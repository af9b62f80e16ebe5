/* What the parts of the suite know of each other. */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned short u16;

#define MSR_SF (1ul << 63)
#define MSR_VEC (1ul << 25)
#define MSR_VSX (1ul << 23)
#define MSR_EE 0x8000ul
#define MSR_PR 0x4000ul
#define MSR_FP 0x2000ul
#define MSR_ME 0x1000ul
#define MSR_FE0 0x0800ul
#define MSR_SE 0x0400ul
#define MSR_BE 0x0200ul
#define MSR_IR 0x20ul
#define MSR_DR 0x10ul

#define H_SUCCESS 0l
#define H_FUNCTION -2l
#define H_PARAMETER -4l
#define H_PTEG_FULL -6l
#define H_NOT_FOUND -7l
#define H_RESERVED_DABR -8l
#define H_RESOURCE -16l

/* The last interruption: its vector, what the machine left, and how many there were. */
struct seen { u64 vector, srr0, srr1, dar, dsisr, count; };
extern volatile struct seen seen;
/* Where an interruption goes on; behind the instruction when it is zero. */
extern volatile u64 resume;
extern volatile u64 clear_on_return;
/* The decrementer interrupts again as soon as it may. */
extern volatile u64 at_once;

extern u64 hypercall(u64 nr, u64 args[6]);
extern void with_msr(const void *code, u64 msr);

long hcall(u64 nr, u64 a, u64 b, u64 c, u64 d);
/* The same, with what comes back in r4 and on. */
extern u64 returned[6];
long rtas(u32 token, u32 nargs, const u32 *args, u32 nret, u32 *results);
void report(const char *name, int ok);
/* Puts what handles interruptions at a real address; the interruption is known by it. */
void install_at(u64 address);
void forget(void);
/* Executes two instructions with bits of the MSR besides the usual ones; what they met is in `seen`. */
void execute(u32 first, u32 second, u64 msr);
/* Goes on at an address with an MSR, up to the first interruption, which is in `seen`. */
void go_to(u64 at, u64 msr);
u32 big32(u32 value);
void test_calls(void);
void test_firmware(void);
void test_faults(void);
void test_translation(void);
void test_relocation(void);
void test_counters(void);
void test_problem_counters(void);

static inline u64 mfmsr(void) { u64 v; __asm__ volatile("mfmsr %0" : "=r"(v)); return v; }
static inline u64 timebase(void) { u64 v; __asm__ volatile("mftb %0" : "=r"(v)); return v; }
#define mfspr(n) ({ u64 v_; __asm__ volatile("mfspr %0, %1" : "=r"(v_) : "i"(n)); v_; })
#define mtspr(n, v) __asm__ volatile("mtspr %0, %1" : : "i"(n), "r"((u64)(v)) : "memory")
