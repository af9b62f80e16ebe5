import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { H } from '../../src/arch/ppc64/hv/hcall.ts';
import { digestOf, firstDifference, StorageDigest } from '../../src/cli/saved/digest.ts';
import { History } from '../../src/history/history.ts';
import { lack } from '../support/installed.ts';
import {
  buildInitrd,
  builtKernel,
  busyboxInitrd,
  debianBusybox,
  debianKernel,
  Ppc64Machine,
} from '../support/ppc64/machine.ts';
import { randomWords } from '../support/seed.ts';
import { describeUnless } from '../support/tools.ts';

const kernel = builtKernel();
const lacks = [
  kernel === undefined ? 'needs a kernel of guests/ppc64-linux/build-kernel.sh' : undefined,
  lack('powerpc64-linux-gnu-gcc'),
].filter((words) => words !== undefined);

// A build takes twenty minutes of a processor: where nobody has made one there is none.
describeUnless(
  lacks,
  'a big-endian Linux',
  () => {
    const image = readFileSync(kernel ?? '');
    const initrd = buildInitrd();
    const boot = (options: Partial<ConstructorParameters<typeof Ppc64Machine>[0]> = {}): Ppc64Machine => {
      const machine = new Ppc64Machine({ image, initrd, commandLine: 'console=hvc0 panic=-1', ...options });
      machine.until(/init: ready\r?\n# $/);
      return machine;
    };

    test('boots to a shell, and switches itself off', () => {
      const machine = boot();
      expect(machine.output).toContain('POWER7 (raw)');
      expect(machine.ask('uname')).toMatch(/Linux 6\.1\S* ppc64\n/);
      expect(machine.ask('pages')).toContain('pages 32640');
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

    test('starts further processors, which interrupt each other', () => {
      const machine = boot({ vcpus: 3 });
      expect(machine.ask('cpus')).toContain('cpus 3');
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
      const outside = new Ppc64Machine({ image, initrd, commandLine: 'console=hvc0 panic=-1' });
      outside.guest.vm.hcalls.handledInside = false;
      outside.until(/init: ready\r?\n# $/);
      expect(outside.output).toBe(inside.output);
      expect(outside.counts).toEqual(inside.counts);
      const enters = (m: Ppc64Machine) => m.guest.vm.hcalls.counts().find(([nr]) => nr === H.enter);
      expect(enters(inside)).toEqual([H.enter, expect.any(Number), 0]);
      expect(enters(outside)).toEqual([H.enter, 0, enters(inside)?.[1]]);
    });

    test('goes on from a snapshot as if nothing had happened', () => {
      const machine = boot();
      const snapshot = machine.assembly.machine.save();
      const said = machine.ask('pages');
      const counts = machine.counts;
      machine.assembly.machine.restore(snapshot);
      expect(machine.ask('pages')).toBe(said);
      expect(machine.counts).toEqual(counts);
    });

    test('has a past that leads back to each instant as it was, and over a restart', () => {
      const { assembly } = boot({ vcpus: 2 });
      const { machine } = assembly;
      const { pages } = machine.guest.state;
      if (pages === undefined) throw new Error('nothing is kept of this guest');
      const options = { budget: 256 << 20, spacing: 2_000_000n, spacingOfPage: 0n };
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
        machine.runTo(machine.time + BigInt(words() % 12_000_000));
        return { at: machine.time, was: digest() };
      });
      for (let i = 0; i < 30; i++) {
        const { at, was } = seen[words() % seen.length] ?? { at: 0n, was: digest() };
        history.leave();
        history.goTo(Math.max(0, history.before(at)));
        for (const way = history.forward(at, false); way.next().done !== true; );
        expect(firstDifference(machine.guest, was, digest())).toBeUndefined();
      }
    });

    test('begins anew when it restarts itself, on all CPUs', () => {
      const machine = boot({ vcpus: 2 });
      const from = machine.output.length;
      machine.assembly.machine.enter({ kind: 'console-input', data: Buffer.from('reboot\n') });
      machine.until(/init: ready\r?\n# $/, from);
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
  },
  { required: false },
);

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const sha512 = (text: string): string => createHash('sha512').update(text).digest('hex');

const debian = debianKernel();
const busybox = debianBusybox();
const missing = [
  debian === undefined || busybox === undefined
    ? 'needs kernel and busybox of guests/ppc64-linux/get-debian.sh'
    : undefined,
  lack('powerpc64le-linux-gnu-gcc'),
  process.env.GUESTSCOPE_LONG === '1' ? undefined : 'is long: GUESTSCOPE_LONG=1',
].filter((words) => words !== undefined);

describeUnless(
  missing,
  "Debian's little-endian Linux",
  () => {
    test('boots to its first program, which was built for POWER7, and switches itself off', () => {
      const machine = new Ppc64Machine({
        image: readFileSync(debian ?? ''),
        initrd: buildInitrd('powerpc64le-linux-gnu-'),
        commandLine: 'console=hvc0 panic=-1',
        memory: 512 << 20,
      });
      machine.until(/init: ready\r?\n# $/, 0, { step: 20_000_000n });
      expect(machine.ask('uname')).toContain('ppc64le');
      expect(machine.ask('pages')).toContain('pages 32640');
      // The kernel asks for interruptions in its own order, and enters firmware in the other one.
      expect(machine.guest.description.elf.data).toBe('lsb');
      expect(machine.end('poweroff')).toBe('the guest has switched itself off');
    });

    test("gets Debian's busybox, which was built for POWER8, to its shell", () => {
      const machine = new Ppc64Machine({
        ...{ image: readFileSync(debian ?? ''), initrd: busyboxInitrd(busybox ?? '') },
        ...{ commandLine: 'console=hvc0 panic=-1', memory: 512 << 20, cpu: 'power8' },
      });
      machine.until(/built-in shell[^#]*# /, 0, { step: 20_000_000n });
      expect(machine.output).toContain('POWER8 (raw)');
      expect(machine.ask('uname -m')).toContain('ppc64le\n');
      expect(machine.ask("awk 'BEGIN { print 2 / 3, 1e300 * 1e10, int(-7.5) }'")).toContain('0.666667 inf -7\n');
      expect(machine.ask('echo guestscope | md5sum')).toContain(md5('guestscope\n'));
      expect(machine.ask('echo guestscope | sha512sum')).toContain(sha512('guestscope\n'));
      expect(machine.end('poweroff -f')).toBe('the guest has switched itself off');
    });
  },
  { required: false },
);
