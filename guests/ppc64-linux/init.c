/* The first program of a small Linux guest: a shell of a few commands, without a C library. Either byte order. */

typedef unsigned long size_t;

enum { SYS_read = 3, SYS_write = 4, SYS_open = 5, SYS_close = 6, SYS_getpid = 20, SYS_mount = 21, SYS_fork = 2,
       SYS_exit = 1, SYS_reboot = 88, SYS_uname = 122, SYS_waitpid = 114, SYS_brk = 45, SYS_mmap = 90, SYS_nanosleep = 162,
       SYS_sched_getaffinity = 223 };

static long syscall3(long nr, long a, long b, long c) {
  register long r0 asm("r0") = nr, r3 asm("r3") = a, r4 asm("r4") = b, r5 asm("r5") = c;
  register long r6 asm("r6") = 0, r7 asm("r7") = 0, r8 asm("r8") = 0;
  asm volatile("sc\n\tbns+ 1f\n\tneg %1, %1\n1:"
               : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
               :
               : "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
  return r3;
}
static long syscall6(long nr, long a, long b, long c, long d, long e, long f) {
  register long r0 asm("r0") = nr, r3 asm("r3") = a, r4 asm("r4") = b, r5 asm("r5") = c;
  register long r6 asm("r6") = d, r7 asm("r7") = e, r8 asm("r8") = f;
  asm volatile("sc\n\tbns+ 1f\n\tneg %1, %1\n1:"
               : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
               :
               : "r9", "r10", "r11", "r12", "cr0", "ctr", "xer", "memory");
  return r3;
}

static size_t length(const char *s) {
  size_t n = 0;
  while (s[n]) n++;
  return n;
}
static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}
static void say(const char *s) { syscall3(SYS_write, 1, (long)s, length(s)); }
static void number(unsigned long n) {
  char text[24];
  int i = 23;
  text[i] = 0;
  do text[--i] = '0' + n % 10; while (n /= 10);
  say(text + i);
}

static void cat(const char *path) {
  char buffer[512];
  long fd = syscall3(SYS_open, (long)path, 0, 0), n;
  if (fd < 0) {
    say("cannot open "), say(path), say("\n");
    return;
  }
  while ((n = syscall3(SYS_read, fd, (long)buffer, sizeof buffer)) > 0) syscall3(SYS_write, 1, (long)buffer, n);
  syscall3(SYS_close, fd, 0, 0);
}

static void uname(void) {
  char names[6][65];
  syscall3(SYS_uname, (long)names, 0, 0);
  say(names[0]), say(" "), say(names[2]), say(" "), say(names[4]), say("\n");
}

/* Pages are touched one by one, then a child changes its copy of them. */
static void pages(void) {
  enum { BYTES = 1 << 20 };
  char *p = (char *)syscall6(SYS_mmap, 0, BYTES, 3, 0x22, -1, 0);
  unsigned long sum = 0;
  for (int i = 0; i < BYTES; i += 4096) p[i] = i >> 12;
  long pid = syscall3(SYS_fork, 0, 0, 0);
  if (pid == 0) {
    for (int i = 0; i < BYTES; i += 4096) p[i]++;
    syscall3(SYS_exit, 0, 0, 0);
  }
  syscall3(SYS_waitpid, pid, 0, 0);
  for (int i = 0; i < BYTES; i += 4096) sum += (unsigned char)p[i];
  say("pages "), number(sum), say("\n");
}

static void run(char *line) {
  if (same(line, "")) return;
  if (same(line, "uname")) uname();
  else if (same(line, "pages")) pages();
  else if (same(line, "cpus")) {
    unsigned long mask = 0;
    syscall3(SYS_sched_getaffinity, 0, sizeof mask, (long)&mask);
    unsigned long n = 0;
    for (; mask; mask &= mask - 1) n++;
    say("cpus "), number(n), say("\n");
  } else if (same(line, "reboot")) syscall3(SYS_reboot, 0xfee1dead, 672274793, 0x01234567);
  else if (same(line, "poweroff")) syscall3(SYS_reboot, 0xfee1dead, 672274793, 0x4321fedc);
  else if (line[0] == 'c' && line[1] == 'a' && line[2] == 't' && line[3] == ' ') cat(line + 4);
  else if (line[0] == 'e' && line[1] == 'c' && line[2] == 'h' && line[3] == 'o') say(line + 5), say("\n");
  else say(line), say(": commands are cat FILE, cpus, echo WORDS, pages, poweroff, reboot, uname\n");
}

void begin(void) {
  char line[128];
  int n = 0;
  syscall6(SYS_mount, (long)"proc", (long)"/proc", (long)"proc", 0, 0, 0);
  say("init: ready\n# ");
  for (;;) {
    char c;
    if (syscall3(SYS_read, 0, (long)&c, 1) != 1) continue;
    if (c == '\n' || c == '\r') {
      line[n] = 0;
      n = 0;
      run(line);
      say("# ");
    } else if (n < (int)sizeof line - 1) line[n++] = c;
  }
}

#if _CALL_ELF == 2
asm(".globl _start\n_start:\n\taddis 2, 12, .TOC.-_start@ha\n\taddi 2, 2, .TOC.-_start@l\n\tbl begin\n\tnop\n");
#else
asm(".section \".opd\", \"aw\"\n.globl _start\n_start: .quad .text_start, .TOC.@tocbase, 0\n.text\n.text_start:\n\tbl begin\n\tnop\n");
#endif
