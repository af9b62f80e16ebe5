/* A Linux program without a library: what it asks of the kernel it asks by svc. Built for 64-bit and 31-bit mode. */

typedef unsigned long word;
typedef unsigned long long u64;

enum {
  NR_exit = 1,
  NR_fork = 2,
  NR_read = 3,
  NR_write = 4,
  NR_execve = 11,
  NR_getpid = 20,
  NR_pause = 29,
  NR_kill = 37,
  NR_pipe = 42,
  NR_mmap = 90,
  NR_munmap = 91,
  NR_setitimer = 104,
  NR_wait4 = 114,
  NR_clone = 120,
  NR_mprotect = 125,
  NR_rt_sigaction = 174,
  NR_vfork = 190,
  NR_clock_gettime = 260,
};

enum { PAGE = 4096, SIGFPE = 8, SIGUSR1 = 10, SIGSEGV = 11, SIGALRM = 14, SIGCHLD = 17, SA_SIGINFO = 4 };

static inline __attribute__((always_inline)) word call(word number, word a, word b, word c, word d) {
  register word r1 asm("1") = number;
  register word r2 asm("2") = a;
  register word r3 asm("3") = b;
  register word r4 asm("4") = c;
  register word r5 asm("5") = d;
  asm volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4), "d"(r5) : "memory");
  return r2;
}

static void text(const char *s) {
  word n = 0;
  while (s[n] != 0) n++;
  call(NR_write, 1, (word)s, n, 0);
}

/* One line by one write, so that lines of several processes do not mix. */
static void line(const char *what, u64 value) {
  char out[80];
  word n = 0;
  while (*what != 0) out[n++] = *what++;
  out[n++] = ' ';
  for (int shift = 60; shift >= 0; shift -= 4) out[n++] = "0123456789abcdef"[(value >> shift) & 15];
  out[n++] = '\n';
  call(NR_write, 1, (word)out, n, 0);
}

static word status_of(word pid) {
  int status = -1;
  if (call(NR_wait4, pid, (word)&status, 0x40000000 /* __WALL */, 0) != pid) return 0xbad;
  return (status & 0x7f) != 0 ? (word)(0x100 | (status & 0x7f)) : (word)((status >> 8) & 0xff);
}

static char *map(word bytes) {
  const word arguments[6] = {0, bytes, 3 /* read, write */, 0x22 /* private, anonymous */, (word)-1, 0};
  return (char *)call(NR_mmap, (word)arguments, 0, 0, 0);
}

/* Signals. */

static volatile word seen[32];
static volatile double in_handler = 1.0;
static char *volatile guarded;

static void handler(int signal, void *info, void *context) {
  (void)info;
  (void)context;
  seen[signal]++;
  in_handler = in_handler * 1.5 + 0.25;
  if (signal == SIGSEGV) call(NR_mprotect, (word)guarded, PAGE, 3, 0);
}

static void handle(int signal) {
  const struct {
    void (*handler)(int, void *, void *);
    word flags;
    word restorer;
    u64 mask;
  } action = {handler, SA_SIGINFO, 0, 0};
  call(NR_rt_sigaction, signal, (word)&action, 0, 8);
}

static void signals(void) {
  handle(SIGUSR1);
  handle(SIGSEGV);
  handle(SIGFPE);
  handle(SIGALRM);
  const word self = call(NR_getpid, 0, 0, 0, 0);
  double kept = 1.0;
  for (int i = 0; i < 20; i++) {
    kept = kept * 1.25 - 0.125;
    call(NR_kill, self, SIGUSR1, 0, 0);
  }
  union { double d; u64 bits; } a = {kept}, b = {in_handler};
  line("signals taken", seen[SIGUSR1]);
  line("floating point kept", a.bits);
  line("floating point of the handler", b.bits);

  guarded = map(PAGE);
  call(NR_mprotect, (word)guarded, PAGE, 1, 0);
  *(volatile char *)guarded = 42;
  line("store to a read-only page, done again", (seen[SIGSEGV] << 8) | guarded[0]);

  register int dividend asm("4") = 7, low asm("5") = 9;
  asm volatile("dr 4,%2" : "+d"(dividend), "+d"(low) : "d"(0));
  line("division by zero, passed over", ((u64)seen[SIGFPE] << 32) | ((u64)(unsigned)dividend << 8) | (unsigned)low);

  const word timer[4] = {0, 2000, 0, 2000};
  const word off[4] = {0, 0, 0, 0};
  call(NR_setitimer, 0, (word)timer, 0, 0);
  while (seen[SIGALRM] < 3) call(NR_pause, 0, 0, 0, 0);
  call(NR_setitimer, 0, (word)off, 0, 0);
  text("timer ticked\n");
}

/* Processes and their storage. */

static void processes(char *program) {
  char *shared = map(64 * PAGE);
  for (word i = 0; i < 64 * PAGE; i++) shared[i] = (char)(i * 7 + (i >> 8));
  const word child = call(NR_fork, 0, 0, 0, 0);
  if (child == 0) {
    for (word i = 0; i < 64; i++) shared[i * PAGE] = 1;
    call(NR_exit, shared[PAGE] == 1 ? 33 : 1, 0, 0, 0);
  }
  line("forked child", status_of(child));
  word sum = 0;
  for (word i = 0; i < 64 * PAGE; i++) sum = sum * 31 + (unsigned char)shared[i];
  line("storage after the child wrote to its copy", (unsigned)sum);
  call(NR_munmap, (word)shared, 64 * PAGE, 0, 0);

  int ends[2];
  char got[8] = {0};
  call(NR_pipe, (word)ends, 0, 0, 0);
  char *const arguments[] = {program, "executed", 0};
  char *const environment[] = {0};
  const word other = call(NR_vfork, 0, 0, 0, 0);
  if (other == 0) {
    call(NR_write, ends[1], (word) "through", 7, 0);
    call(NR_execve, (word)program, (word)arguments, (word)environment, 0);
    call(NR_exit, 99, 0, 0, 0);
  }
  line("vforked and executed child", status_of(other));
  call(NR_read, ends[0], (word)got, 7, 0);
  text(got);
  text(" a pipe\n");

  const word crashed = call(NR_fork, 0, 0, 0, 0);
  if (crashed == 0) {
    const word by_default[5] = {0, 0, 0, 0, 0};
    call(NR_rt_sigaction, SIGSEGV, (word)by_default, 0, 8);
    *(volatile char *)0 = 1;
  }
  line("child that stores to nowhere", status_of(crashed));
}

/* Threads: they share storage and change it by interlocked updates. */

enum { THREADS = 4, ROUNDS = 20000, STACK = 4 * PAGE };

static volatile word added;
static volatile u64 swapped;
static volatile int lock;
static volatile word guarded_sum;

static void thread(void) {
  for (int i = 0; i < ROUNDS; i++) {
    __sync_fetch_and_add(&added, 3);
    u64 old;
    do old = swapped;
    while (!__sync_bool_compare_and_swap(&swapped, old, old + 0x100000001ULL));
    while (__sync_lock_test_and_set(&lock, 1) != 0) {}
    guarded_sum = guarded_sum + 1;
    __sync_lock_release(&lock);
  }
  call(NR_exit, 5, 0, 0, 0);
}

static word start_thread(char *stack) {
  register word r1 asm("1") = NR_clone;
  register word r2 asm("2") = (word)(stack + STACK - 256);
  register word r3 asm("3") = 0x100 /* CLONE_VM */ | SIGCHLD;
  register void (*r9)(void) asm("9") = thread;
  asm volatile("svc 0\n\tltr 2,2\n\tjnz 0f\n\tbasr 14,%3\n0:"
               : "+d"(r2)
               : "d"(r1), "d"(r3), "a"(r9)
               : "memory", "cc", "14");
  return r2;
}

static void threads(void) {
  word ids[THREADS], ended = 0;
  for (int i = 0; i < THREADS; i++) ids[i] = start_thread(map(STACK));
  for (int i = 0; i < THREADS; i++) ended += status_of(ids[i]);
  line("threads ended", ended);
  line("added", added);
  line("swapped", swapped);
  line("counted under a lock", guarded_sum);
}

/* Floating point. */

static void floating(void) {
  double sum = 0, root = 2;
  float small = 0;
  long double wide = 1;
  for (int i = 1; i <= 1000; i++) {
    sum += 1.0 / i;
    small += 1.0f / (float)i;
    wide = wide / 3 + sum;
    double s;
    asm volatile("sqdbr %0,%1" : "=f"(s) : "f"(root));
    root = s + i;
  }
  union { double d; u64 bits; } a = {sum}, b = {(double)small}, c = {root}, d = {(double)(wide * wide)};
  line("sum of doubles", a.bits);
  line("sum of floats", b.bits);
  line("square roots", c.bits);
  line("extended", d.bits);
  line("to an integer", (u64)(long)(sum * 1e6));
}

static void clock_goes_on(void) {
  word before[2], after[2];
  call(NR_clock_gettime, 1, (word)before, 0, 0);
  for (volatile int i = 0; i < 20000; i++) {}
  call(NR_clock_gettime, 1, (word)after, 0, 0);
  const word later = after[0] > before[0] || (after[0] == before[0] && after[1] > before[1]);
  line("time went on", later);
}

int start(int count, char **arguments) {
  if (count > 1) {
    text("executed again\n");
    return 7;
  }
  line("bytes of a word", sizeof(word));
  signals();
  processes(arguments[0]);
  threads();
  floating();
  clock_goes_on();
  return 0;
}

#ifdef __s390x__
asm(".globl _start\n_start:\n\tlg 2,0(15)\n\tla 3,8(15)\n\taghi 15,-160\n\tbrasl 14,start\n\tlhi 1,1\n\tsvc 0");
#else
asm(".globl _start\n_start:\n\tl 2,0(15)\n\tla 3,4(15)\n\tahi 15,-96\n\tbras 14,start\n\tlhi 1,1\n\tsvc 0");
#endif
