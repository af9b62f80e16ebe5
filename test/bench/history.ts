/** What a history costs, and how long ways through it take: ratios inside one run. */

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Assembly, assembleMachine } from '../../src/api/assemble.ts';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { ok } from '../../src/bits/result.ts';
import { KeptPast } from '../../src/cli/kept-past.ts';
import { debianKernel } from '../../src/cli/linux/debian.ts';
import { buildInitramfs } from '../../src/cli/linux/initramfs.ts';
import type { Writers } from '../../src/debug/target.ts';
import type { History } from '../../src/history/history.ts';
import type { StopEvent } from '../../src/machine/exit.ts';
import { RspServer } from '../../src/rsp/server.ts';
import { median } from './measure.ts';

const BUDGET = 64 << 20;
const BILLION = 1_000_000_000n;
/** Times that a boot is measured, files that it unpacks, and instructions by which it is done. */
const BOOTS = 6;
const COPIES = 8;
const BOOTED = 2_000_000_000n;
const now = (): number => performance.now();

interface Bootable {
  readonly image: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly commandLine?: string;
  readonly mebibytes: number;
}

/** A guest that is about to begin, with its history if it has one. */
interface Made {
  readonly assembly: Assembly;
  readonly history: History | undefined;
}

function make({ mebibytes, ...request }: Bootable, kept: boolean): Made {
  const assembly = assembleMachine(s390xWing, {
    ...{ memory: mebibytes << 20, vcpus: 1, clock: 'virtual', now, console: () => undefined },
  });
  const booted = assembly.built.boot(
    () => ok(request),
    () => undefined,
  );
  if (!booted.ok) throw new Error(`bench: ${booted.error.message}`);
  const past = new KeptPast(BUDGET);
  if (kept) past.begin(assembly, now);
  return { assembly, history: past.history };
}

/** Seconds of processor time that something takes. */
function taken(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function line(name: string, value: string, wanted: string): void {
  console.log(`${name.padEnd(58)} ${value.padStart(10)}   at most ${wanted}`);
}

/** How long a stretch of a boot took with a history and without one. */
interface Stretch {
  kept: number;
  plain: number;
}

/** The boot of Linux with and without a history, a stretch here and then the same stretch there. */
function stretches(bootable: Bootable, round: number): Stretch[] {
  const [kept, plain] = [make(bootable, true).assembly, make(bootable, false).assembly];
  const all: Stretch[] = [];
  for (let at = 10_000_000n; at <= BOOTED; at += 10_000_000n) {
    // Who comes first finds the host's caches with what is the other's, and has more to compile.
    const first = (all.length + round) % 2 === 0 ? kept : plain;
    const second = first === kept ? plain : kept;
    const times = [taken(() => first.machine.runTo(at)), taken(() => second.machine.runTo(at))] as const;
    all.push(first === kept ? { kept: times[0], plain: times[1] } : { kept: times[1], plain: times[0] });
  }
  return all;
}

async function boot(): Promise<void> {
  const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');
  const port = s390xWing.debian;
  const teller = { say: (words: string) => console.error(`bench: ${words}`), done: () => undefined };
  const debian = await debianKernel({ cache, debuginfo: false, port, teller });
  const busybox = readFileSync(debian.busybox);
  const initrd = buildInitramfs({
    busybox,
    modules: [],
    script: 'while true; do true; done',
    // Unpacking them is what changes most pages in the least time.
    files: Object.fromEntries(Array.from({ length: COPIES }, (_, i) => [`copies/${i}`, busybox])),
  });
  const bootable = { image: readFileSync(debian.kernel), initrd, commandLine: 'console=ttyS1', mebibytes: 512 };
  const boots = Array.from({ length: BOOTS }, (_, round) => stretches(bootable, round));
  // What the host did beside one of the boots, translating among it, is no stretch's own.
  const least = (of: (stretch: Stretch) => number, i: number): number =>
    Math.min(...boots.map((one) => of(one[i] ?? { kept: Infinity, plain: Infinity })));
  // Stretches that take as long as a second, or what is left of it, one behind the other.
  const seconds: Stretch[] = [{ kept: 0, plain: 0 }];
  for (const i of boots[0]?.keys() ?? []) {
    const last = seconds.at(-1);
    if (last === undefined) continue;
    last.kept += least(({ kept }) => kept, i);
    last.plain += least(({ plain }) => plain, i);
    if (last.plain >= 0.25) seconds.push({ kept: 0, plain: 0 });
  }
  const ratios = seconds.filter(({ plain }) => plain > 0.1).map(({ kept, plain }) => kept / plain);
  line('a boot of Linux with a history: median stretch', (median(ratios) ?? 0).toFixed(3), '1.05');
  line('  its worst stretch', Math.max(...ratios).toFixed(3), '1.15');
}

/** Asks over a socket, as a client does. */
class Client {
  readonly #socket: Socket;
  #text = '';
  #answered: (() => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
      if (/\$[^#]*#..$/.test(this.#text)) this.#answered?.();
    });
  }
  async ask(packet: string): Promise<number> {
    const sum = [...packet].reduce((total, letter) => total + letter.charCodeAt(0), 0) & 0xff;
    const before = now();
    this.#text = '';
    const answer = new Promise<void>((resolve) => {
      this.#answered = resolve;
    });
    this.#socket.write(`+$${packet}#${sum.toString(16).padStart(2, '0')}`);
    await answer;
    return now() - before;
  }
  close(): void {
    this.#socket.destroy();
  }
}

/** Goes back with nothing but what is set, in seconds of processor time; where it ends. */
async function back({ target }: Assembly): Promise<{ readonly seconds: number; readonly event: StopEvent }> {
  const before = process.cpuUsage();
  const event = await new Promise<StopEvent>((resolve) => {
    target.onStop(resolve);
    target.reverse('continue', 0);
  });
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, event };
}

async function ways(root: string): Promise<void> {
  const image = readFileSync(join(root, 'guests/bench/matrix.elf'));
  const { assembly } = make({ image, mebibytes: 128 }, true);
  const { machine, target } = assembly;
  target.attach();
  const entry = machine.guest.vcpus[0]?.pc() ?? 0n;
  machine.runTo(100_000n);
  const forwards = taken(() => machine.runTo(100_000n + BILLION));
  target.insertBreakpoint('software', entry, 2, 0);
  const all = await back(assembly);
  line('reverse-continue over 10^9 instructions, in times forwards', (all.seconds / forwards).toFixed(2), '1.5');
  target.removeBreakpoint('software', entry, 2);
  await seekPresent(assembly);
  // The first instruction's page is the only one that is stored into early and never again: that of the stack's top is not.
  target.insertBreakpoint('write', 0x1000n, 8, 0);
  const skipped = await back(assembly);
  line('  of which no interval can have the watched page', (skipped.seconds / forwards).toFixed(2), '0.2 times');
  target.removeBreakpoint('write', 0x1000n, 8);
  await seekPresent(assembly);
  const stored = await lastStored(assembly);
  await seekPresent(assembly);
  const before = now();
  const found = target.past?.writers(0, stored, 8, 1);
  if (found?.writes.length !== 1) throw new Error('bench: there is no last writer');
  line('the last writer behind 10^9 instructions, milliseconds', (now() - before).toFixed(0), '500');
  await steps(assembly);
}

/** The last writer of a doubleword that nobody stores into, in a page that is stored into all the time: that of a stack. */
function rarest(root: string): void {
  const image = readFileSync(join(root, 'guests/bench/quicksort.elf'));
  const { assembly, history } = make({ image, mebibytes: 128 }, true);
  const { machine, target } = assembly;
  target.attach();
  machine.runTo(100_000n);
  const forwards = taken(() => machine.runTo(100_000n + BILLION));
  const within = new Map<number, number>();
  for (const mark of history?.times.keys() ?? []) {
    for (const page of history?.interval(mark)?.pages.keys() ?? []) within.set(page, (within.get(page) ?? 0) + 1);
  }
  const most = Math.max(...within.values());
  const busy = [...within.keys()].filter((page) => (within.get(page) ?? 0) > 0.7 * most);
  for (const at of busy.flatMap((page) => [0, 0x500, 0xb00, 0xff8].map((offset) => BigInt(page * 4096 + offset)))) {
    let found: Writers | undefined;
    const seconds = taken(() => {
      found = target.past?.writers(0, at, 8, 1);
    });
    if (found?.writes.length !== 0) continue;
    line('the last writer of what nobody stores into, in a stack: ms', (1000 * seconds).toFixed(0), '500');
    line('  in times forwards', (seconds / forwards).toFixed(2), '1.5');
    return;
  }
  throw new Error('bench: every page is stored into everywhere');
}

/** An address that was stored into lately. */
async function lastStored(assembly: Assembly): Promise<bigint> {
  const { target } = assembly;
  const range = [0x1_0000n, 0x20_0000] as const;
  target.insertBreakpoint('write', ...range, 0);
  const { event } = await back(assembly);
  target.removeBreakpoint('write', ...range);
  if (event.reason.kind !== 'watchpoint') throw new Error('bench: nothing was stored');
  return event.reason.address & ~7n;
}

async function seekPresent({ target }: Assembly): Promise<void> {
  const { past } = target;
  if (past === undefined) return;
  past.goal = past.end;
  await new Promise<StopEvent>((resolve) => {
    target.onStop(resolve);
    target.resume(new Map([[0, { kind: 'step' }]]));
  });
}

async function steps({ target, monitor }: Assembly): Promise<void> {
  const server = new RspServer({ target, monitor, onFault: (error) => console.error(error) });
  const { port } = await server.listen('127.0.0.1', 0);
  const client = new Client(port);
  await client.ask('qSupported:swbreak+;hwbreak+');
  await client.ask('?');
  const first = await client.ask('bs');
  const next: number[] = [];
  for (let i = 0; i < 50; i++) next.push(await client.ask('bs'));
  client.close();
  await server.close();
  line('reverse-stepi, the first, milliseconds in the client', first.toFixed(1), '150');
  line('  each that follows', (median(next) ?? 0).toFixed(2), '2');
}

/** Measures what histories cost. */
export async function history(root: string): Promise<void> {
  await ways(root);
  rarest(root);
  await boot();
}
