import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { attach, Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { tool } from '../support/installed.ts';
import { root } from '../support/sources.ts';
import { describeWithTools } from '../support/tools.ts';

const demo = `${root}guests/demo-ppc64/demo.elf`;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'guestscope-dump-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** What values are, without gdb's number of them. */
const plain = (all: readonly string[]): string[] => all.map((text) => text.replace(/^\$\d+ = /, ''));

describeWithTools(['gdb-multiarch'], 'core files of a ppc64 guest', () => {
  test('show gdb, and guestscope core, the guest that it was attached to', async () => {
    const guest = await GuestProcess.start(demo, ['--smp', '2']);
    const live = await attach(guest.port, demo);
    await live.run('break heartbeat', 'continue', 'continue', 'set $f1 = 1.5', 'set $vr2.v4_int32[3] = 77');
    const path = join(folder(), 'core');
    const [told] = await live.run('monitor dump core', `remote get /guestscope/dumps/core ${path}`);
    expect(told).toMatch(/^file = \/guestscope\/dumps\/core\nbytes = \d+\nfetch = remote get /);
    const asked = [
      'bt 3',
      'info registers r1 pc lr ctr cr xer',
      'p/x $msr',
      'p $f1',
      'p $vr2.v4_int32',
      'p heartbeats',
    ];
    const said = plain(await live.run(...asked));

    const core = new Gdb(demo);
    await core.run(`core-file ${path}`);
    expect(plain(await core.run(...asked))).toEqual(said);
    const [threads = '', linear] = await core.run(
      'info threads',
      'p *(unsigned long *)(0xc000000000000000 + (long)&heartbeats)',
    );
    expect(threads.match(/LWP \d/g)).toEqual(['LWP 1', 'LWP 2']);
    expect(linear).toMatch(/= 1$/);

    // The heap lies where the page table says, and nowhere else.
    const more = [...asked, 'info registers sprg0 srr0', 'x/2gx 0x20001000', 'monitor walk 0x20001000', 'monitor slb'];
    const whole = plain(await live.run(...more));
    const opened = await GuestProcess.startWith(['core', path, '--gdb', '0']);
    expect(opened.words.text).toContain('core file, 64 MiB; 2 CPUs, at rest');
    const gdb = await attach(opened.port, demo);
    expect(plain(await gdb.run(...more))).toEqual(whole);
    expect((await gdb.run('stepi'))[0]).toContain('a dump does not run');
  });

  test('of another machine are refused in words', () => {
    const path = join(folder(), 'core');
    const head = Buffer.alloc(64);
    // ELF, 64 bits, little endian, a core file, for x86-64, without segments.
    head.write('7f454c46020101', 0, 'hex');
    head.writeUInt16LE(4, 16);
    head.writeUInt16LE(62, 18);
    head.writeUInt16LE(56, 54);
    writeFileSync(path, head);
    const program = process.env.GUESTSCOPE_PROGRAM ?? `${root}dist/cli/main.js`;
    expect(() => execFileSync(process.execPath, [program, 'core', path], { stdio: 'pipe' })).toThrow(
      /the core file is for .*, not for s390x or ppc64/,
    );
  });
});

describeWithTools(['gdb-multiarch', 'qemu-system-ppc64'], "guestscope core on QEMU's dump-guest-memory", () => {
  test('has general, floating-point and vector registers, and the storage', async () => {
    const directory = folder();
    const [path, port] = [join(directory, 'qemu.dump'), join(directory, 'port')];
    const quiet = 'pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off';
    const machine = [
      '-M',
      quiet,
      '-cpu',
      'POWER7',
      '-m',
      '256',
      '-S',
      '-nodefaults',
      '-display',
      'none',
      '-accel',
      'tcg',
    ];
    const qemu = spawn(
      tool('qemu-system-ppc64'),
      [...machine, '-monitor', 'stdio', '-gdb', `unix:${port},server=on,wait=off`],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    onTestFinished(() => {
      qemu.kill('SIGKILL');
    });
    // It listens before it says what it is.
    await once(qemu.stdout, 'data');
    const there = new Gdb(demo);
    const general = ['set $r3 = 0x1122334455667788', 'set $pc = 0x400', 'set $cr = 0x12345678'];
    const vectors = [
      'set $f1 = 1.5',
      'set $f31 = -2.25',
      'set $vs3.v4_int32 = {1, 2, 3, 4}',
      'set $vr2.v4_int32 = {11, 12, 13, 14}',
    ];
    // Not VRSAVE, which QEMU leaves out.
    const controls = ['set $vscr = 0x10001', 'set $fpscr = 0x84'];
    await there.run(`target remote ${port}`, ...general, ...vectors, ...controls, 'set {long}0x2000 = 0x123456789');
    const asked = [
      ...['p/x $r3', 'p/x $pc', 'p/x $cr', 'p $f1', 'p $f31', 'p $vr2.v4_int32', 'p $vs3.v4_int32'],
      ...['p/x $vscr', 'p/x $fpscr', 'x/gx 0x2000'],
    ];
    const said = plain(await there.run(...asked));
    expect(said.slice(3, 7)).toEqual(['1.5', '-2.25', '{11, 12, 13, 14}', '{1, 2, 3, 4}']);
    await there.run(`monitor dump-guest-memory ${path}`, 'kill');
    const opened = await GuestProcess.startWith(['core', path, '--gdb', '0']);
    const gdb = await attach(opened.port, demo);
    expect(plain(await gdb.run(...asked))).toEqual(said);
  });
});
