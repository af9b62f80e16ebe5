/** Runs single instructions under qemu-system-ppc64 through its gdb port: one process, packets sent in a stream. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from '../../support/installed.ts';
import type { PpcCase, PpcResult } from './case.ts';
import { CODE_AT, DATA_AT, DATA_BYTES } from './case.ts';
import { isDecimal } from './decimals.ts';

const QUIET = 'pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off';
/** QEMU's numbers of registers that `g` does not have. */
const NUMBERS = {
  msr: 65,
  f0: 71,
  fpscr: 103,
  vr0: 104,
  vscr: 136,
  vs0h: 138,
  dsisr: 175,
  dar: 176,
  srr0: 179,
  srr1: 180,
} as const;
const GPRS = 32;

const hex = (value: bigint, bytes: number): string =>
  BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
const number = (text: string): bigint => BigInt(`0x${text.length === 0 ? '0' : text}`);

/** The connection to QEMU's gdb port. It never acknowledges: QEMU does without, and a byte that comes while it runs would stop it. */
class GdbPort {
  readonly #socket: Socket;
  readonly #replies: ((body: string) => void)[] = [];
  #received = '';

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk.toString('latin1')));
  }

  ask(body: string): Promise<string> {
    const sum = [...body].reduce((n, c) => (n + c.charCodeAt(0)) & 0xff, 0);
    this.#socket.write(`$${body}#${sum.toString(16).padStart(2, '0')}`, 'latin1');
    return new Promise((resolve) => this.#replies.push(resolve));
  }

  #take(text: string): void {
    this.#received += text;
    for (;;) {
      const start = this.#received.indexOf('$');
      const end = this.#received.indexOf('#', start);
      if (start < 0 || end < 0 || this.#received.length < end + 3) return;
      const body = this.#received.slice(start + 1, end);
      this.#received = this.#received.slice(end + 3);
      this.#replies.shift()?.(body);
    }
  }
}

/** A QEMU that waits for instructions. `end` must be called. */
export class QemuPpc64 {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #port: GdbPort;

  private constructor(child: ChildProcess, directory: string, port: GdbPort) {
    this.#child = child;
    this.#directory = directory;
    this.#port = port;
  }

  /** Starts it. */
  static async start(cpu = 'POWER7'): Promise<QemuPpc64> {
    const directory = mkdtempSync(join(tmpdir(), 'guestscope-ppc64-'));
    const path = join(directory, 'gdb');
    const args = ['-M', QUIET, '-cpu', cpu, '-m', '256', '-S', '-nodefaults', '-display', 'none', '-accel', 'tcg'];
    const gdb = ['-chardev', `socket,id=gdb,path=${path},server=on,wait=off`, '-gdb', 'chardev:gdb'];
    const child = spawn(tool('qemu-system-ppc64'), [...args, ...gdb], { stdio: ['ignore', 'ignore', 'inherit'] });
    const socket = await connected(path, child);
    const port = new GdbPort(socket);
    await port.ask('qSupported:xmlRegisters=powerpc');
    await port.ask('qXfer:features:read:target.xml:0,1000');
    return new QemuPpc64(child, directory, port);
  }

  /** Ends it. */
  end(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true });
  }

  /** What every case leaves. */
  async run(cases: readonly PpcCase[]): Promise<PpcResult[]> {
    const results: PpcResult[] = [];
    for (const of of cases) results.push(await this.#one(of));
    return results;
  }

  // QEMU takes any number of packets while it stands still; what comes while it runs would stop it and be lost.
  async #one(of: PpcCase): Promise<PpcResult> {
    const port = this.#port;
    const set = (n: number, value: bigint, bytes: number): void => {
      void port.ask(`P${n.toString(16)}=${hex(value, bytes)}`);
    };
    // The port looks through the translation that the last case may have left on.
    set(NUMBERS.msr, of.msr, 8);
    void port.ask(`M${CODE_AT.toString(16)},4:${hex(BigInt(of.word), 4)}`);
    void port.ask(`M${DATA_AT.toString(16)},${DATA_BYTES.toString(16)}:${Buffer.from(of.data).toString('hex')}`);
    for (const [n, value] of of.vsr) {
      if (n < GPRS) {
        set(NUMBERS.f0 + n, value >> 64n, 8);
        set(NUMBERS.vs0h + n, BigInt.asUintN(64, value), 8);
      } else set(NUMBERS.vr0 + n - GPRS, value, 16);
    }
    set(NUMBERS.srr0, of.srr0, 8);
    set(NUMBERS.srr1, of.srr1, 8);
    set(NUMBERS.dar, 0n, 8);
    set(NUMBERS.dsisr, 0n, 8);
    if (of.fpscr !== undefined) {
      set(NUMBERS.fpscr, of.fpscr, 4);
      set(NUMBERS.vscr, BigInt(of.vscr), 4);
    }
    const general = of.gpr.map((v) => hex(v, 8)).join('');
    const rest = [hex(of.msr, 8), hex(BigInt(of.cr), 4), hex(of.lr, 8), hex(of.ctr, 8), hex(BigInt(of.xer), 4)].join(
      '',
    );
    const at = async (pc: number): Promise<void> => {
      void port.ask(`G${general}${hex(BigInt(pc), 8)}${rest}`);
      await port.ask('s');
    };
    await this.#setDecimalRounding(of, at);
    await at(CODE_AT);
    const read = (n: number): Promise<string> => port.ask(`p${n.toString(16)}`);
    const asked = [port.ask('g'), read(NUMBERS.srr0), read(NUMBERS.srr1), read(NUMBERS.dar), read(NUMBERS.dsisr)];
    const storage = port.ask(`m${DATA_AT.toString(16)},${DATA_BYTES.toString(16)}`);
    const vectors = [...of.vsr.keys()].map(async (n): Promise<[number, bigint]> => {
      if (n >= GPRS) return [n, number(await read(NUMBERS.vr0 + n - GPRS))];
      const halves = await Promise.all([read(NUMBERS.f0 + n), read(NUMBERS.vs0h + n)]);
      return [n, (number(halves[0]) << 64n) | number(halves[1])];
    });
    const none = Promise.resolve('0');
    const fpscr = of.fpscr !== undefined ? read(NUMBERS.fpscr) : none;
    const vscr = of.fpscr !== undefined ? read(NUMBERS.vscr) : none;
    const [g = '', srr0 = '', srr1 = '', dar = '', dsisr = ''] = await Promise.all(asked);
    const part = (from: number, bytes: number): bigint => number(g.slice(from * 2, (from + bytes) * 2));
    const after = GPRS * 8;
    return {
      gpr: of.gpr.map((_, n) => part(n * 8, 8)),
      ...{ pc: part(after, 8), msr: part(after + 8, 8), cr: Number(part(after + 16, 4)), lr: part(after + 20, 8) },
      ...{ ctr: part(after + 28, 8), xer: Number(part(after + 36, 4)) },
      ...{ srr0: number(srr0), srr1: number(srr1), dar: number(dar), dsisr: Number(number(dsisr)) },
      data: await storage,
      vsr: new Map(await Promise.all(vectors)),
      fpscr: number(await fpscr),
      vscr: Number(number(await vscr)),
    };
  }

  // The gdb port knows 32 bits of FPSCR, and extends their sign. A step over mtfsfi is one over the instruction behind it, too.
  async #setDecimalRounding({ fpscr = 0n, row }: PpcCase, step: (pc: number) => Promise<void>): Promise<void> {
    if (!isDecimal(row)) return;
    const setRounding = 0xff81_010c | (Number(fpscr >> 32n) << 12);
    const before = CODE_AT - 8;
    void this.#port.ask(`M${before.toString(16)},8:${hex(BigInt(setRounding >>> 0), 4)}${hex(NOP, 4)}`);
    await step(before);
  }
}

const NOP = 0x6000_0000n;

async function connected(path: string, child: ChildProcess): Promise<Socket> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('QEMU ended at once');
    const socket = connect({ path });
    const ok = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (ok) return socket;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
