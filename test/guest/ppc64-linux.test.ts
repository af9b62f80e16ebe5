import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { H } from '../../src/arch/ppc64/hv/hcall.ts';
import { ppc64Wing } from '../../src/arch/ppc64/wing.ts';
import { heldFile } from '../../src/cli/boot-file.ts';
import { digestOf, firstDifference, StorageDigest } from '../../src/cli/saved/digest.ts';
import { History } from '../../src/history/history.ts';
import { lack } from '../support/installed.ts';
import {
  buildInitrd,
  builtKernel,
  busyboxInitrd,
  compiledBusybox,
  debianBusybox,
  debianKernel,
  type Made,
  unlessLong,
} from '../support/ppc64/linux.ts';
import { type Ppc64Boot, Ppc64Machine } from '../support/ppc64/machine.ts';
import { placeOf, recorded, replayed } from '../support/recorded.ts';
import { randomWords } from '../support/seed.ts';
import { describeUnless } from '../support/tools.ts';

const usual = { commandLine: 'console=hvc0 panic=-1' } as const;
/** The first program's first prompt. */
const READY = /init: ready\r?\n[^#]*# /;

/** A kernel, and how it is booted. */
interface Linux {
  readonly name: string;
  readonly kernel: () => Promise<Made>;
  readonly compiler: 'powerpc64-linux-gnu-gcc' | 'powerpc64le-linux-gnu-gcc';
  readonly busybox: () => Promise<Made>;
  /** The processor that its busybox was built for. */
  readonly cpu: 'power7' | 'power8';
  /** What `uname` says. */
  readonly uname: RegExp;
  readonly order: 'msb' | 'lsb';
  readonly memory: number;
  /** Instructions in a step of the boot. */
  readonly step: bigint;
  /** Of its past: instructions between two marks, instructions that it is watched for, and how often it is gone back. */
  readonly past: { readonly spacing: bigint; readonly most: number; readonly moves: number };
}

const kernels: readonly Linux[] = [
  {
    ...{ name: 'a big-endian Linux', kernel: builtKernel, busybox: compiledBusybox, cpu: 'power7' },
    ...{ compiler: 'powerpc64-linux-gnu-gcc', uname: /Linux 6\.1\S* ppc64\n/, order: 'msb' },
    ...{ memory: 256 << 20, step: 500_000n, past: { spacing: 2_000_000n, most: 12_000_000, moves: 30 } },
  },
  {
    ...{ name: "Debian's little-endian Linux", kernel: unlessLong(debianKernel), busybox: unlessLong(debianBusybox) },
    ...{ cpu: 'power8', compiler: 'powerpc64le-linux-gnu-gcc', uname: /Linux \S+ ppc64le\n/, order: 'lsb' },
    ...{ memory: 512 << 20, step: 20_000_000n, past: { spacing: 100_000_000n, most: 120_000_000, moves: 12 } },
  },
];

for (const linux of kernels) {
  const kernel = await linux.kernel();
  const missing = [...kernel.lacks, lack(linux.compiler)].filter((words) => words !== undefined);
  const initrd = missing.length > 0 ? new Uint8Array() : await buildInitrd(linux.compiler.replace(/gcc$/, ''));
  describeUnless(missing, linux.name, () => onFirstProgram(linux, kernel.path, initrd), kernel);

  const busybox = missing.length > 0 ? kernel : await linux.busybox();
  const required = kernel.required && busybox.required;
  const lacks = [...new Set([...missing, ...busybox.lacks])];
  const shell = lacks.length > 0 ? new Uint8Array() : await busyboxInitrd(busybox.path);
  describeUnless(lacks, `${linux.name} with a busybox`, () => onBusybox(linux, kernel.path, shell), { required });
}

function onFirstProgram(linux: Linux, path: string, initrd: Uint8Array): void {
  const { memory, step, past } = linux;
  const image = path === '' ? new Uint8Array() : readFileSync(path);
  const fresh = (options: Partial<Ppc64Boot> = {}): Ppc64Machine =>
    new Ppc64Machine({ ...usual, image, initrd, memory, ...options });
  const boot = (options: Partial<Ppc64Boot> = {}): Ppc64Machine => {
    const machine = fresh(options);
    machine.until(READY, 0, { step });
    return machine;
  };

  test('boots to a shell that was built for POWER7, and switches itself off', () => {
    const machine = boot();
    expect(machine.output).toContain('POWER7 (raw)');
    expect(machine.ask('uname')).toMatch(linux.uname);
    expect(machine.ask('pages')).toContain('pages 32640');
    // A little-endian kernel asks for interruptions in its own order, and enters firmware in the other one.
    expect(machine.guest.description.elf.data).toBe(linux.order);
    expect(machine.end('poweroff')).toBe('the guest has switched itself off');
  });

  test('executes the same instructions in every engine', () => {
    const counts = (['interpreter', 'translator'] as const).map((mode) => {
      const machine = boot({ mode });
      machine.ask('pages');
      return [machine.counts, machine.output];
    });
    expect(counts[1]).toEqual(counts[0]);
  });

  test.each([3, 8])('starts further processors, which interrupt each other: %i of them', (vcpus) => {
    const machine = boot({ vcpus });
    expect(machine.ask('cpus')).toContain(`cpus ${vcpus}`);
    expect(machine.ask('cat /proc/interrupts')).toMatch(/XICS\s+2 Edge\s+IPI/);
    expect(machine.guest.vm.vcpus.every((v) => v.vcpu.executed > 0n)).toBe(true);
    expect(machine.end('poweroff')).toBe('the guest has switched itself off');
  });

  test('takes its interruptions by itself, and leaves for hypercalls and the end of its time alone', () => {
    const [v] = boot().guest.vm.vcpus;
    expect([...(v?.exits.keys() ?? [])].sort()).toEqual([0x980, 0xc00]);
    expect([...(v?.vcpu.taken.keys() ?? [])]).toEqual(expect.arrayContaining([0x300, 0x380, 0x400, 0x900, 0xc00]));
  });

  test('runs the same when every hypercall leaves to user space', () => {
    const inside = boot();
    const outside = fresh();
    outside.guest.vm.hcalls.handledInside = false;
    outside.until(READY, 0, { step });
    expect(outside.output).toBe(inside.output);
    expect(outside.counts).toEqual(inside.counts);
    const enters = (m: Ppc64Machine) => m.guest.vm.hcalls.counts().find(([nr]) => nr === H.enter);
    expect(enters(inside)).toEqual([H.enter, expect.any(Number), 0]);
    expect(enters(outside)).toEqual([H.enter, 0, enters(inside)?.[1]]);
  });

  test('goes on from a snapshot as if nothing had happened, also in a new machine', () => {
    const machine = boot();
    const snapshot = machine.assembly.machine.save();
    const said = machine.ask('pages');
    const counts = machine.counts;
    machine.assembly.machine.restore(snapshot);
    expect(machine.ask('pages')).toBe(said);
    expect(machine.counts).toEqual(counts);
    const other = fresh();
    other.assembly.machine.restore(structuredClone(snapshot));
    expect(other.ask('pages')).toBe(said);
    expect(other.counts).toEqual(counts);
  });

  test('has a past that leads back to each instant as it was, and over a restart', () => {
    const { assembly } = boot({ vcpus: 2 });
    const { machine } = assembly;
    const { pages } = machine.guest.state;
    if (pages === undefined) throw new Error('nothing is kept of this guest');
    const options = { budget: 256 << 20, spacing: past.spacing, spacingOfPage: 0n };
    const history = new History(machine, pages, [], options, () => performance.now());
    const storage = new StorageDigest(pages.storage);
    const digest = () => {
      machine.capture(['storage', 'page table'], false);
      storage.lookAtAll();
      return digestOf(machine.guest, { at: machine.time, order: 0, phase: 'settled' }, storage.total);
    };
    const words = randomWords(2);
    machine.enter({ kind: 'console-input', data: Buffer.from('pages\nreboot\n') });
    const seen = Array.from({ length: 10 }, () => {
      machine.runTo(machine.time + BigInt(words() % past.most));
      return { at: machine.time, was: digest() };
    });
    for (let i = 0; i < past.moves; i++) {
      const { at, was } = seen[words() % seen.length] ?? { at: 0n, was: digest() };
      history.leave();
      history.goTo(Math.max(0, history.before(at)));
      for (const way = history.forward(at, false); way.next().done !== true; );
      expect(firstDifference(machine.guest, was, digest())).toBeUndefined();
    }
  });

  test('is replayed from a recording, interval by interval, and says what it said', async () => {
    const file = placeOf('recording');
    const machine = {
      wing: ppc64Wing,
      name: 'kernel',
      image: heldFile(image),
      initrd: heldFile(initrd),
      memory,
    } as const;
    const quiet = { console: 'none', input: false, gdb: undefined, wait: false, clock: 'virtual', vcpus: 2 } as const;
    const { assembly, recorder, said } = recorded(
      { ...machine, ...quiet, ...usual },
      { path: file, interval: step * 10n },
    );
    const go = (pattern: RegExp): void => {
      for (let i = 0; !pattern.test(said.text) && i < 600; i++) assembly.machine.runTo(assembly.machine.time + step);
      expect(said.text).toMatch(pattern);
    };
    go(READY);
    assembly.machine.enter({ kind: 'console-input', data: Buffer.from('pages\n') });
    go(/pages 32640/);
    recorder.finish(0, false);
    const again = await replayed(file);
    expect(again.differs).toBeUndefined();
    expect(again.replay.intervals).toBeGreaterThan(3);
    expect(again.said.text).toBe(said.text);
    expect(again.assembly.machine.time).toBe(assembly.machine.time);
  });

  test('begins anew when it restarts itself, on all CPUs', () => {
    const machine = boot({ vcpus: 2 });
    const from = machine.output.length;
    machine.assembly.machine.enter({ kind: 'console-input', data: Buffer.from('reboot\n') });
    machine.until(READY, from, { step });
    expect(machine.output.slice(from)).toContain('POWER7 (raw)');
    expect(machine.ask('cpus')).toContain('cpus 2');
    expect(machine.end('poweroff')).toBe('the guest has switched itself off');
  });

  test('has its pages logged from their first stores on', () => {
    const machine = boot();
    const reader = machine.guest.vm.dirty.open('test');
    machine.ask('echo x');
    const few = reader.count();
    machine.ask('pages');
    // A mebibyte twice: its own, and the child's copy.
    expect(reader.count() - few).toBeGreaterThan(512);
  });

  test('is shown by every monitor command, to people and to scripts', () => {
    const { monitor } = boot({ vcpus: 2 }).assembly;
    const asked = ['clock', 'dirty status', 'hcalls', 'hcalls last', 'hpt', 'hpt stats', 'hpt 0xc000000000000000'];
    asked.push('msr', 'interruptions', 'partition', 'slb', 'vrma', 'walk $pc', 'walk 0xc000000000000000');
    for (const line of asked) {
      const answer = [...monitor.execute(`${line} --json`, 0)].join('\n');
      expect(Object.keys(JSON.parse(answer) as object), line).not.toContain('mistake');
      expect([...monitor.execute(line, 0)].length, line).toBeGreaterThan(0);
    }
    const walk = JSON.parse([...monitor.execute('walk 0xc000000000000000 --json', 0)].join('')) as object;
    expect(JSON.stringify(walk)).toContain('"0x');
  });
}

const hashOf = (name: string, text: string): string => createHash(name).update(text).digest('hex');

function onBusybox({ memory, step, cpu, uname }: Linux, path: string, initrd: Uint8Array): void {
  test('gets to its shell, computes, and switches itself off', () => {
    const machine = new Ppc64Machine({ ...usual, image: readFileSync(path), initrd, memory, cpu });
    machine.until(/built-in shell[^#]*# /, 0, { step });
    expect(machine.output).toContain(`${cpu.toUpperCase()} (raw)`);
    expect(machine.ask('uname -srm')).toMatch(uname);
    expect(machine.ask("awk 'BEGIN { print 2 / 3, 1e300 * 1e10, int(-7.5) }'")).toContain('0.666667 inf -7\n');
    expect(machine.ask('echo guestscope | md5sum')).toContain(hashOf('md5', 'guestscope\n'));
    expect(machine.ask('echo guestscope | sha512sum')).toContain(hashOf('sha512', 'guestscope\n'));
    expect(machine.ask('sleep 100 & ps')).toMatch(/ sleep 100\n/);
    expect(machine.ask('seq 5 | sort -rn | tr "\\n" " "; jobs')).toMatch(/5 4 3 2 1 .*\[1\].*sleep 100/s);
    expect(machine.end('poweroff')).toBe('the guest has switched itself off');
  });
}
