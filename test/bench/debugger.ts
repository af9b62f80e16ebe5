/** What conditions and printing of a debugger cost: how many of them a second, and what gdb does of them on QEMU. */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleMachine } from '../../src/api/assemble.ts';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { median } from './measure.ts';

const START = 0x10000;
/** Counts in r2 and stores that, for ever. */
const LOOP = 'a7290000c08100011000c0317fffffffa72b0001e32080000024a737fffba7f40000';
const STORE = 0x10014n;
const MASK_64 = 0x1_8000_0000n;
const HITS = 4_000_000;
const QEMU_HITS = 2000;
/** A gdb that takes longer has met something else than what it is measured by. */
const LONGEST_MS = 20_000;

const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const word = (n: number): string => n.toString(16).padStart(8, '0');

interface Row {
  readonly name: string;
  readonly hits: number;
  readonly agent: (hits: number) => { readonly conditions: Uint8Array[]; readonly commands: Uint8Array[] };
}

const rows: readonly Row[] = [
  {
    name: 'false conditions of a register',
    hits: HITS,
    agent: (hits) => ({ conditions: [bytes(`260004 2a40 24${word(hits)} 13 27`)], commands: [] }),
  },
  {
    name: 'false conditions of storage',
    hits: HITS,
    agent: (hits) => ({ conditions: [bytes(`26000a 2a40 1a 24${word(hits)} 13 27`)], commands: [] }),
  },
  {
    name: 'lines that a dprintf prints',
    hits: HITS / 8,
    agent: () => ({
      conditions: [],
      commands: [bytes(`260004 2a40 2200 2200 34010005${Buffer.from('%ld\n\0').toString('hex')} 27`)],
    }),
  },
];

/** Hits a second of processor time. */
function rate({ hits, agent }: Row): Promise<number> {
  const options = {
    memory: 4 << 20,
    vcpus: 1,
    clock: 'virtual',
    now: () => performance.now(),
    console: () => undefined,
  } as const;
  const { guest, target } = assembleMachine(s390xWing, options);
  guest.storage.write(START, bytes(LOOP));
  guest.start({ mask: MASK_64, address: BigInt(START) });
  target.attach();
  const given = agent(hits);
  target.insertBreakpoint('software', STORE, 2, 0, given);
  // What only prints does not end by itself.
  const end = { conditions: [bytes(`260004 2a40 24${word(hits - 1)} 13 27`)], commands: [] };
  if (given.commands.length > 0) target.insertBreakpoint('software', STORE + 6n, 2, 0, end);
  const before = process.cpuUsage();
  return new Promise((resolve) => {
    target.onStop(() => {
      const { user, system } = process.cpuUsage(before);
      resolve((hits * 1e6) / (user + system));
    });
    target.resume(new Map([[0, { kind: 'continue' }]]));
  });
}

/** An ELF file of the loop. */
function elf(): Buffer {
  const code = bytes(LOOP);
  const out = Buffer.alloc(0x1000 + code.length);
  out.set(bytes('7f454c46020201'));
  out.writeUInt32BE(0x0002_0016, 16);
  out.writeUInt32BE(1, 20);
  out.writeBigUInt64BE(BigInt(START), 24);
  out.writeBigUInt64BE(64n, 32);
  out.writeUInt16BE(64, 52);
  out.writeUInt16BE(56, 54);
  out.writeUInt16BE(1, 56);
  out.writeUInt32BE(1, 64);
  out.writeUInt32BE(7, 68);
  for (const [i, value] of [0x1000, START, START, code.length, code.length, 0x1000].entries()) {
    out.writeBigUInt64BE(BigInt(value), 72 + 8 * i);
  }
  out.set(code, 0x1000);
  return out;
}

/** Conditions that gdb evaluates on QEMU, a second of wall time; undefined where these are not installed. */
function qemuRate(): number | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-bench-'));
  const file = join(folder, 'loop.elf');
  writeFileSync(file, elf());
  const port = 20_000 + (process.pid % 20_000);
  const qemu = spawn('qemu-system-s390x', ['-nographic', '-kernel', file, '-gdb', `tcp:127.0.0.1:${port}`, '-S'], {
    stdio: 'ignore',
  });
  qemu.on('error', () => undefined);
  const gdb = (hits: number): number => {
    const commands = [
      'set tcp connect-timeout 20',
      `target remote 127.0.0.1:${port}`,
      `hbreak *${STORE} if $r2 == ${hits}`,
      'continue',
      'delete',
      'detach',
    ];
    const before = performance.now();
    const { status } = spawnSync('gdb-multiarch', ['-nx', '-batch', ...commands.flatMap((c) => ['-ex', c]), file], {
      stdio: 'ignore',
      timeout: LONGEST_MS,
    });
    return status === 0 ? performance.now() - before : Number.NaN;
  };
  const start = gdb(1);
  const taken = gdb(1 + QEMU_HITS) - start;
  qemu.kill();
  rmSync(folder, { recursive: true });
  return Number.isFinite(taken) && taken > 0 ? (QEMU_HITS * 1000) / taken : undefined;
}

/** Measures and prints them. */
export async function debuggerRates(repetitions: number): Promise<void> {
  for (const row of rows) {
    const rates: number[] = [];
    for (let i = 0; i < repetitions; i++) rates.push(await rate(row));
    console.log(`${row.name}: ${((median(rates) ?? 0) / 1e6).toFixed(2)} million a second`);
  }
  const rival = qemuRate();
  console.log(`conditions that gdb evaluates on QEMU: ${rival === undefined ? '-' : `${Math.round(rival)} a second`}`);
}
