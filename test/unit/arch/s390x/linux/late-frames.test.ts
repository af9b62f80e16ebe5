import { expect, test } from 'vitest';
import { lateFrames } from '../../../../../src/arch/s390x/linux/late-frames.ts';
import { encode } from '../../../../support/s390x/isa.ts';

const BASE = 0x10000n;

/** What is known of a function of these instructions: pieces by the numbers of their first instruction, and of that behind them. */
function pieces(texts: readonly Uint8Array[]): unknown {
  const bytes = Buffer.concat(texts);
  const symbol = (name: string, at: number) => ({ name, address: BASE + BigInt(at), text: true, global: true });
  const symbols = [symbol('f', 0), symbol('next', bytes.length), symbol('last', bytes.length + 2)];
  const starts = [...texts, new Uint8Array(0)].map((_, i) => texts.slice(0, i).reduce((sum, t) => sum + t.length, 0));
  const read = (at: bigint, length: number): Uint8Array => bytes.subarray(Number(at - BASE)).subarray(0, length);
  const number = (at: bigint): number => starts.indexOf(Number(at - BASE));
  return lateFrames(symbols, read).map(({ from, to, way, first }) => [way, first, number(from), number(to)]);
}

const look = encode('LTG', { r1: 1, x2: 0, b2: 2, d2: 8 });
const save = encode('STMG', { r1: 8, r3: 15, b2: 15, d2: 88 });
const keep = encode('LGR', { r1: 14, r2: 15 });
const room = encode('LAY', { r1: 15, x2: 0, b2: 15, d2: -72 });
const chain = encode('STG', { r1: 14, x2: 0, b2: 15, d2: 152 });
const call = encode('BRASL', { r1: 14, ri2: 0x100 });
const load = encode('LMG', { r1: 8, r3: 15, b2: 15, d2: 160 });
const leave = encode('BCR', { m1: 15, r2: 14 });
const zero = encode('LGHI', { r1: 2, i2: 0 });
const jump = (m1: number, ri2: number): Uint8Array => encode('BRC', { m1, ri2 });
const bytes = (...texts: readonly Uint8Array[]): number => texts.reduce((sum, t) => sum + t.length, 0);

test('a frame that comes behind a branch is there from its chain to where the registers are loaded, and not on the short way', () => {
  const short = bytes(jump(8, 0), save, keep, room, chain, call, load, leave);
  expect(pieces([look, jump(8, short), save, keep, room, chain, call, load, leave, zero, leave])).toEqual([
    ['chained', 8, 6, 8],
  ]);
});

test('what lies behind the leaving is of the frame when a branch leads there, and back', () => {
  const aside = bytes(jump(8, 0), call, load, leave, zero, leave);
  const back = -bytes(call, load, leave, zero, leave, zero);
  const texts = [
    look,
    jump(8, 0xa0),
    save,
    keep,
    room,
    chain,
    jump(8, aside),
    call,
    load,
    leave,
    zero,
    leave,
    zero,
    jump(15, back),
  ];
  expect(pieces(texts)).toEqual([
    ['chained', 8, 6, 9],
    ['chained', 8, 12, 14],
  ]);
});

test('one that begins with its frame is left to the debugger, and so is one that has none', () => {
  expect(pieces([save, keep, room, chain, look, jump(8, 0x10), call, load, leave])).toEqual([]);
  expect(pieces([look, jump(8, 4), zero, leave])).toEqual([]);
});
