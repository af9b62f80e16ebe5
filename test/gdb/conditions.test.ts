import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';
import { debugTiny, disabledWait, tinyGuest } from './tiny-guest.ts';

/** Counts to 200,000 in r2 and in storage, and ends; a text lies at `text`. */
const counts = `
_start:	larl	%r8, counter
	lghi	%r2, 0
	lgfi	%r3, 200000
loop:	aghi	%r2, 1
store:	stg	%r2, 0(%r8)
next:	brctg	%r3, loop
done:	nopr
	larl	%r1, wait
	lpswe	0(%r1)
	.balign 8
wait:	${disabledWait(0)}
	.data
	.balign 8
counter: .quad 0
text:	.asciz "some text"
`;

async function debug(...settings: readonly string[]): Promise<Gdb> {
  const gdb = await debugTiny(counts);
  await gdb.run(...settings);
  return gdb;
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'a condition in gdb', () => {
  test('of registers or of storage is looked at where the guest runs: it stops at the hit that is wanted alone', async () => {
    const gdb = await debug('set debug remote off');
    await gdb.run('break store if $r2 == 150000');
    const [stop, at] = await gdb.run('continue', 'p $r2');
    expect(stop).toMatch(/Breakpoint 1, /);
    expect(at).toMatch(/= 150000$/);
    await gdb.run('delete', 'break next if *(long*)$r8 == 199999 && $r3 < 10');
    expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 199999$/);
    // And backwards.
    await gdb.run('delete', 'break store if $r2 == 777');
    const [back, there] = await gdb.run('reverse-continue', 'p $r2');
    expect(back).toMatch(/Breakpoint 3, /);
    expect(there).toMatch(/= 777$/);
  });

  test('two at one address: either of them stops', async () => {
    const gdb = await debug('break store if $r2 == 5', 'break store if $r2 == 3');
    for (const value of [3, 5]) expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(new RegExp(`= ${value}$`));
  });

  test('that faults stops, and gdb says so', async () => {
    const gdb = await debug('break store if *(char*)0x7000000000000000 == 1');
    expect((await gdb.run('continue'))[0]).toMatch(/Breakpoint 1, |Error in testing/);
    expect((await gdb.run('p $r2'))[0]).toMatch(/= 1$/);
  });

  test('that gdb cannot compile is looked at by gdb', async () => {
    const gdb = await debug('break store if $_streq((char*)&text, "some text") && $r2 == 4');
    expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 4$/);
  });
});

/** Two CPUs come by `both`, the second one for long; the first one goes on to `met`. */
const twoCpus = `
_start:	larl	%r1, restart_psw
	mvc	0x1a0(16,%r0), 0(%r1)
	lghi	%r2, 1
	sigp	%r0, %r2, 6
	lghi	%r9, 5
both:	lgr	%r4, %r9
	brctg	%r9, both
met:	j	met
cpu1:	lgfi	%r9, 0x400000
	j	both
	.balign	8
restart_psw: .quad 0x0000000180000000, cpu1
`;

describeWithTools(
  ['gdb-multiarch', 's390x-linux-gnu-gcc'],
  'what the monitor says of breakpoints and watchpoints',
  () => {
    test('ignore: hits pass without a word to gdb, those alone whose condition holds', async () => {
      const gdb = await debug('break store if $r2 % 10 == 0', 'monitor ignore &store 4');
      expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 50$/);
      expect((await gdb.run('monitor ignore'))[0]).toBe('limits = none');
      expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 60$/);
      await gdb.run('monitor ignore &store 3');
      // All that are met count on the way back.
      expect((await gdb.run('reverse-continue', 'p $r2'))[1]).toMatch(/= 50$/);
      expect((await gdb.run('monitor ignore'))[0]).toMatch(
        /^limits\[0\] = 0x[\da-f]+: all CPUs, the next 3 do not stop$/,
      );
      expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 90$/);
    });

    test('break-cpu: one CPU alone stops', async () => {
      const image = tinyGuest(twoCpus);
      const guest = await GuestProcess.start(image, ['--smp', '2']);
      const gdb = await attach(guest.port, image);
      await gdb.run('break both', 'monitor break-cpu &both 1');
      for (let i = 0; i < 7; i++) {
        const [, thread] = await gdb.run('continue', 'thread');
        expect(thread).toMatch(/Current thread is 2 /);
      }
      await gdb.run('monitor break-cpu &both any', 'monitor break-cpu &both 0');
      expect((await gdb.run('continue', 'thread'))[1]).toMatch(/Current thread is 1 /);
    });

    test('watch-if: a watchpoint stops on a value, or by an expression, forwards and backwards', async () => {
      const gdb = await debug('watch *(long*)&counter', 'monitor watch-if &counter == 150000');
      expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 150000$/);
      // r2 == 777
      await gdb.run('monitor watch-if &counter agent 2600042a402303091327');
      expect((await gdb.run('reverse-continue', 'p $r2'))[1]).toMatch(/= 777$/);
      await gdb.run('monitor watch-if &counter > 199998');
      expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 199999$/);
      expect((await gdb.run('monitor watch-if &counter any'))[0]).toBe('conditions = none');
      expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(/= 200000$/);
      expect((await gdb.run('monitor watch-if &counter ~ 1'))[0]).toMatch(/^watch-if: ~ is none of any, agent, ==/);
    });

    test('gs-watch-if: by a condition of gdb, forwards and backwards, until it is taken away', async () => {
      const gdb = await debug(`source ${root}gdb-scripts/guestscope.py`, 'watch -l *(long*)&counter');
      const [set] = await gdb.run('gs-watch-if *(long*)&counter if $r2 % 1000 == 7 && $r2 > 2000 || *(long*)$r8 == 5');
      expect(set).toMatch(/^conditions\[0\] = 0x[\da-f]+: agent 26[\da-f]+27$/);
      for (const value of [5, 2007, 3007]) {
        expect((await gdb.run('continue', 'p $r2'))[1]).toMatch(new RegExp(`= ${value}$`));
      }
      expect((await gdb.run('reverse-continue', 'p $r2'))[1]).toMatch(/= 3007$/);
      expect((await gdb.run('reverse-continue', 'p $r2'))[1]).toMatch(/= 2007$/);
      expect((await gdb.run('gs-watch-if *(long*)&counter if $_streq((char*)$r8, "a")'))[0]).toMatch(/cannot compile/);
      for (const line of ['gs-watch-if', 'gs-watch-if *(long*)&counter if', 'gs-watch-if  if $r2 == 1'])
        expect((await gdb.run(line))[0]).toMatch(/^usage: gs-watch-if EXPRESSION \[if CONDITION\]/);
      expect((await gdb.run('gs-watch-if nosuch'))[0]).toMatch(/^gs-watch-if: No symbol "nosuch"/);
      expect((await gdb.run('gs-watch-if *(long*)&counter'))[0]).toBe('conditions = none');
      expect((await gdb.run('reverse-continue', 'p $r2'))[1]).toMatch(/= 2006$/);
    });
  },
);

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'dprintf in gdb', () => {
  test('prints where the guest runs, escapes and strings included, and never stops', async () => {
    const gdb = await debug('set dprintf-style agent', 'hbreak done');
    await gdb.run('dprintf store,"r2=%ld text %s\\n", $r2, $r8 + 8', 'condition 2 $r2 <= 3');
    const [said] = await gdb.run('continue');
    expect(said).toContain('r2=1 text some text\nr2=2 text some text\nr2=3 text some text\n');
    expect(said).not.toContain('r2=4');
    expect(said).toMatch(/Breakpoint 1, /);
  });

  test('two at one address print each by its own condition', async () => {
    const gdb = await debug('set dprintf-style agent', 'hbreak done');
    await gdb.run(
      'dprintf store,"seven\\n"',
      'dprintf store,"nine\\n"',
      'condition 2 $r2 == 7',
      'condition 3 $r2 == 9',
    );
    const [said] = await gdb.run('continue');
    expect(said?.match(/seven|nine/g)).toEqual(['seven', 'nine']);
  });

  test('whose argument cannot be compiled neither loops nor stops', async () => {
    const gdb = await debug('set dprintf-style agent', 'hbreak done', 'tbreak store if $r2 == 199998', 'continue');
    await gdb.run('dprintf store,"%s\\n", "literal"');
    const [said] = await gdb.run('continue');
    expect(said).toMatch(/Breakpoint 1, /);
  });

  test('prints a hundred thousand lines', async () => {
    const gdb = await debug(
      'set dprintf-style agent',
      'hbreak done',
      'dprintf store,"%ld\\n", $r2',
      'condition 2 $r2 > 100000',
    );
    const [said] = await gdb.run('continue');
    expect(said?.match(/^\d+$/gm)).toHaveLength(100_000);
  });
});
