import { expect, test } from 'vitest';
import { assemblyFrames, chainedFrames } from '../../../../../src/arch/s390x/linux/code-frames.ts';
import { encode } from '../../../../support/s390x/isa.ts';

const BASE = 0x10000n;
const symbol = (name: string, at: number) => ({ name, address: BASE + BigInt(at), text: true, global: true });

/** A function of these instructions, and another one behind it. */
function code(texts: readonly Uint8Array[], name = 'f') {
  const bytes = Buffer.concat(texts);
  const symbols = [symbol(name, 0), symbol('next', bytes.length), symbol('last', bytes.length + 2)];
  const read = (address: bigint, length: number): Uint8Array =>
    bytes.subarray(Number(address - BASE)).subarray(0, length);
  return { symbols, read, address: (wanted: string) => symbols.find((s) => s.name === wanted)?.address, bytes };
}

const save = encode('STMG', { r1: 6, r3: 15, b2: 15, d2: 72 });
const room = encode('LAY', { r1: 15, x2: 0, b2: 15, d2: -160 });
const call = encode('BRASL', { r1: 14, ri2: 0x100 });
const restore = encode('LMG', { r1: 6, r3: 15, b2: 15, d2: 232 });
const leave = encode('BCR', { m1: 15, r2: 14 });
const other = encode('LGR', { r1: 15, r2: 1 });
const nop = encode('BCR', { m1: 0, r2: 0 });

test('a function that keeps its stack is left to the debugger', () => {
  const { symbols, read } = code([save, room, call, restore, leave]);
  expect(chainedFrames(symbols, read)).toEqual([]);
});

test('one that changes stacks has its frame by the back chain, from its first call to where it loads registers', () => {
  const { symbols, read } = code([save, room, other, call, nop, restore, leave, call, nop]);
  const first = BigInt(save.length + room.length + other.length);
  const firstEnd = first + BigInt(call.length + nop.length + restore.length);
  const second = firstEnd + BigInt(leave.length);
  expect(chainedFrames(symbols, read)).toEqual([
    { from: BASE + first, to: BASE + firstEnd, way: 'chained', first: 6 },
    { from: BASE + second, to: BASE + second + BigInt(call.length + nop.length), way: 'chained', first: 6 },
  ]);
});

test('an entry point keeps what it interrupted while it calls, its return address included, and has no caller elsewhere', () => {
  const { symbols, read, address, bytes } = code([save, call, nop, nop, leave], 'system_call');
  const at = BigInt(save.length);
  const behind = at + BigInt(call.length) + 2n;
  expect(assemblyFrames(symbols, address, read)).toEqual([
    { from: BASE, to: BASE + at, way: 'end' },
    { from: BASE + at, to: BASE + behind, way: 'interrupted' },
    { from: BASE + behind, to: BASE + BigInt(bytes.length), way: 'end' },
  ]);
  expect(chainedFrames(symbols, read)).toEqual([]);
});
