import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { heldFile } from '../../src/cli/boot-file.ts';
import type { ProgramOptions } from '../../src/cli/program.ts';
import { kinds, RecordReader } from '../../src/cli/saved/record-file.ts';
import { Recording } from '../../src/cli/saved/recording.ts';
import { BUSY, busyImages, busyNumber, busyOutside, outsideDisk } from '../support/busy-linux.ts';
import { demoImage } from '../support/guest-process.ts';
import { findLinux } from '../support/linux.ts';
import { placeOf, recorded, replayed } from '../support/recorded.ts';
import { randomWords } from '../support/seed.ts';
import { root } from '../support/sources.ts';
import { describeUnless } from '../support/tools.ts';

const long = process.env.GUESTSCOPE_LONG === '1';
const usual = { console: 'none', input: false, gdb: undefined, wait: false, clock: 'virtual' } as const;

function demo(vcpus = 2): ProgramOptions {
  const image = heldFile(new Uint8Array(readFileSync(demoImage)));
  return { ...usual, wing: s390xWing, name: 'demo', image, memory: 64 << 20, vcpus };
}

describe('a recording of the demo', () => {
  test('is replayed to its end, interval by interval, and says what it said', async () => {
    const path = placeOf('recording');
    const { assembly, recorder, said } = recorded(demo(), { path, interval: 10_000_000n });
    expect(assembly.machine.runTo(450_000_000n)).toBe(true);
    recorder.finish(0, false);
    const again = await replayed(path);
    expect(again.differs).toBeUndefined();
    expect(again.replay.intervals).toBeGreaterThan(3);
    expect(again.said.text).toBe(said.text);
    expect(again.assembly.machine.time).toBe(450_000_000n);
  });

  test('names the interval and the register that differ when something does', async () => {
    const path = placeOf('recording');
    const { assembly, recorder } = recorded(demo(), { path, interval: 10_000_000n });
    expect(assembly.machine.runTo(250_000_000n)).toBe(true);
    // A change that the recording does not hear of.
    const v = assembly.guest.vcpus[0];
    const row = assembly.guest.description.features.flatMap((f) => f.registers).find(({ name }) => name === 'f7');
    if (v === undefined || row === undefined) throw new Error('there is no f7');
    const bytes = Uint8Array.from({ length: 8 }, (_, i) => i + 1);
    expect(assembly.machine.guest.readRegister(0, row)).toBeDefined();
    assembly.machine.repeat({ kind: 'write-register', vcpu: 0, register: 'f7', data: bytes });
    recorder.finish(0, false);
    const { differs } = await replayed(path);
    expect(differs).toMatch(
      /^interval \d+, which ends at time 250000000: register f7 of CPU 0 was 0x0102030405060708 and is 0x/,
    );
  });

  test('is replayed as far as it is whole wherever it was cut', async () => {
    const path = placeOf('recording');
    const { assembly, recorder } = recorded(demo(1), { path, interval: 10_000_000n });
    expect(assembly.machine.runTo(350_000_000n)).toBe(true);
    recorder.finish(0, false);
    const whole = readFileSync(path);
    const [first] = [...new RecordReader(path).records(new Recording(path).eventsAt)];
    const words = randomWords(1);
    for (let i = 0; i < 4; i++) {
      const end = (first?.end ?? 0) + (words() % (whole.length - (first?.end ?? 0)));
      writeFileSync(path, whole.subarray(0, end));
      const { digests } = new Recording(path);
      const { differs, replay } = await replayed(path);
      expect(differs).toBeUndefined();
      expect(replay.intervals).toBe(digests.size);
    }
  });

  test('forgets its oldest part when it has no room for it, and begins later then', async () => {
    const path = placeOf('recording');
    const { assembly, recorder } = recorded(demo(), { path, room: 64 << 10, interval: 10_000_000n });
    const noise = Buffer.alloc(4096, 'a line of words that differ\n');
    const words = randomWords(2);
    for (let at = 50_000_000n; at <= 1_000_000_000n; at += 50_000_000n) {
      for (let i = 0; i < noise.length; i++) noise[i] = words();
      assembly.machine.enter({ kind: 'console-input', data: noise });
      expect(assembly.machine.runTo(at)).toBe(true);
    }
    recorder.finish(0, false);
    const { snapshotAt, inputsBefore } = new Recording(path);
    expect(snapshotAt).toBeGreaterThan(0n);
    expect(inputsBefore).toBeGreaterThan(0);
    const again = await replayed(path);
    expect(again.differs).toBeUndefined();
    expect(again.assembly.machine.time).toBe(1_000_000_000n);
  });

  test('begins anew with what is put into the machine', async () => {
    const path = placeOf('recording');
    const { assembly, recorder } = recorded(demo(), { path, interval: 10_000_000n });
    const { machine } = assembly;
    expect(machine.runTo(100_000_000n)).toBe(true);
    const snapshot = machine.save();
    expect(machine.runTo(200_000_000n)).toBe(true);
    machine.restore(snapshot);
    expect(machine.runTo(230_000_000n)).toBe(true);
    recorder.finish(0, false);
    expect(new Recording(path).snapshotAt).toBe(100_000_000n);
    const again = await replayed(path);
    expect(again.differs).toBeUndefined();
    expect(again.assembly.machine.time).toBe(230_000_000n);
  });

  test('follows who goes back and does something else there', async () => {
    const path = placeOf('recording');
    const { assembly, recorder, history } = recorded(demo(), { path, interval: 10_000_000n });
    const { machine } = assembly;
    expect(machine.runTo(350_000_000n)).toBe(true);
    history.leave();
    history.goTo(history.before(150_000_000n));
    for (const way = history.forward(150_000_000n, false); way.next().done !== true; );
    expect(history.fork()).toBeDefined();
    machine.enter({ kind: 'write-register', vcpu: 0, register: 'f7', data: new Uint8Array(8).fill(7) });
    expect(machine.runTo(280_000_000n)).toBe(true);
    recorder.finish(0, false);
    const again = await replayed(path);
    expect(again.differs).toBeUndefined();
    expect(again.assembly.machine.time).toBe(280_000_000n);
  });
});

describe('a program that records', () => {
  const program = process.env.GUESTSCOPE_PROGRAM ?? `${root}dist/cli/main.js`;
  const ended = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.once('close', (status) => resolve(status)));

  test('and is killed leaves a file that is replayed to its last whole interval', async () => {
    const path = placeOf('recording');
    const args = ['demo', '--gdb', 'none', '--clock', 'virtual', '--console', 'none'];
    const child = spawn(process.execPath, [program, 'record', path, '--', ...args], { stdio: 'ignore' });
    const end = ended(child);
    for (;;) {
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      const records = size === 0 ? [] : [...new RecordReader(path).records()];
      if (records.filter(({ kind }) => kind === kinds.digest).length >= 2) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill('SIGKILL');
    await end;
    const replay = spawn(process.execPath, [program, 'replay', path, '--gdb', 'none', '--console', 'none']);
    let said = '';
    replay.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    expect(await ended(replay)).toBe(0);
    expect(said).toMatch(/replayed to the end: \d+ inputs, ([2-9]|\d\d+) intervals, all as they were/);
  });
});

const found = await findLinux();

describeUnless(found.lacks, 'a session at the consoles of Linux with four CPUs, a disk and a peer on its wire', () => {
  test('is replayed to its end, with all that came in: typed on both consoles, from the wire, read from the disk', async () => {
    if (found.kernel === undefined) throw new Error('there is no kernel');
    const { kernel: image, initramfs: initrd, commandLine } = busyImages(found.kernel);
    const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => i * 7);
    const path = placeOf('recording');
    const outside = busyOutside(outsideDisk(bytes));
    const played = recorded(
      {
        ...{
          ...usual,
          wing: s390xWing,
          name: 'linux',
          image: heldFile(image),
          initrd: heldFile(initrd),
          commandLine,
          memory: 128 << 20,
          vcpus: 4,
        },
        devices: outside.devices,
      },
      { path },
    );
    const { machine } = played.assembly;
    outside.connect(machine, () => true);
    const words = randomWords(4);
    // Guest time in instructions: ten minutes of it, most of which nobody types.
    const second = 1_000_000n * BigInt(s390xWing.instructionsPerMicrosecond);
    let at = 1_000_000_000n;
    for (; !played.said.text.includes(BUSY); at += 50_000_000n) expect(machine.runTo(at)).toBe(true);
    const end = at + (long ? 600n : 4n) * second;
    for (let i = 0; at < end; i++, at += 1n + (BigInt(words()) % ((long ? 20n : 2n) * second))) {
      expect(machine.runTo(at)).toBe(true);
      machine.enter({ kind: 'console-input', data: Buffer.from(`line ${words()}\n`) });
      machine.enter({ kind: 'device-input', device: busyNumber.hvc, data: Buffer.from(`typed ${i}\n`) });
      outside.echo(machine);
    }
    const over = at + second;
    expect(machine.runTo(over)).toBe(true);
    played.recorder.finish(0, false);
    expect(played.said.text).toMatch(/[0-9a-f]{32} {2}-/);
    expect(outside.said.hvc).toMatch(/heard typed 0\r\n[\s\S]*heard typed 1\r\n/);
    expect(outside.said.frames).toBeGreaterThan(3);
    const again = await replayed(path);
    expect(again.differs).toBeUndefined();
    expect(again.said.text).toBe(played.said.text);
    expect(again.assembly.machine.time).toBe(over);
  });
});
