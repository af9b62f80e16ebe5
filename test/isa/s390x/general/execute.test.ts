import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';
import { DAT, doublewords, EDAT, identity, PROBLEM, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';

const bench = new Bench();
const TARGET = 0x2_0000;

/** EX of a target at TARGET; register 15 is its base. */
const execute = (target: Uint8Array, setup: Partial<Setup> = {}, r1 = 0) =>
  bench.run({
    code: [encode('EX', { r1, b2: 15 })],
    ...setup,
    gr: { 15: BigInt(TARGET), ...setup.gr },
    storage: { [TARGET]: target },
  });

describe('what a target of EXECUTE sees', () => {
  test('BALR in 24-bit mode links behind EXECUTE, with its length', () => {
    const out = execute(encode('BALR', { r1: 1 }), { mask: 0n, cc: 2, programMask: 5, gr: { 1: -1n } });
    expect(out.gr[1]).toBe(0xffff_ffff_a501_0004n);
  });
  test('a relative branch counts from the target, and links behind EXECUTE', () => {
    const out = execute(encode('BRASL', { r1: 1, ri2: -8 }));
    expect([out.address, out.gr[1]]).toEqual([0x1_fff8n, CODE + 4n]);
  });
  test('a relative address counts from the target', () => {
    expect(execute(encode('LARL', { r1: 1, ri2: 0x10 })).gr[1]).toBe(0x2_0010n);
  });
  test('register 0 as R1 modifies nothing', () => {
    const out = execute(encode('MVI', { b1: 14, i2: 3 }), { gr: { 0: 0xffn, 14: 0x3_0000n } });
    expect(out.storage(0x3_0000, 1)).toBe('03');
  });
  test("the modifier is OR'ed, its last byte only", () => {
    const out = execute(encode('MVI', { b1: 14, i2: 3 }), { gr: { 1: 0xff80n, 14: 0x3_0000n } }, 1);
    expect(out.storage(0x3_0000, 1)).toBe('83');
  });
  test('the modifier chooses registers', () => {
    const out = execute(encode('RISBG', { i4: 63 }), { gr: { 1: 0x45n, 5: 77n } }, 1);
    expect(out.gr[4]).toBe(77n);
  });
  test("what the OR makes of the opcode's second part is another instruction", () => {
    const chrl = Uint8Array.of(0xc6, 0, 0, 0, 0, 8);
    const out = bench.run({
      code: [encode('EX', { r1: 1, b2: 15 })],
      gr: { 0: 7n, 1: 5n, 15: BigInt(TARGET) },
      storage: { [TARGET]: chrl, [TARGET + 16]: '0007' },
      cc: 3,
    });
    expect([out.pgm, out.cc, out.address]).toEqual([undefined, 0, CODE + 4n]);
  });
  test('an interruptible target', () => {
    const gr = { 2: 0x3_0000n, 3: 8n, 4: BigInt(TARGET), 5: 8n };
    const out = execute(encode('MVCL', { r1: 2, r2: 4 }), { gr });
    expect([out.address, out.cc]).toEqual([CODE + 4n, 0]);
  });
  test('EXECUTE and target that both cross a page', () => {
    const out = bench.run({
      at: 0x1_0ffen,
      code: [encode('EX', { b2: 15 })],
      gr: { 15: 0x2_0ffen },
      storage: { 0x2_0ffe: encode('LGRL', { r1: 1, ri2: 0x10a }), 0x2_1108: '1122334455667788' },
    });
    expect([out.gr[1], out.address]).toEqual([0x1122_3344_5566_7788n, 0x1_1002n]);
  });
});

/** Region tables in which every address means the one whose bits 33-63 it has: half of all storage lies between two of a kind. */
const REGIONS = 0x24_0000;
const folded = {
  ...identity(),
  [REGIONS]: doublewords(BigInt(REGIONS + 0x4000) | 0xfn),
  [REGIONS + 0x400 * 8]: doublewords(BigInt(REGIONS + 0x4000) | 0xfn),
  [REGIONS + 0x4000]: doublewords(BigInt(REGIONS + 0x8000) | 0xbn),
  [REGIONS + 0x8000]: doublewords(BigInt(SEGMENT_TABLE) | 0x7n),
};

describe('a target at the other end of storage', () => {
  test.each([
    ['LARL', encode('LARL', { r1: 1, ri2: 0x10 }), 0x8000_0000_0002_0012n, CODE + 4n],
    ['BRASL', encode('BRASL', { r1: 1, ri2: -8 }), CODE + 4n, 0x8000_0000_0001_fffan],
    ['LGRL', encode('LGRL', { r1: 1, ri2: 0x2e }), 0x1122_3344_5566_7788n, CODE + 4n],
  ])('%s counts from it to the byte', (_, target, linked, address) => {
    const out = bench.run({
      mask: MASK_64 | DAT,
      cr: { 0: EDAT, 1: BigInt(REGIONS) | 0xfn },
      code: [encode('EX', { b2: 15 })],
      gr: { 15: 0x8000_0000_0002_0002n },
      storage: { ...folded, 0x2_0002: target, 0x2_0030: '1122334455667788' },
    });
    expect([out.pgm, out.gr[1], out.address]).toEqual([undefined, linked, address]);
  });
});

describe('exceptions of a target have the length of EXECUTE', () => {
  test.each([
    ['privileged', encode('LPSWE'), { mask: MASK_64 | PROBLEM }, PGM.privilegedOperation],
    ['another EXECUTE', encode('EX', { b2: 15 }), {}, PGM.execute],
    ['another EXECUTE RELATIVE LONG', encode('EXRL', { ri2: 8 }), {}, PGM.execute],
    ['EXECUTE RELATIVE LONG with R1 by the OR', encode('EXRL', { ri2: 8 }), { gr: { 1: 0xf0n } }, PGM.execute],
    ['an odd address', encode('EX'), { gr: { 15: 0x2_0001n } }, PGM.specification],
    ['an operand that is not there', encode('L', { r1: 5, b2: 14 }), { gr: { 14: 0x1000_0000n } }, PGM.addressing],
    ['no instruction', new Uint8Array([0, 0]), {}, PGM.operation],
    ['a relative operand on no boundary', encode('LGRL', { r1: 5, ri2: 4 }), {}, PGM.specification],
  ])('%s', (_, target, setup, code) => {
    const out = execute(target, setup, 1);
    expect(out.pgm).toMatchObject({ code, ilc: 4, nullified: false });
    expect([out.address, out.gr[5]]).toEqual([CODE + 4n, 0n]);
  });
});

const NINE = 0xa758_0009n;
const lhi = encode('LHI', { r1: 5, i2: 1 });

describe('an instruction stored into is fetched anew', () => {
  test.each([
    ['by ST', encode('ST', { r1: 1, b2: 2 }), 4n],
    ['by MVC', encode('MVC', { l: 3, b1: 2, b2: 3 }), 6n],
    ['by STM', encode('STM', { r1: 1, r3: 1, b2: 2 }), 4n],
    ['by MVCL', encode('MVCL', { r1: 2, r2: 6 }), 2n],
    ['in its last byte', encode('MVI', { i2: 9, b1: 2, d1: 3 }), 4n],
  ])('%s, just before it', (_, store, distance) => {
    const out = bench.run({
      code: [store, lhi],
      gr: {
        1: NINE,
        2: CODE + distance,
        3: BigInt(TARGET),
        6: BigInt(TARGET),
        7: 4n,
        ...(distance === 2n ? { 3: 4n } : {}),
      },
      storage: { [TARGET]: 'a7580009' },
    });
    expect(out.gr[5]).toBe(9n);
  });
  test('by a store that crosses the page as the instruction does', () => {
    const stm = encode('STM', { r1: 1, r3: 2, b2: 3 });
    const out = bench.run({ at: 0x1_0ffan, code: [stm, lhi], gr: { 1: NINE, 3: 0x1_0ffen } });
    expect(out.gr[5]).toBe(9n);
  });
  test('in a page that was stored into before it was first executed', () => {
    const out = bench.run({
      code: [encode('ST', { r1: 1, b2: 2 }), encode('BASR', { r1: 14, r2: 2 })],
      steps: 6,
      gr: { 1: 0xa758_0001n, 2: BigInt(TARGET), 3: NINE },
      storage: { [TARGET + 4]: '5030200007f2' },
    });
    expect(out.gr[5]).toBe(9n);
  });
});
