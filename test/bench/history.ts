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
import type { StopEvent } from '../../src/machine/exit.ts';
import { RspServer } from '../../src/rsp/server.ts';
import { median } from './measure.ts';

const BUDGET = 64 << 20;
const BILLION = 1_000_000_000n;
const now = (): number => performance.now();

interface Bootable {
  readonly image: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly commandLine?: string;
  readonly mebibytes: number;
}

function make({ mebibytes, ...request }: Bootable, kept: boolean): Assembly {
  const assembly = assembleMachine(s390xWing, {
    ...{ memory: mebibytes << 20, vcpus: 1, clock: 'virtual', now, console: () => undefined },
  });
  const booted = assembly.built.boot(
    () => ok(request),
    () => undefined,
  );
  if (!booted.ok) throw new Error(`bench: ${booted.error.message}`);
  if (kept) new KeptPast(BUDGET).begin(assembly, now);
  return assembly;
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

/** The boot of Linux with and without a history, a stretch here and then the same stretch there. */
async function boot(): Promise<void> {
  const cache = process.env.GUESTSCOPE_CACHE ?? join(homedir(), '.cache', 'guestscope', 'debian');
  const port = s390xWing.debian;
  const teller = { say: (words: string) => console.error(`bench: ${words}`), done: () => undefined };
  const debian = await debianKernel({ cache, debuginfo: false, port, teller });
  const initrd = buildInitramfs({
    busybox: readFileSync(debian.busybox),
    modules: [],
    script: 'while true; do true; done',
  });
  const bootable = { image: readFileSync(debian.kernel), initrd, commandLine: 'console=ttyS1', mebibytes: 512 };
  const [kept, plain] = [make(bootable, true), make(bootable, false)];
  const all: { kept: number; plain: number }[] = [];
  for (let at = 10_000_000n; at <= 1_500_000_000n; at += 10_000_000n) {
    // Who comes first finds the host's caches with what is the other's.
    const first = all.length % 2 === 0 ? kept : plain;
    const second = first === kept ? plain : kept;
    const times = [taken(() => first.machine.runTo(at)), taken(() => second.machine.runTo(at))] as const;
    all.push(first === kept ? { kept: times[0], plain: times[1] } : { kept: times[1], plain: times[0] });
  }
  // Stretches that take as long as a second, or what is left of it, one behind the other.
  const seconds: { kept: number; plain: number }[] = [{ kept: 0, plain: 0 }];
  for (const { kept: a, plain: b } of all) {
    const last = seconds.at(-1);
    if (last === undefined) continue;
    last.kept += a;
    last.plain += b;
    if (last.plain >= 0.5) seconds.push({ kept: 0, plain: 0 });
  }
  const ratios = seconds.filter(({ plain: b }) => b > 0.2).map(({ kept: a, plain: b }) => a / b);
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
  const assembly = make({ image, mebibytes: 128 }, true);
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
  await boot();
}
