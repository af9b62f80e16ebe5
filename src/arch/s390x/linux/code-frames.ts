import type { GuestSymbol } from './kernel-elf.ts';
import type { CodeRange } from './kernel-frames.ts';

type Read = (address: bigint, length: number) => Uint8Array;

/** Entry points of entry.S that keep what they interrupted in a `pt_regs` above their frame. */
const ENTRIES = ['system_call', 'pgm_check_handler', 'ext_int_handler', 'io_int_handler', 'mcck_int_handler'];
/** Code of assembly without a frame, in which a CPU may be interrupted. */
const LEAVES = ['psw_idle'];
/** Assembly that nothing calls. */
const FIRSTS = [
  'startup_continue',
  'ret_from_fork',
  'kernel_thread_starter',
  'restart_int_handler',
  'early_pgm_check_handler',
];
const ASSEMBLY: ReadonlySet<string> = new Set([...ENTRIES, ...LEAVES, ...FIRSTS]);
/** Functions are shorter. */
const MOST_BYTES = 0x8000;
const STACK = 15;
const BRASL = { first: 0xc0, second: 0x05, bytes: 6 } as const;

/** Where assembly has no frames: entry points are left by calls alone, everywhere else in them nobody waits for a return. */
export function assemblyFrames(
  symbols: readonly GuestSymbol[],
  address: (name: string) => bigint | undefined,
  read: Read,
): readonly CodeRange[] {
  const ranges: CodeRange[] = [];
  const endOf = (from: bigint): bigint => symbols.find((s) => s.address > from)?.address ?? from + 2n;
  const cover = (name: string, make: (from: bigint, to: bigint) => void): void => {
    const from = address(name);
    if (from !== undefined) make(from, endOf(from));
  };
  for (const name of LEAVES) cover(name, (from, to) => ranges.push({ from, to, way: 'leaf' }));
  for (const name of FIRSTS) cover(name, (from, to) => ranges.push({ from, to, way: 'end' }));
  for (const name of ENTRIES) {
    cover(name, (from, to) => {
      const code = read(from, Number(to - from));
      let done = from;
      for (let at = 0; at + BRASL.bytes <= code.length; at += instructionBytes(code[at] ?? 0)) {
        if (code[at] !== BRASL.first || ((code[at + 1] ?? 0) & 0x0f) !== BRASL.second) continue;
        const call = from + BigInt(at);
        if (call > done) ranges.push({ from: done, to: call, way: 'end' });
        // For such frames gdb looks at the return address itself, as for a signal's, and not in front of it.
        done = call + BigInt(BRASL.bytes) + 2n;
        ranges.push({ from: call, to: done, way: 'interrupted' });
      }
      if (to > done) ranges.push({ from: done, to, way: 'end' });
    });
  }
  return ranges;
}

function instructionBytes(first: number): number {
  return first < 0x40 ? 2 : first < 0xc0 ? 4 : 6;
}

/**
 * The bodies of functions that leave their stack for another one, or take room on it as they go: their frames are not
 * where their first instructions say.
 */
export function chainedFrames(symbols: readonly GuestSymbol[], read: Read): readonly CodeRange[] {
  const ranges: CodeRange[] = [];
  const assembly = new Set(symbols.filter(({ name }) => ASSEMBLY.has(name)).map(({ address }) => address));
  for (const [i, { address, text }] of symbols.entries()) {
    if (assembly.has(address)) continue;
    const next = symbols[i + 1]?.address ?? address;
    if (!text || next === address || next - address > BigInt(MOST_BYTES)) continue;
    const code = read(address, Number(next - address));
    const first = firstSaved(code);
    if (first === undefined || !hasMovingFrame(code)) continue;
    for (const [begin, end] of bodies(code)) {
      ranges.push({ from: address + BigInt(begin), to: address + BigInt(end), way: 'chained', first });
    }
  }
  return ranges;
}

/** True for a function whose frame is not where its first instructions say. */
export function hasMovingFrame(code: Uint8Array): boolean {
  return firstSaved(code) !== undefined && movesStack(code);
}

function* instructions(code: Uint8Array): Iterable<readonly [at: number, bytes: number]> {
  for (let at = 0; at < code.length; at += instructionBytes(code[at] ?? 0)) yield [at, instructionBytes(code[at] ?? 0)];
}

// STMG of registers up to 15, the first instruction but for the one that tracers patch.
function firstSaved(code: Uint8Array): number | undefined {
  for (const [at] of instructions(code.subarray(0, 24))) {
    const registers = code[at + 1] ?? 0;
    if (code[at] === 0xeb && code[at + 5] === 0x24 && (registers & 15) === STACK) return registers >> 4;
  }
  return undefined;
}

// LGR, LG, SGR, SLGR and their kin with register 15 as the result; LAY and AGHI are what a function begins with.
function movesStack(code: Uint8Array): boolean {
  for (const [at] of instructions(code)) {
    const [op, second, third] = [code[at] ?? 0, code[at + 1] ?? 0, code[at + 3] ?? 0];
    if (op === 0xb9 && [0x04, 0x09, 0x0b, 0xe9, 0xeb].includes(second) && third >> 4 === STACK) return true;
    if (op === 0xe3 && second >> 4 === STACK && [0x04, 0x09].includes(code[at + 5] ?? 0)) return true;
    if (op === 0xec && second >> 4 === STACK && [0x55, 0x59].includes(code[at + 5] ?? 0)) return true;
  }
  return false;
}

/**
 * Where the frame is there for certain: from the first call on, but for what comes between the loading of the caller's
 * registers and the leaving. A call and its return address are in one of them, so that a frame has one identity at both.
 */
function* bodies(code: Uint8Array): Iterable<readonly [begin: number, end: number]> {
  let begin: number | undefined;
  let left = false;
  for (const [at, bytes] of instructions(code)) {
    const [op, second] = [code[at] ?? 0, code[at + 1] ?? 0];
    if (left) {
      left = !leaves(op, second);
      if (!left) begin = at + bytes;
    } else if (begin === undefined) {
      if (isCall(op, second)) begin = at;
    } else if (op === 0xeb && code[at + 5] === 0x04 && (second & 15) === STACK) {
      yield [begin, at + bytes];
      left = true;
    }
  }
  if (begin !== undefined && !left && begin < code.length) yield [begin, code.length];
}

function isCall(op: number, second: number): boolean {
  return op === 0x0d ? (second & 15) !== 0 : (op === 0xc0 || op === 0xa7) && (second & 15) === 5;
}

// BCR, BRC and BRCL that are always taken.
function leaves(op: number, second: number): boolean {
  if (op === 0x07) return second >> 4 === 15;
  return (op === 0xa7 || op === 0xc0) && second === 0xf4;
}
