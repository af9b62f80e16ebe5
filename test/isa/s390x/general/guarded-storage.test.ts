import { describe, expect, test } from 'vitest';
import { slots } from '../../../../src/arch/s390x/cpu/state-layout.ts';
import { ecb, icpt } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';
import { ACCESS_REGISTER, DAT, EDAT, HOME, identity, SECONDARY, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';
import { randomWords, timesAsked } from '../../../support/seed.ts';

const bench = new Bench();
const GSE = 0x10n;
const LIST = 0x3000;
const HANDLER = 0x14_0000n;
/** 32 MiB at 2 GiB, section 2 of 512 KiB guarded, and the last one. */
const AREA = 0x8000_0000n;
const block = (gsd: bigint, gssm: bigint) =>
  [0n, gsd, gssm, BigInt(LIST)].map((n) => n.toString(16).padStart(16, '0')).join('');
const MASK = (1n << 61n) | 1n;

const hex = (n: bigint) => n.toString(16).padStart(16, '0');
const controls = encode('LGSC', { b2: 2 });
const lgg = encode('LGG', { r1: 5, b2: 3 });

function run(code: readonly Uint8Array[], setup: Partial<Setup> & { gsd?: bigint; value?: string } = {}) {
  const { gsd = AREA | 25n, value = '', ...rest } = setup;
  return bench.run({
    code,
    cr: { 2: GSE },
    controls: { ecb: ecb.gs },
    gr: { 2: 0x2000n, 3: 0x2100n, 5: 0x55n },
    ...rest,
    storage: { 0x2000: block(gsd, MASK), ...rest.storage, 0x2100: value, [LIST + 8]: hex(HANDLER) },
  });
}

describe('LGSC and STGSC', () => {
  test('load and store designation, section mask and list', () => {
    const out = run([controls, encode('STGSC', { b2: 2, d2: 0x80 })]);
    expect(out.storage(0x2080, 32)).toBe(block(AREA | 25n, MASK));
    expect(out.vcpu.big(slots.gsepla)).toBe(BigInt(LIST));
  });
  test.each([
    'LGSC',
    'STGSC',
  ])('%s is intercepted before anything is looked at, while the control is zero', (mnemonic) => {
    const out = run([encode(mnemonic, { b2: 2, d2: 1 })], { controls: { ecb: 0 }, cr: {} });
    expect(out.cause).toEqual({ kind: 'intercept', code: icpt.instruction });
  });
  test.each(['LGSC', 'STGSC', 'LGG', 'LLGFSG'])('%s is a special operation while guarding is off', (mnemonic) => {
    expect(run([encode(mnemonic, { b2: 2 })], { cr: {} }).pgm).toMatchObject({ code: 0x13, ilc: 6 });
  });
  test.each(['LGSC', 'STGSC'])('%s wants a doubleword', (mnemonic) => {
    expect(run([encode(mnemonic, { b2: 2, d2: 4 })]).pgm).toMatchObject({ code: 6 });
  });
});

describe('LGG', () => {
  test.each([
    ['outside of the area', AREA - 8n],
    ['behind the area', AREA + 0x200_0000n],
    ['in a section that is not guarded', AREA + 0x80_000n],
  ])('%s loads', (_, value) => {
    expect(run([controls, lgg], { value: hex(value) }).gr[5]).toBe(value);
  });

  test.each([
    AREA + 0x10_0000n,
    AREA + 0x17_ffffn,
    AREA + 0x1f8_0000n,
  ])('%o in a guarded section: an event', (value) => {
    const out = run([controls, lgg], { value: hex(value) });
    expect([out.pgm, out.gr[5], out.address]).toEqual([undefined, 0x55n, HANDLER]);
    // Modes; handler; instruction, operand, result, return address.
    expect(out.storage(LIST, 8)).toBe('0003000000000000');
    expect(out.storage(LIST + 16, 32)).toBe(hex(CODE + 6n) + hex(0x2100n) + hex(value) + hex(CODE + 12n));
  });

  test.each([
    [24n, false],
    [25n, true],
    [56n, true],
    [57n, false],
  ])('characteristic %o guards: %s', (characteristic, guards) => {
    const area = characteristic > 32n ? 0n : AREA;
    const section = 2n << (characteristic - 6n);
    const out = run([controls, lgg], { gsd: area | characteristic, value: hex(area + section) });
    expect(out.address).toBe(guards ? HANDLER : CODE + 12n);
  });

  test.each([
    ['primary', 0n, '40'],
    ['secondary', SECONDARY, '60'],
    ['access registers', ACCESS_REGISTER, '53'],
    ['home', HOME, '70'],
  ])('%s: the space is told', (_, bits, information) => {
    const out = run([controls, lgg], {
      value: hex(AREA + 0x10_0000n),
      mask: MASK_64 | DAT | bits,
      cr: {
        0: EDAT | 0x400_0000n,
        1: BigInt(SEGMENT_TABLE),
        2: GSE,
        7: BigInt(SEGMENT_TABLE),
        13: BigInt(SEGMENT_TABLE),
      },
      storage: identity(),
    });
    expect([out.address, out.storage(LIST + 3, 1)]).toEqual([HANDLER, information]);
  });

  test('a list that cannot be stored into: nothing has happened', () => {
    const out = run([controls, lgg], {
      value: hex(AREA + 0x10_0000n),
      keys: { [LIST]: 0x20 },
      mask: MASK_64 | 0x0010_0000_0000_0000n,
    });
    expect(out.pgm).toMatchObject({ code: 4 });
    expect([out.gr[5], out.storage(LIST, 8)]).toEqual([0x55n, '0000000000000000']);
  });

  test('the handler’s address is one of the mode', () => {
    const out = run([controls, lgg], {
      value: hex(AREA + 0x10_0000n),
      mask: 0x0000_0000_8000_0000n,
      storage: {},
    });
    expect([out.address, out.storage(LIST + 1, 1)]).toEqual([HANDLER & 0x7fff_ffffn, '01']);
  });
});

describe('LLGFSG', () => {
  const load = encode('LLGFSG', { r1: 5, b2: 3 });
  test.each([0n, 1n, 4n])('shifts a word left by %o', (shift) => {
    const out = run([controls, load], { gsd: 0x25n | (1n << 50n) | (shift << 8n), value: '87654321' });
    expect(out.gr[5]).toBe(0x8765_4321n << shift);
  });
  test('guards what comes of that', () => {
    const out = run([controls, load], { gsd: (AREA << 2n) | (3n << 8n) | 25n, value: '40020000' });
    expect([out.address, out.storage(LIST + 2, 1), out.storage(LIST + 32, 8)]).toEqual([
      HANDLER,
      '01',
      hex((AREA << 2n) + 0x10_0000n),
    ]);
  });
});

test('loads of random values by random designations come to the handler when the words of the manual say so', () => {
  const word = randomWords(133);
  const wide = (): bigint => (BigInt(word()) << 32n) | BigInt(word());
  const llgfsg = encode('LLGFSG', { r1: 5, b2: 3 });
  for (let i = 0; i < timesAsked(300); i++) {
    // Mostly a characteristic that is valid, 25 to 56.
    const characteristic = BigInt(word() % 20 === 0 ? word() % 64 : 25 + (word() % 32));
    const shift = BigInt(word() % 5);
    const shifted = word() % 3 === 0;
    const origin = shifted ? BigInt(word() % 8) << 32n : wide() & ~0xfffn;
    const gsd = ((origin >> characteristic) << characteristic) | (shift << 8n) | characteristic;
    const mask = word() % 4 === 0 ? 0n : wide();
    const near = (gsd & ~0xfffn) + (wide() & ((1n << (characteristic + (word() % 4 === 0 ? 1n : 0n))) - 1n));
    const loaded = shifted ? BigInt.asUintN(32, near >> shift) : BigInt.asUintN(64, near);
    const value = shifted ? loaded << shift : loaded;
    const section = Number((value >> (characteristic > 6n ? characteristic - 6n : 0n)) & 63n);
    const isValid = characteristic >= 25n && characteristic <= 56n;
    const isGuarded = (mask >> BigInt(63 - section)) % 2n === 1n;
    const guards = isValid && isGuarded && value >> characteristic === gsd >> characteristic;
    const block = [0n, gsd, mask, BigInt(LIST)].map(hex).join('');
    const text = shifted ? hex(loaded).slice(8) : hex(loaded);
    const out = run([controls, shifted ? llgfsg : lgg], { storage: { 0x2000: block }, value: text });
    const told = `${i}: ${hex(gsd)} ${hex(mask)} ${hex(value)} ${shifted}`;
    expect([told, out.gr[5], out.address]).toEqual([told, guards ? 0x55n : value, guards ? HANDLER : CODE + 12n]);
    if (guards) expect(out.storage(LIST + 32, 8)).toBe(hex(value));
  }
});
