import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach } from '../support/gdb.ts';
import { demoImage, GuestProcess } from '../support/guest-process.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';

const quiet = ['--gdb', '0', '--console', 'none'];

/** A place for a file, which vanishes with the test. */
function place(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-snapshot-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

/** Runs the program to its end; its status and its words. */
function ended(...args: readonly string[]): { status: number; words: string } {
  const program = process.env.GUESTSCOPE_PROGRAM ?? `${root}dist/cli/main.js`;
  try {
    execFileSync(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    return { status: 0, words: '' };
  } catch (error) {
    if (!(error instanceof Error) || !('status' in error) || !('stderr' in error)) throw error;
    return { status: Number(error.status), words: String(error.stderr) };
  }
}

/** A raw image whose first instruction is not one, after a loop of stores: it ends in a loop of interruptions. */
function crashing(): string {
  // larl %r2,.+0x100; lghi %r3,1000; 1: stg %r3,0(%r2); brctg %r3,1b; .short 0
  const code = 'c02000000080' + 'a73903e8' + 'e33020000024' + 'a737fffd' + '0000';
  const path = place('crashing');
  const bytes = Buffer.alloc(0x1_0200);
  bytes.write(code, 0x1_0000, 'hex');
  writeFileSync(path, bytes);
  return path;
}

describeWithTools(['gdb-multiarch'], 'a guest in a file', () => {
  test('goes on from there with its past, in another program that knows nothing else', async () => {
    const file = place('guest');
    const first = await GuestProcess.start(demoImage, ['--console', 'none', '--smp', '2']);
    const gdb = await attach(first.port, demoImage);
    await gdb.run('break heartbeat', 'continue', 'continue', 'continue');
    const [pc, when] = await gdb.run('p/x $pc', 'monitor when');
    const [saved] = await gdb.run(`monitor snapshot save ${file}`);
    expect(saved).toMatch(/^saved = .*guest\nbytes = \d+\ntime = \d+/);
    await gdb.run('stepi 100');
    const registers = (await gdb.run('info registers'))[0];
    const second = await GuestProcess.startWith(['run', '--snapshot', file, '--wait', ...quiet]);
    const other = await attach(second.port, demoImage);
    expect(await other.run('p/x $pc', 'monitor when')).toEqual([pc?.replace(/\$\d+/, '$1'), when]);
    await other.run('stepi 100');
    expect((await other.run('info registers'))[0]).toBe(registers);
    // Back over where it was saved, to a breakpoint in front of that.
    const [back] = await other
      .run('break heartbeat', 'reverse-continue', 'reverse-continue', 'reverse-continue')
      .then((all) => all.slice(-1));
    expect(back).toMatch(/Breakpoint 1, heartbeat/);
    const [begin] = await other.run('delete', 'reverse-continue').then((all) => all.slice(-1));
    expect(begin).toMatch(/No more reverse-execution history/);
    expect((await other.run('monitor when'))[0]).toMatch(/^time = 0, /);
  });

  test('is put back into the machine that it comes from', async () => {
    const file = place('guest');
    const guest = await GuestProcess.start(demoImage, ['--console', 'none']);
    const gdb = await attach(guest.port, demoImage);
    await gdb.run('break heartbeat', 'continue');
    const before = await gdb.run('p/x $pc', 'p/x $r15', 'monitor when');
    await gdb.run(`monitor snapshot save ${file}`, 'continue', 'continue', `monitor snapshot load ${file}`);
    await gdb.run('maintenance flush register-cache');
    const numbers = (all: readonly string[]): string[] => all.map((text) => text.replace(/^\$\d+ = /, ''));
    expect(numbers(await gdb.run('p/x $pc', 'p/x $r15', 'monitor when'))).toEqual(numbers(before));
    expect((await gdb.run('continue'))[0]).toMatch(/Breakpoint 1, heartbeat/);
    expect((await gdb.run('monitor snapshot load /nonexistent/x'))[0]).toMatch(/ENOENT/);
    expect((await gdb.run('monitor snapshot keep x'))[0]).toMatch(/give save or load/);
  });

  test('that crashed is opened later and led back to what it did', async () => {
    const [file, image] = [place('crash'), crashing()];
    const crash = ended('run', image, '--gdb', 'none', '--memory', '16M', '--save-on-crash', file);
    expect(crash.words).toMatch(
      /the guest crashed: .*\n(.*\n)*.*the guest is kept, with its past: guestscope run --snapshot /,
    );
    expect(crash.status).toBe(4);
    const guest = await GuestProcess.startWith(['run', '--snapshot', file, ...quiet]);
    expect(guest.words.text).toMatch(/it had ended: .*program-interruption loop/);
    const gdb = await attach(guest.port);
    await gdb.run('set endian big');
    const [writers] = await gdb.run('monitor writers 0x10100+8 2');
    expect(writers).toMatch(/CPU 0 at 0x1000a: 0{15}2 -> 0{15}1\n.*CPU 0 at 0x1000a: 0{15}3 -> 0{15}2/);
    expect((await gdb.run('watch *(long *)0x10100', 'reverse-continue', 'p $r3'))[2]).toMatch(/= 1$/);
    expect((await gdb.run('reverse-stepi', 'p/x $pc'))[1]).toMatch(/= 0x10010$/);
    // To the end once more, and it ends as it did.
    const [end] = await gdb.run('delete', 'continue').then((all) => all.slice(-1));
    expect(end).toMatch(/program-interruption loop/);
  });

  test('that is cut, damaged, of another kind or of another machine is refused in words', async () => {
    const [file, image] = [place('crash'), crashing()];
    ended('run', image, '--gdb', 'none', '--memory', '16M', '--save-on-crash', file);
    const whole = readFileSync(file);
    const bad = place('bad');
    const tryWith = (bytes: Uint8Array): string => {
      writeFileSync(bad, bytes);
      const { status, words } = ended('run', '--snapshot', bad, '--gdb', 'none');
      expect(status).toBe(2);
      return words;
    };
    expect(tryWith(whole.subarray(0, whole.length - 1))).toMatch(
      /is cut or damaged behind byte \d+ \[snapshot-unreadable\]/,
    );
    const damaged = Buffer.from(whole);
    damaged[200] = (damaged[200] ?? 0) ^ 1;
    expect(tryWith(damaged)).toMatch(/is cut or damaged behind byte \d+ \[snapshot-unreadable\]/);
    const newer = Buffer.from(whole);
    newer.writeUInt32BE(99, 16);
    expect(tryWith(newer)).toMatch(/is of version 99, and this guestscope knows version 1/);
    expect(tryWith(Buffer.from('no guest at all, but some text'))).toMatch(
      /is no file that guestscope keeps guests in/,
    );
    expect(ended('run', '--snapshot', file, '--memory', '64M').words).toMatch(/leave --memory away \[usage\]/);
    const guest = await GuestProcess.start(demoImage, ['--console', 'none']);
    const gdb = await attach(guest.port, demoImage);
    expect((await gdb.run(`monitor snapshot load ${file}`))[0]).toMatch(
      /bytes of storage 16777216, this one has 67108864/,
    );
  });

  test('leaves a file that was there as it was when there is no room for it', async () => {
    const guest = await GuestProcess.start(demoImage, ['--console', 'none']);
    const gdb = await attach(guest.port, demoImage);
    expect((await gdb.run('monitor snapshot save /dev/full/x'))[0]).toMatch(/ENOTDIR/);
    const file = place('guest');
    await gdb.run(`monitor snapshot save ${file}`);
    const { size } = statSync(file);
    await gdb.run('stepi', `monitor snapshot save ${file}`);
    expect(statSync(file).size).toBeGreaterThan(size / 2);
    expect(() => statSync(`${file}.part`)).toThrow('ENOENT');
  });
});
