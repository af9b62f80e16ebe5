/* What the suites share: a console, checks, and program interruptions that a test asks for. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long s64;

#define PAGE 4096ul
#define ALIGNED(n) __attribute__((aligned(n)))

/* The suite itself. */
void suite(void);

/* The last program interruption: what it stored. */
struct interruption {
	u32 count;
	u32 code;
	u32 ilc;
	u32 exception_access, operand_access, dxc;
	/* PER code with ATMID, and PER address. */
	u32 per_code;
	u64 per_address;
	u64 teid;
	u64 mask, address;
};
extern volatile struct interruption last;
/* Where to go on after the next one, when not behind the instruction. */
extern volatile u64 go_on_at;

/* Forgets the last interruption. */
void expect(void);
/* A line `ok what`, or `NOT OK what: got, wanted` in hexadecimal. */
void check(const char *what, u64 got, u64 wanted);
/* The code of the interruption since `expect`, 0 for none. */
void check_code(const char *what, u32 wanted);
/* A line of a value that nobody judges here. */
void note(const char *what, u64 value);
void flush(void);
void wait_external(void);

void fill(void *at, u8 byte, u64 length);
int same(const void *a, const void *b, u64 length);
int all(const void *at, u8 byte, u64 length);

#define PGM_OPERATION 1
#define PGM_PRIVILEGED 2
#define PGM_EXECUTE 3
#define PGM_PROTECTION 4
#define PGM_ADDRESSING 5
#define PGM_SPECIFICATION 6
#define PGM_DATA 7
#define PGM_SEGMENT 0x10
#define PGM_PAGE 0x11
#define PGM_TRANSLATION_SPECIFICATION 0x12
#define PGM_SPECIAL 0x13

#define CR0_LOW_ADDRESS 0x10000000ul
#define CR0_FETCH_OVERRIDE 0x02000000ul
#define CR0_STORE_OVERRIDE 0x01000000ul
#define CR0_EDAT 0x00800000ul
#define CR0_SERVICE_SIGNAL 0x200ul
#define CR0_IEP 0x00100000ul
#define CR0_SECONDARY_SPACE 0x04000000ul

/* An instruction or more, its interruption taken. */
#define TRY(code, what, ...) do { expect(); asm volatile(__VA_ARGS__); check_code(what, code); } while (0)

static inline u64 get_cr(int n)
{
	u64 all[16];

	asm volatile("stctg 0,15,%0" : "=Q"(all));
	return all[n];
}

#define set_cr(n, value) do { u64 v_ = (value); asm volatile("lctlg " #n "," #n ",%0" : : "Q"(v_) : "memory"); } while (0)

static inline void cr0_on(u64 bits) { set_cr(0, get_cr(0) | bits); }
static inline void cr0_off(u64 bits) { set_cr(0, get_cr(0) & ~bits); }

static inline void set_access_key(u64 key)
{
	asm volatile("spka 0(%0)" : : "a"(key << 4) : "memory");
}

static inline void set_key(const void *page, u64 key)
{
	asm volatile(".insn rrf,0xb22b0000,%0,%1,0,0" : : "d"(key), "a"(page) : "memory", "cc");
}

static inline u32 get_key(const void *page)
{
	u64 key = 0;

	asm volatile("iske %0,%1" : "+d"(key) : "a"(page));
	return key & 0xff;
}

static inline u32 get_prefix(void)
{
	u32 prefix;

	asm volatile("stpx %0" : "=Q"(prefix) : : "memory");
	return prefix;
}

static inline void set_prefix(u32 prefix)
{
	asm volatile("spx %0" : : "Q"(prefix) : "memory");
}

/* PSW bits 0-63. */
static inline u64 psw_mask(void)
{
	u32 high, low;

	asm volatile("epsw %0,%1" : "=&d"(high), "=&a"(low));
	return ((u64)high << 32) | low;
}

static inline void load_mask(u64 mask)
{
	u64 psw[2] ALIGNED(8) = { mask, 0 };

	asm volatile("larl %%r1,0f; stg %%r1,8(%0); lpswe 0(%0); 0:" : : "a"(psw) : "1", "cc", "memory");
}

#define PSW_PROBLEM 0x0001000000000000ul
#define PSW_DAT 0x0400000000000000ul
static inline void problem_state(void) { load_mask(psw_mask() | PSW_PROBLEM); }
/* By a privileged-operation exception, after which the handler goes on in the supervisor state with key 0. */
static inline void supervisor_state(void) { asm volatile("stidp 0x3b0" : : : "memory"); }
static inline void dat_on(void) { load_mask(psw_mask() | PSW_DAT); }
static inline void dat_off(void) { load_mask(psw_mask() & ~PSW_DAT); }

static inline u32 sigp_register(u32 cpu, u64 order, u64 parameter, u64 *status)
{
	register u64 r2 asm("2") = *status;
	register u64 r3 asm("3") = parameter;
	u32 cc;

	asm volatile("sigp %1,%3,0(%4); ipm %0; srl %0,28" : "=&d"(cc), "+d"(r2) : "d"(r3), "d"((u64)cpu), "a"(order) : "cc", "memory");
	*status = r2;
	return cc;
}

static inline u32 sigp(u32 cpu, u64 order, u64 parameter, u32 *status)
{
	u64 whole = 0;
	u32 cc;

	do
		cc = sigp_register(cpu, order, parameter, &whole);
	while (cc == 2);
	*status = (u32)whole;
	return cc;
}
