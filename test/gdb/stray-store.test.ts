import { expect, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';
import { cGuest } from './tiny-guest.ts';

/** A queue whose tail pointer is overwritten by a copy that is one too long; long after that, the guest goes where it leads. */
const source = `
struct job { void (*run)(struct job *); struct job *next; long work; };
static struct { char name[16]; struct job *tail; } queue;
static struct job jobs[4];
static volatile long sum;

static void add(struct job *job) { sum += job->work; }

static void rename_queue(const char *name)
{
	for (int i = 0; i <= 16; i++)
		queue.name[i] = name[i];
}

static void work(long rounds)
{
	for (long i = 0; i < rounds; i++)
		sum += i;
}

static void step(void)
{
	queue.tail->run(queue.tail);
}

void begin(void)
{
	for (int i = 0; i < 4; i++)
		jobs[i] = (struct job){ add, &jobs[(i + 1) & 3], i };
	queue.tail = &jobs[0];
	for (int i = 0; i < 1000; i++) {
		step();
		queue.tail = queue.tail->next;
	}
	rename_queue("all of sixteen!!\\xff");
	work(3000000);
	step();
}
`;

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'a guest that crashes long after a stray store', () => {
  test('is led back to the store, which gs-writers names, too', async () => {
    const image = cGuest(source, 'stray');
    const guest = await GuestProcess.start(image);
    const gdb = await attach(guest.port, image);
    const [crash] = await gdb.run('continue');
    expect(crash).toMatch(/disabled wait|program interruption|loop/);
    await gdb.run(`source ${root}gdb-scripts/guestscope.py`);
    const [listed] = await gdb.run('gs-writers queue.tail 2');
    expect(listed).toMatch(/^time \d+: CPU 0, 0x[0-9a-f]+ <rename_queue\+\d+> at .*stray\.c:\d+: 0x/m);
    expect(listed).toMatch(/<begin\+\d+>/);
    await gdb.run('watch -l queue.tail');
    const [back, where, code] = await gdb.run('reverse-continue', 'bt', 'info line *$pc');
    expect(back).toMatch(
      /Hardware watchpoint \d+: -location queue\.tail\n\nOld value = .*0xff.*\nNew value = .*<jobs/s,
    );
    expect(where).toMatch(/#0 .*rename_queue .*\n#1 .*begin \(\)/);
    expect(code).toMatch(/stray\.c/);
    // The store is undone, and forward again it is done.
    const [before, , after] = await gdb.run('p queue.tail == &jobs[0]', 'stepi', 'p queue.tail == &jobs[0]');
    expect([before, after].map((text) => text?.at(-1))).toEqual(['1', '0']);
  });

  test('is gone through line by line and call by call', async () => {
    const image = cGuest(source, 'stray');
    const guest = await GuestProcess.start(image);
    const gdb = await attach(guest.port, image);
    await gdb.run('continue', 'tbreak work', 'reverse-continue');
    // At the call, and then over calls: one short, one of nine million instructions.
    const [finished, line] = await gdb.run('reverse-finish', 'info line *$pc');
    expect(finished).toMatch(/begin \(\) at /);
    expect(line).toContain('begin');
    expect((await gdb.run('next'))[0]).toMatch(/step\(\);/);
    expect((await gdb.run('reverse-next'))[0]).toMatch(/work\(3000000\);/);
    expect((await gdb.run('reverse-next'))[0]).toMatch(/rename_queue/);
    expect((await gdb.run('reverse-step'))[0]).toMatch(
      /queue\.tail = queue\.tail->next|for \(int i = 0; i < 1000; i\+\+\)/,
    );
    expect((await gdb.run('p i'))[0]).toMatch(/= (999|1000|<optimized out>)/);
  });
});
