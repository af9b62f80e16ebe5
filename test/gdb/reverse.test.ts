import { expect, test } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { describeWithTools } from '../support/tools.ts';
import { tinyGuest } from './tiny-guest.ts';

/** Stores 1 to 5 into `counter`, then the same 5 once more, and goes round a loop for ever. */
const counts = `
_start:	larl	%r8, counter
	lghi	%r2, 0
	lghi	%r3, 5
loop:	aghi	%r2, 1
store:	stg	%r2, 0(%r8)
next:	brctg	%r3, loop
silent:	stg	%r2, 0(%r8)
done:	nopr
	nopr
end:	j	end
	.data
	.balign 8
counter: .quad 0
`;

async function debug(source: string, ...args: readonly string[]): Promise<Gdb> {
  const image = tinyGuest(source);
  const guest = await GuestProcess.start(image, args);
  return attach(guest.port, image);
}

describeWithTools(['gdb-multiarch', 's390x-linux-gnu-gcc'], 'going back in gdb', () => {
  test('a watchpoint names the newest writer first, with the store undone and the PC at it; a store of the same value is none', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete', 'watch *(long*)&counter');
    for (const [now, before] of [
      [5, 4],
      [4, 3],
      [3, 2],
    ]) {
      const [stop, at] = await gdb.run('reverse-continue', 'p $pc == &store');
      expect(stop).toMatch(new RegExp(`Old value = ${now}\nNew value = ${before}\n`));
      expect(at).toMatch(/= 1$/);
    }
    const [forward] = await gdb.run('continue');
    expect(forward).toMatch(/Old value = 2\nNew value = 3\n/);
  });

  test('the beginning is said, as often as one comes to it', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete');
    for (let i = 0; i < 2; i++) {
      const [stop, at] = await gdb.run('reverse-continue', 'p $pc == &_start');
      expect(stop).toMatch(/No more reverse-execution history/);
      expect(at).toMatch(/= 1$/);
    }
    const [stepped] = await gdb.run('reverse-stepi');
    expect(stepped).toMatch(/No more reverse-execution history/);
  });

  test('from a breakpoint that is set there goes to the time before', async () => {
    const gdb = await debug(counts);
    await gdb.run('break store', 'continue', 'continue', 'continue');
    for (const value of [2, 1]) {
      const [stop, at] = await gdb.run('reverse-continue', 'p $r2');
      expect(stop).toMatch(/Breakpoint 1, /);
      expect(at).toMatch(new RegExp(`= ${value}$`));
    }
    const [stop, at] = await gdb.run('continue', 'p $r2');
    expect(stop).toMatch(/Breakpoint 1, /);
    expect(at).toMatch(/= 2$/);
  });

  test('steps back and forth come by the same places', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete');
    const places: string[] = [];
    const where = async (): Promise<string> =>
      (await gdb.run('p $pc', 'p $r2', 'p $r3', 'p *(long*)&counter')).map((s) => s.replace(/^\$\d+/, '')).join();
    for (let i = 0; i < 14; i++) {
      places.push(await where());
      await gdb.run('reverse-stepi');
    }
    for (const place of places.reverse()) {
      await gdb.run('stepi');
      expect(await where()).toBe(place);
    }
  });

  test('a condition that gdb evaluates works backwards', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete', 'break store if $_streq("a", "a") && $r2 == 2');
    const [stop, at] = await gdb.run('reverse-continue', 'p $r2');
    expect(stop).toMatch(/Breakpoint 2, /);
    expect(at).toMatch(/= 2$/);
  });

  test('Ctrl-C ends a way back through a long past', async () => {
    const gdb = await debug(counts);
    await gdb.run('hbreak done', 'continue', 'delete');
    const running = gdb.start('continue');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    gdb.interrupt();
    await running;
    // Nobody fetches that, and every interval has to be run again to know it.
    await gdb.run('rwatch *(long*)0x20000');
    const back = gdb.start('reverse-continue');
    setTimeout(() => gdb.interrupt(), 100);
    expect(await back).toMatch(/SIGINT/);
    // And it goes on from there.
    const [, , more] = await gdb.run('delete', 'hbreak store', 'reverse-continue');
    expect(more).toMatch(/Breakpoint 3, /);
  });
});
