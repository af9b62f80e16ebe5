/* A program that debugs another one: single steps, and a hardware watchpoint, which Linux makes of program-event recording. */

typedef unsigned long word;

enum {
  NR_exit = 1,
  NR_fork = 2,
  NR_write = 4,
  NR_getpid = 20,
  NR_ptrace = 26,
  NR_kill = 37,
  NR_wait4 = 114,
};
enum { TRACEME = 0, PEEKUSR = 3, POKEUSR = 6, CONT = 7, KILL = 8, SINGLESTEP = 9 };
/* Places in the user area. */
enum { PSW_ADDRESS = 0x08, GPR2 = 0x20, PER_EVENTS = 0x160, PER_FIRST = 0x180, PER_LAST = 0x188 };
enum { SIGTRAP = 5, SIGSTOP = 19 };
enum { STORAGE_ALTERATION = 0x20000000, IN_SPACE = 0x00200000 };

static word call(word number, word a, word b, word c, word d) {
  register word r1 asm("1") = number;
  register word r2 asm("2") = a;
  register word r3 asm("3") = b;
  register word r4 asm("4") = c;
  register word r5 asm("5") = d;
  asm volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4), "d"(r5) : "memory");
  return r2;
}

static void line(const char *what, word value) {
  char out[80];
  word n = 0;
  out[n++] = '|';
  out[n++] = ' ';
  while (*what != 0) out[n++] = *what++;
  out[n++] = ' ';
  word digits = 1;
  for (word rest = value; rest >= 16; rest /= 16) digits++;
  for (word i = digits; i-- > 0;) out[n++] = "0123456789abcdef"[(value >> (4 * i)) & 15];
  out[n++] = '\n';
  call(NR_write, 1, (word)out, n, 0);
}

static volatile word watched;
static volatile word other;

extern char steps_begin[], steps_end[], store[], behind_store[];

/* Ten instructions whose places are known, then a loop that stores into what is watched in its fifth round. */
static void child(void) {
  call(NR_ptrace, TRACEME, 0, 0, 0);
  call(NR_kill, call(NR_getpid, 0, 0, 0, 0), SIGSTOP, 0, 0);
  asm volatile(
      ".globl steps_begin, steps_end\n"
      "steps_begin: lghi %%r2, 1\n"
      "aghi %%r2, 2\n"
      "j 1f\n"
      "lghi %%r2, 99\n"
      "1: larl %%r3, 2f\n"
      "ex 0, 0(%%r3)\n"
      "bras %%r4, 3f\n"
      ".balign 2\n"
      "2: ahi %%r2, 4\n"
      "3: lgr %%r5, %%r2\n"
      "steps_end: nopr %%r0\n"
      :
      :
      : "2", "3", "4", "5", "cc", "memory");
  call(NR_kill, call(NR_getpid, 0, 0, 0, 0), SIGSTOP, 0, 0);
  for (word i = 0; i < 9; i++) {
    other = i;
    if (i == 5)
      asm volatile(
          ".globl store, behind_store\n"
          "store: stg %0, 0(%1)\n"
          "behind_store: nopr %%r0\n"
          :
          : "d"(i), "a"(&watched)
          : "memory");
  }
  call(NR_exit, 7, 0, 0, 0);
}

static word waited(word pid) {
  int status = -1;
  call(NR_wait4, pid, (word)&status, 0, 0);
  return (word)(status & 0xffff);
}

static word peek(word pid, word at) {
  word value = 0;
  /* The system call stores what it has found. */
  call(NR_ptrace, PEEKUSR, pid, at, (word)&value);
  return value;
}

int main(void) {
  const word pid = call(NR_fork, 0, 0, 0, 0);
  if (pid == 0) child();
  line("stopped with", waited(pid));
  /* To the first of the instructions. */
  word rounds = 0;
  while (peek(pid, PSW_ADDRESS) != (word)steps_begin && rounds++ < 100000) {
    call(NR_ptrace, SINGLESTEP, pid, 0, 0);
    if (waited(pid) != (SIGTRAP << 8 | 0x7f)) return 1;
  }
  word sum = 0;
  word steps = 0;
  while (peek(pid, PSW_ADDRESS) != (word)steps_end && steps < 100) {
    call(NR_ptrace, SINGLESTEP, pid, 0, 0);
    if (waited(pid) != (SIGTRAP << 8 | 0x7f)) return 2;
    steps++;
    sum = sum * 31 + (peek(pid, PSW_ADDRESS) - (word)steps_begin);
  }
  line("steps", steps);
  line("where they led", sum);
  line("register 2", peek(pid, GPR2));
  call(NR_ptrace, CONT, pid, 0, 0);
  line("stopped with", waited(pid));
  call(NR_ptrace, POKEUSR, pid, PER_EVENTS, STORAGE_ALTERATION | IN_SPACE);
  call(NR_ptrace, POKEUSR, pid, PER_FIRST, (word)&watched);
  call(NR_ptrace, POKEUSR, pid, PER_LAST, (word)&watched + 7);
  call(NR_ptrace, CONT, pid, 0, 0);
  line("watchpoint", waited(pid));
  line("behind the store", peek(pid, PSW_ADDRESS) - (word)behind_store);
  call(NR_ptrace, POKEUSR, pid, PER_EVENTS, 0);
  call(NR_ptrace, CONT, pid, 0, 0);
  line("ended with", waited(pid));
  return 0;
}

void _start(void) {
  call(NR_exit, (word)main(), 0, 0, 0);
}
