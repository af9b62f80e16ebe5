import { describe, expect, test } from 'vitest';
import { Bench, encode, type Setup } from '../../../support/s390x/isa.ts';
import { ENABLED, join } from './model.ts';

const bench = new Bench();
const DATA = 0x20000;
/** Storage ends here: what lies behind is an addressing exception. */
const END = 4 << 20;
const BYTES = '000102030405060708090a0b0c0d0e0f';
const V = 0xf0e1_d2c3_b4a5_9687_7869_5a4b_3c2d_1e0fn;

const hex = (v: bigint | undefined): string => (v ?? -1n).toString(16).padStart(32, '0');

function on(mnemonic: string, operands: Readonly<Record<string, number>>, more: Partial<Setup> = {}) {
  return bench.run({
    code: [encode(mnemonic, { b2: 5, ...operands })],
    gr: { 5: BigInt(DATA) },
    vr: { 1: V },
    cr: ENABLED,
    storage: { [DATA]: BYTES },
    ...more,
  });
}

describe('whole vectors', () => {
  test('VL and VST', () => {
    expect(hex(on('VL', { v1: 17 }).vr[17])).toBe(BYTES);
    expect(on('VST', { v1: 1, d2: 3 }).storage(DATA, 19)).toBe(`000102${hex(V)}`);
  });
  test('VST past the end of storage stores nothing', () => {
    const { pgm, storage } = on(
      'VST',
      { v1: 1 },
      { gr: { 5: BigInt(END - 8) }, storage: { [END - 8]: '1122334455667788' } },
    );
    expect([pgm?.code, storage(END - 8, 8)]).toEqual([5, '1122334455667788']);
  });
  test('VLR copies', () => {
    const copied = bench.run({ code: [encode('VLR', { v1: 30, v2: 1 })], vr: { 1: V }, cr: ENABLED });
    expect(copied.vr[30]).toBe(V);
  });
  test('VLM and VSTM across a page; more than 16 registers, or none, are specification exceptions', () => {
    const registers = { vr: { 14: 1n, 15: 2n, 16: 3n, 17: V } };
    const stored = on('VSTM', { v1: 14, v3: 17, d2: 0xfd8 }, registers).storage(DATA + 0xfd8, 64);
    expect(stored).toBe([1n, 2n, 3n, V].map(hex).join(''));
    const storage = { [DATA + 0xff0]: BYTES, [DATA + 0x1000]: hex(V) };
    const loaded = on('VLM', { v1: 8, v3: 9, d2: 0xff0 }, { storage });
    expect([hex(loaded.vr[8]), loaded.vr[9]]).toEqual([BYTES, V]);
    expect(on('VLM', { v1: 0, v3: 16 }).pgm?.code).toBe(6);
    expect(on('VSTM', { v1: 5, v3: 4 }).pgm?.code).toBe(6);
  });
  test('VLM that faults in its last register loads none', () => {
    const { pgm, vr } = on('VLM', { v1: 1, v3: 2 }, { gr: { 5: BigInt(END - 16) }, storage: {} });
    expect([pgm?.code, vr[1]]).toEqual([5, V]);
  });
});

describe('elements', () => {
  test('VLEB, VLEH, VLEF, VLEG replace one; VSTEB, VSTEH, VSTEF, VSTEG store one', () => {
    expect(hex(on('VLEB', { v1: 1, d2: 7, m3: 15 }).vr[1])).toBe(hex((V & ~0xffn) | 7n));
    expect(hex(on('VLEH', { v1: 1, d2: 2, m3: 0 }).vr[1])).toBe(`0203${hex(V).slice(4)}`);
    expect(hex(on('VLEF', { v1: 1, d2: 4, m3: 2 }).vr[1])).toBe(`${hex(V).slice(0, 16)}04050607${hex(V).slice(24)}`);
    expect(hex(on('VLEG', { v1: 1, d2: 8, m3: 1 }).vr[1])).toBe(`${hex(V).slice(0, 16)}08090a0b0c0d0e0f`);
    expect(on('VSTEB', { v1: 1, m3: 3 }).storage(DATA, 2)).toBe('c301');
    expect(on('VSTEH', { v1: 1, m3: 7 }).storage(DATA, 3)).toBe('1e0f02');
    expect(on('VSTEF', { v1: 1, m3: 1 }).storage(DATA, 4)).toBe('b4a59687');
    expect(on('VSTEG', { v1: 1, m3: 1 }).storage(DATA, 8)).toBe('78695a4b3c2d1e0f');
  });
  test('an element that does not exist is a specification exception', () => {
    expect(['VLEH', 'VSTEH', 'VLEBRH', 'VSTEBRH'].map((m) => on(m, { v1: 1, m3: 8 }).pgm?.code)).toEqual([6, 6, 6, 6]);
  });
  test('VLEIB, VLEIH, VLEIF, VLEIG take a signed immediate', () => {
    const of = (mnemonic: string, m3: number): string =>
      hex(bench.run({ code: [encode(mnemonic, { v1: 1, i2: 0xff85, m3 })], vr: { 1: V }, cr: ENABLED }).vr[1]);
    expect(of('VLEIB', 0)).toBe(`85${hex(V).slice(2)}`);
    expect(of('VLEIH', 7)).toBe(`${hex(V).slice(0, 28)}ff85`);
    expect(of('VLEIF', 0)).toBe(`ffffff85${hex(V).slice(8)}`);
    expect(of('VLEIG', 1)).toBe(`${hex(V).slice(0, 16)}ffffffffffffff85`);
  });
  test('VLREP and VLLEZ, whose size code 6 puts a word on the left', () => {
    expect(hex(on('VLREP', { v1: 1, d2: 2, m3: 1 }).vr[1])).toBe('0203'.repeat(8));
    expect(hex(on('VLLEZ', { v1: 1, d2: 1, m3: 0 }).vr[1])).toBe('00000000000000010000000000000000');
    expect(hex(on('VLLEZ', { v1: 1, d2: 4, m3: 2 }).vr[1])).toBe('00000000040506070000000000000000');
    expect(hex(on('VLLEZ', { v1: 1, d2: 4, m3: 6 }).vr[1])).toBe('04050607000000000000000000000000');
    expect(on('VLLEZ', { v1: 1, m3: 4 }).pgm?.code).toBe(6);
  });
  test('VGEF, VGEG, VSCEF, VSCEG add an element to the address', () => {
    const vr = { 1: V, 2: join([0n, 8n, 4n, 0n], 32), 3: join([8n, 1n], 64) };
    expect(hex(on('VGEF', { v1: 1, v2: 2, m3: 1 }, { vr }).vr[1])).toBe(
      `${hex(V).slice(0, 8)}08090a0b${hex(V).slice(16)}`,
    );
    expect(hex(on('VGEG', { v1: 1, v2: 3, m3: 0 }, { vr }).vr[1])).toBe(`08090a0b0c0d0e0f${hex(V).slice(16)}`);
    expect(on('VSCEF', { v1: 1, v2: 2, m3: 2 }, { vr }).storage(DATA + 4, 4)).toBe('78695a4b');
    expect(on('VSCEG', { v1: 1, v2: 3, m3: 1 }, { vr }).storage(DATA + 1, 8)).toBe('78695a4b3c2d1e0f');
  });
});

describe('between general and vector registers', () => {
  const gr = { 5: 3n, 6: 0x1122_3344_5566_7788n, 7: 0x99n };
  test('VLVGP, VLVG, VLGV', () => {
    const code = (mnemonic: string, operands: Readonly<Record<string, number>>) =>
      bench.run({ code: [encode(mnemonic, operands)], gr, vr: { 1: V }, cr: ENABLED });
    expect(hex(code('VLVGP', { v1: 9, r2: 6, r3: 7 }).vr[9])).toBe('11223344556677880000000000000099');
    expect(hex(code('VLVG', { v1: 1, r3: 6, b2: 5, d2: 4, m4: 1 }).vr[1])).toBe(`${hex(V).slice(0, 28)}7788`);
    expect(code('VLGV', { r1: 6, v3: 1, b2: 5, d2: 0, m4: 0 }).gr[6]).toBe(0xc3n);
    // The number is taken modulo the number of elements.
    expect(code('VLGV', { r1: 6, v3: 1, b2: 5, d2: 4, m4: 2 }).gr[6]).toBe(0x3c2d_1e0fn);
  });
});

describe('parts of a vector', () => {
  test('VLL and VSTL count from zero and stop at 16 bytes', () => {
    const at = (mnemonic: string, highest: bigint) =>
      on(mnemonic, { v1: 1, r3: 6 }, { gr: { 5: BigInt(DATA), 6: highest } });
    expect(hex(at('VLL', 2n).vr[1])).toBe(`000102${'0'.repeat(26)}`);
    expect(hex(at('VLL', 0xffff_ffffn).vr[1])).toBe(BYTES);
    expect(at('VSTL', 1n).storage(DATA, 4)).toBe('f0e10203');
    expect(at('VSTL', 15n).storage(DATA, 16)).toBe(hex(V));
  });
  test('VLL and VSTL touch no byte past their last one', () => {
    const gr = { 5: BigInt(END - 3), 6: 2n };
    const loaded = on('VLL', { v1: 1, r3: 6 }, { gr, storage: { [END - 3]: 'aabbcc' } });
    expect([loaded.pgm, hex(loaded.vr[1]).slice(0, 8)]).toEqual([undefined, 'aabbcc00']);
    expect(on('VSTL', { v1: 1, r3: 6 }, { gr, storage: {} }).storage(END - 3, 3)).toBe('f0e1d2');
    expect(on('VSTL', { v1: 1, r3: 6 }, { gr: { ...gr, 6: 3n }, storage: {} }).pgm?.code).toBe(5);
  });
  test('VLBB and LCBB stop at a block boundary', () => {
    const gr = { 5: BigInt(DATA + 60) };
    const storage = { [DATA + 60]: 'a1a2a3a4a5' };
    expect(hex(on('VLBB', { v1: 1, m3: 0 }, { gr, storage }).vr[1])).toBe(`a1a2a3a4${'0'.repeat(24)}`);
    expect(hex(on('VLBB', { v1: 1, m3: 1 }, { gr, storage }).vr[1]).slice(0, 10)).toBe('a1a2a3a4a5');
    const near = on('LCBB', { r1: 2, m3: 0 }, { gr, cr: {} });
    expect([near.gr[2], near.cc]).toEqual([4n, 3]);
    const far = on('LCBB', { r1: 2, m3: 6 }, { gr, cr: {} });
    expect([far.gr[2], far.cc]).toEqual([16n, 0]);
    expect(on('LCBB', { r1: 2, m3: 7 }, { gr }).pgm?.code).toBe(6);
  });
  test('VLRL, VSTRL, VLRLR, VSTRLR keep to the right', () => {
    expect(hex(on('VLRL', { v1: 17, i3: 2 }).vr[17])).toBe(`${'0'.repeat(26)}000102`);
    expect(on('VSTRL', { v1: 1, i3: 1 }).storage(DATA, 3)).toBe('1e0f02');
    expect(on('VLRL', { v1: 17, i3: 16 }).pgm?.code).toBe(6);
    const gr = { 5: BigInt(DATA), 6: 3n };
    expect(hex(on('VLRLR', { v1: 17, r3: 6 }, { gr }).vr[17])).toBe(`${'0'.repeat(24)}00010203`);
    expect(on('VSTRLR', { v1: 1, r3: 6 }, { gr }).storage(DATA, 5)).toBe('3c2d1e0f04');
  });
});

describe('reversed', () => {
  test('VLBR, VSTBR reverse bytes, VLER, VSTER elements', () => {
    expect(hex(on('VLBR', { v1: 1, m3: 1 }).vr[1])).toBe('01000302050407060908 0b0a0d0c0f0e'.replace(' ', ''));
    expect(hex(on('VLBR', { v1: 1, m3: 4 }).vr[1])).toBe('0f0e0d0c0b0a09080706050403020100');
    expect(on('VSTBR', { v1: 1, m3: 2 }).storage(DATA, 16)).toBe('c3d2e1f08796a5b44b5a69780f1e2d3c');
    expect(hex(on('VLER', { v1: 1, m3: 2 }).vr[1])).toBe('0c0d0e0f08090a0b0405060700010203');
    expect(on('VSTER', { v1: 1, m3: 3 }).storage(DATA, 16)).toBe('78695a4b3c2d1e0ff0e1d2c3b4a59687');
    expect(on('VLER', { v1: 1, m3: 4 }).pgm?.code).toBe(6);
  });
  test('VLEBRH, VLEBRF, VLEBRG, VSTEBRH, VSTEBRF, VSTEBRG', () => {
    expect(hex(on('VLEBRH', { v1: 1, m3: 7 }).vr[1])).toBe(`${hex(V).slice(0, 28)}0100`);
    expect(hex(on('VLEBRF', { v1: 1, m3: 0 }).vr[1])).toBe(`03020100${hex(V).slice(8)}`);
    expect(hex(on('VLEBRG', { v1: 1, m3: 1 }).vr[1])).toBe(`${hex(V).slice(0, 16)}0706050403020100`);
    expect(on('VSTEBRH', { v1: 1, m3: 0 }).storage(DATA, 2)).toBe('e1f0');
    expect(on('VSTEBRF', { v1: 1, m3: 3 }).storage(DATA, 4)).toBe('0f1e2d3c');
    expect(on('VSTEBRG', { v1: 1, m3: 0 }).storage(DATA, 8)).toBe('8796a5b4c3d2e1f0');
  });
  test('VLLEBRZ and VLBRREP', () => {
    expect(hex(on('VLLEBRZ', { v1: 1, m3: 1 }).vr[1])).toBe('00000000000001000000000000000000');
    expect(hex(on('VLLEBRZ', { v1: 1, m3: 6 }).vr[1])).toBe('03020100000000000000000000000000');
    expect(hex(on('VLBRREP', { v1: 1, m3: 3 }).vr[1])).toBe('0706050403020100'.repeat(2));
    expect(on('VLBRREP', { v1: 1, m3: 0 }).pgm?.code).toBe(6);
  });
});

test('without the vector control, or the AFP-register control, a data exception with its own code', () => {
  for (const cr0 of [0n, 0x2_0000n, 0x4_0000n]) {
    const { pgm, vr, fpc } = on('VL', { v1: 1 }, { cr: { 0: cr0 } });
    expect([pgm?.code, pgm?.dxc, vr[1], fpc]).toEqual([7, 0xfe, V, cr0 === 0x4_0000n ? 0xfe00 : 0]);
  }
});
