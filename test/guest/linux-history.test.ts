import { beforeAll, describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { assemble } from '../../src/cli/assemble.ts';
import { History } from '../../src/history/history.ts';
import { KeptDisk } from '../../src/history/kept-disk.ts';
import { PAGE_BYTES } from '../../src/machine/layout.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Snapshot } from '../../src/machine/snapshot.ts';
import type { GuestStorage } from '../../src/machine/storage.ts';
import { BUSY, type BusyOutside, busyImages, busyNumber, busyOutside, outsideDisk } from '../support/busy-linux.ts';
import { type FoundLinux, findLinux, type LinuxAssembly, type LinuxImages } from '../support/linux.ts';
import { differences } from '../support/plain.ts';
import { randomWords } from '../support/seed.ts';
import { describeUnless } from '../support/tools.ts';

const long = process.env.GUESTSCOPE_LONG === '1';
/** Moves, places to move to, and how many seconds of the guest's the work lasts in which these lie. */
const { moves, places, seconds } = long
  ? { moves: 1000, places: 40, seconds: 20 }
  : { moves: 12, places: 5, seconds: 5 };
/** In instructions. */
const SECOND = 1_000_000 * s390xWing.instructionsPerMicrosecond;
/** What is typed has reached the guest at the latest behind so many instructions, and what it does then is under way. */
const WORK = 3_000_000;
const CPUS = 4;
const SECTORS = 2048;
const now = (): number => performance.now();

const found: FoundLinux = await findLinux();

interface Busy extends LinuxAssembly {
  readonly outside: BusyOutside;
  readonly disk: KeptDisk;
  readonly bytes: Uint8Array;
  readonly said: { text: string };
}

function busy(kind: 'interpreter' | 'translator'): Busy {
  const bytes = Uint8Array.from({ length: 512 * SECTORS }, (_, i) => i * 7);
  const disk = new KeptDisk(outsideDisk(bytes));
  const outside = busyOutside(disk);
  const said = { text: '' };
  const assembly = assemble(s390xWing, {
    memory: 128 << 20,
    vcpus: CPUS,
    devices: outside.devices,
    clock: 'virtual',
    engine: { kind },
    now,
    console: (text) => {
      said.text += Buffer.from(text).toString('latin1');
    },
  });
  return { ...assembly, outside, disk, bytes, said };
}

/** A sum of many bytes in which each of them and its place count; a state has a hundred million. */
function sumOf(bytes: Uint8Array): number {
  const whole = bytes.length - (bytes.length % 4);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, whole / 4);
  let sum = bytes.length;
  for (const word of words) sum = Math.imul(sum ^ word ^ (sum >>> 15), 0x9e3779b1);
  for (const byte of bytes.subarray(whole)) sum = Math.imul(sum ^ byte, 0x9e3779b1);
  return sum;
}

/** All of a state, but for what a mark leaves in the count of rounds; many bytes by their sum, storage where it lies. */
function stateOf({ machine, disk, bytes }: Busy): unknown {
  const { pages } = machine.guest.state;
  if (pages === undefined) throw new Error('nothing is kept of this guest');
  const { progress: _, ...parts } = machine.capture(pages.parts, false);
  const rest = { storage: contentsOf(pages.storage), keys: pages.compared, disk: disk.read(0, bytes.length) };
  return summed({ ...parts, ...rest });
}
/** The bytes of a storage in place. */
function contentsOf(storage: GuestStorage): Uint8Array {
  // Its first and its last frame are the ends of it in the memory, whichever comes first there.
  const [first, last] = [storage.frame(0), storage.frame(storage.size - PAGE_BYTES)];
  return new Uint8Array(first.buffer, Math.min(first.byteOffset, last.byteOffset), storage.size);
}
function summed(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return value.length < 256 ? value.slice() : sumOf(value);
  }
  if (Array.isArray(value)) return value.map(summed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, summed(inner)]));
}

function seek(history: History, to: bigint): void {
  history.leave();
  history.goTo(history.before(to));
  for (const way = history.forward(to, false); ; ) if (way.next().done === true) return;
}

/** Runs on, and fails when the guest has ended. */
function runTo(machine: Machine, at: bigint): void {
  expect(machine.runTo(at)).toBe(true);
}

/** A guest that has come to where it listens. */
function booted({ kernel: image, initramfs: initrd, commandLine }: LinuxImages): Snapshot {
  const guest = busy('translator');
  const { machine, outside, said } = guest;
  const plan = guest.guest.boot(() => loadImage({ storage: guest.guest.storage, image, initrd, commandLine }));
  if (!plan.ok) throw new Error(plan.error.message);
  outside.connect(machine, () => true);
  for (let at = 100_000_000n; !said.text.includes(BUSY); at += 50_000_000n) runTo(machine, at);
  return machine.save();
}

describeUnless(found.lacks, 'the history of a Linux on four CPUs that works', () => {
  let snapshot: Snapshot | undefined;
  beforeAll(() => {
    if (found.kernel === undefined) throw new Error('there is no kernel');
    snapshot = booted(busyImages(found.kernel));
  });

  describe.each(['interpreter', 'translator'] as const)('in the %s', (kind) => {
    test('leads from any instant to any other, disk, network and input included, and every byte is what it was', () => {
      if (snapshot === undefined) throw new Error('nothing was booted');
      const guest = busy(kind);
      const { machine, outside, disk } = guest;
      machine.restore(snapshot);
      const { pages } = guest.guest.state;
      if (pages === undefined) throw new Error('nothing is kept of this guest');
      const options = { budget: (long ? 256 : 64) << 20, spacing: 7_000_000n, spacingOfPage: 1000n };
      const history = new History(machine, pages, [disk], options, now);
      outside.connect(machine, () => !history.isPast);
      const words = randomWords(CPUS);
      const seen: { readonly at: bigint; readonly state: unknown }[] = [];
      const disks = new Set<number>();
      let at = machine.time;
      for (let i = 0; i < places; i++) {
        const most = Math.floor((seconds * SECOND) / places);
        at += BigInt(Math.floor(most / 2) + (words() % (most / 2)));
        runTo(machine, at);
        machine.enter({ kind: 'console-input', data: Buffer.from(`line ${i}\n`) });
        machine.enter({ kind: 'device-input', device: busyNumber.hvc, data: Buffer.from(`typed ${i}\n`) });
        outside.echo(machine);
        at += BigInt(1 + (words() % WORK));
        runTo(machine, at);
        seen.push({ at, state: stateOf(guest) });
        disks.add(sumOf(guest.bytes));
      }
      // It was at work: each line has come to the disk, echoes came, and both consoles have answered.
      expect(disks.size).toBeGreaterThan(places / 2);
      expect(outside.said.frames).toBeGreaterThan(1);
      expect(outside.said.hvc).toMatch(/heard typed 0\r\n[\s\S]*heard typed 1\r\n/);
      expect(guest.said.text).toMatch(/line 0\r\n[0-9a-f]{32} /);
      expect(history.counts.marks).toBeGreaterThan(5);
      // What came first may have gone when there was no room.
      const kept = seen.filter((place) => place.at > history.beginning.at);
      expect(kept.length).toBeGreaterThan(places / 2);
      for (let i = 0; i < moves; i++) {
        const place = kept[words() % kept.length] ?? { at: 0n, state: {} };
        seek(history, place.at);
        expect(differences(stateOf(guest), place.state)).toEqual([]);
      }
      history.goToPresent();
      expect(machine.time).toBe(seen.at(-1)?.at);
    });
  });
});
