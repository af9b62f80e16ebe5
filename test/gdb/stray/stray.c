/* A queue with a name: its tail pointer is overwritten by a copy that goes one byte too far. */

#include "linux-module.h"

struct job {
  void (*run)(struct job *);
  struct job *next;
  long work;
};

static struct {
  char name[16];
  struct job *tail;
} queue;

static struct job jobs[4];
static volatile long sum;

static void add(struct job *job) { sum += job->work; }

static void rename_queue(const char *name) {
  int i = 0;
  do queue.name[i] = name[i];
  while (name[i++] != '\n');
}

static void step(void) {
  queue.tail->run(queue.tail);
  queue.tail = queue.tail->next;
}

/* echo NAME >/sys/module/stray/parameters/name */
static int set_name(const char *text, const struct kernel_param *param) {
  rename_queue(text);
  return 0;
}

/* echo N >/sys/module/stray/parameters/rounds */
static int set_rounds(const char *text, const struct kernel_param *param) {
  for (; *text >= '0' && *text <= '9'; text++)
    for (int i = *text - '0'; i > 0; i--) step();
  return 0;
}

module_parameter(name, set_name);
module_parameter(rounds, set_rounds);

int init_module(void) {
  for (int i = 0; i < 4; i++) jobs[i] = (struct job){add, &jobs[(i + 1) & 3], i};
  queue.tail = &jobs[0];
  return 0;
}

void cleanup_module(void) {}
