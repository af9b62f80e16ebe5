import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Outcome, type Setup } from '../../../support/s390x/isa.ts';
import { ACCESS_REGISTER, DAT, doublewords, HOME, PROBLEM, SECONDARY } from '../../../support/s390x/tables.ts';
import { asceOf, at, controls, type Entry, entries, entryBits, type Space, spaces } from './address-spaces.ts';

const bench = new Bench();
const MASK_31 = 0x8000_0000n;
const EVENT = 0x40;
const STACK_FREE = 0x09n << 56n;
const withSpace = (bytes: number): bigint => STACK_FREE | (BigInt(bytes) << 32n);
const three: Space = { asce: asceOf(0x80), index: 5, sequence: 0xabcd_1234, instance: 9 };

function call(
  entry: Entry,
  setup: Partial<Setup> & { readonly number?: number; readonly space?: Space } = {},
): Outcome {
  const { number = 1, space = three, cr, storage, ...rest } = setup;
  return bench.run({
    code: [encode('PC', { b2: 1 })],
    gr: { 1: BigInt(number), 3: -1n, 4: -1n, 14: -1n },
    mask: MASK_64 | DAT,
    ...rest,
    cr: { ...controls, ...cr },
    storage: {
      ...spaces({ 1: { asce: asceOf(0x100) }, 3: space }),
      ...entries({ [number & 0xff]: entry }),
      [at.stack]: doublewords(withSpace(0x400)),
      ...storage,
    },
  });
}
const ONES = 0xffff_ffff_ffff_ffffn;
const HIGH_ONES = 0xffff_ffff_0000_0000n;

describe('a basic PC', () => {
  test('to the current primary space: link in registers 3 and 14, parameter in 4', () => {
    const out = call({ target: 0x2000, high: 1, keyMask: 0x8001, parameter: 0x1234_5678_9abc_def0n }, { cc: 2 });
    expect([out.pgm, out.address, out.cc]).toEqual([undefined, 0x1_0000_2000n, 2]);
    expect([out.gr[3], out.gr[4], out.gr[14]]).toEqual([HIGH_ONES | 0x4000_0001n, 0x1234_5678_9abc_def0n, CODE + 4n]);
    expect([out.vcpu.cr(3), out.vcpu.cr(7)]).toEqual([0x1111_1111_c001_0001n, asceOf(0x100)]);
    expect([out.vcpu.cr(1), out.vcpu.cr(4), out.vcpu.cr(5)]).toEqual([controls[1], controls[4], controls[5]]);
  });
  test('in 31-bit mode from the problem state, to 24-bit mode and the supervisor state', () => {
    const entry = { target: 0x2000, mode: 24, callers: 0x4000, parameter: 0x1_0000_0002n } as const;
    const out = call(entry, { mask: MASK_31 | DAT | PROBLEM });
    expect([out.pgm, out.address, out.vcpu.pswMask & 0x1_0001_8000_0000n]).toEqual([undefined, 0x2000n, 0n]);
    expect([out.gr[14], out.gr[4]]).toEqual([HIGH_ONES | 0x8001_0005n, HIGH_ONES | 2n]);
    expect(call({ ...entry, mode: 31, problem: true }, { mask: DAT }).vcpu.pswMask & 0x1_0001_8000_0000_0000n).toBe(
      0x0001_0000_0000_0000n,
    );
  });
  test('with a space switch: the caller is the secondary space', () => {
    const out = call({ target: 0x2000, asn: 3 });
    expect([out.pgm, out.vcpu.cr(1), out.vcpu.cr(7)]).toEqual([undefined, asceOf(0x80), asceOf(0x100)]);
    expect([out.vcpu.cr(3), out.vcpu.cr(4)]).toEqual([0x1111_1111_4000_0001n, 0x2222_2222_0005_0003n]);
    expect(out.vcpu.cr(5)).toBe(0x5555_5555_0000_0000n | BigInt(at.second + 3 * 64));
  });
  test.each<readonly [string, number, number]>([
    ['space-switch event of the new space', 0x100, EVENT],
    ['space-switch event of the old one', 0x100 | EVENT, 0],
  ])('%s: behind the instruction', (_, old, more) => {
    const out = call(
      { target: 0x2000, asn: 3 },
      { cr: { 1: asceOf(old) }, space: { ...three, asce: asceOf(0x80 | more) } },
    );
    const teid = (old & EVENT) === 0 ? 1n : 0x8000_0001n;
    expect([out.pgm, out.address]).toMatchObject([{ code: 0x1c, ilc: 4, nullified: false, teid }, 0x2000n]);
  });
});

describe('a stacking PC', () => {
  const { stacks, key, mask, authority, registers, both } = entryBits;
  test('makes an entry with all that PROGRAM RETURN needs', () => {
    const out = call({ target: 0x2000, controls: stacks, asn: 3 }, { cc: 1, programMask: 6 });
    const entry = at.stack + 8;
    expect([out.pgm, out.address, out.vcpu.cr(15)]).toEqual([undefined, 0x2000n, BigInt(entry + 288)]);
    expect(out.storage(entry + 24, 8)).toBe('ffffffffffffffff');
    expect(out.storage(entry + 128, 8)).toBe('4000000200070001');
    expect(out.storage(entry + 136, 8)).toBe(doublewords(DAT | MASK_64 | (1n << 44n) | (6n << 40n)));
    expect(out.storage(entry + 144, 8)).toBe('0003123480000001');
    expect(out.storage(entry + 168, 8)).toBe(doublewords(CODE + 4n));
    expect(out.storage(entry + 288, 8)).toBe('0d0002d800000000');
    expect([out.gr[3], out.gr[14]]).toEqual([ONES, ONES]);
    expect([out.vcpu.cr(3), out.vcpu.cr(7), out.vcpu.cr(1)]).toEqual([
      0x1111_1111_4000_0001n,
      asceOf(0x100),
      asceOf(0x80),
    ]);
  });
  test('replaces key, key mask, authority and mode as the entry says', () => {
    const bits = stacks | key | mask | authority | registers | 0x0090_0000 | 0xbeef;
    const out = call({ target: 0x2000, controls: bits, keyMask: 0x0101 }, { mask: MASK_64 | DAT | ACCESS_REGISTER });
    expect([out.vcpu.accessKey, out.vcpu.cr(3), out.vcpu.cr(8), out.vcpu.addressSpace]).toEqual([
      9,
      0x1111_1111_0101_0001n,
      0xbeef_0000n,
      1,
    ]);
    const plain = call(
      { target: 0x2000, controls: stacks, keyMask: 0x0101 },
      { mask: MASK_64 | DAT | ACCESS_REGISTER },
    );
    expect([plain.vcpu.accessKey, plain.vcpu.cr(3), plain.vcpu.cr(8), plain.vcpu.addressSpace]).toEqual([
      0,
      0x1111_1111_4101_0001n,
      controls[8],
      0,
    ]);
  });
  test('may switch to and from 64-bit mode, and make the new space the secondary one', () => {
    const wide = call({ target: 0x2000, high: 2, controls: stacks, parameter: 5n }, { mask: MASK_31 | DAT });
    expect([wide.pgm, wide.address, wide.gr[4]]).toEqual([undefined, 0x2_0000_2000n, 5n]);
    const out = call({ target: 0x2000, mode: 31, controls: stacks | both, asn: 3, parameter: 5n });
    expect([out.vcpu.pswMask & 0x1_8000_0000n, out.gr[4]]).toEqual([MASK_31, HIGH_ONES | 5n]);
    expect([out.vcpu.cr(3), out.vcpu.cr(7)]).toEqual([0x1111_1111_4000_0003n, asceOf(0x80)]);
  });
  test('comes back by PROGRAM RETURN to where it was, spaces and all', () => {
    const out = bench.run({
      code: [encode('PC', { b2: 1 })],
      steps: 2,
      gr: { 1: 1n, 5: 7n },
      mask: MASK_64 | DAT | (2n << 44n),
      cr: controls,
      storage: {
        ...spaces({ 1: { asce: asceOf(0x100), index: 3 }, 2: { asce: asceOf(0x180) }, 3: three }),
        ...entries({ 1: { target: 0x2000, asn: 3, controls: stacks | mask, keyMask: 0xffff } }),
        [at.stack]: doublewords(withSpace(0x400)),
        0x2000: encode('PR'),
      },
    });
    expect([out.pgm, out.address, out.gr[5], out.cc]).toEqual([undefined, CODE + 4n, 7n, 2]);
    expect([1, 3, 4, 5, 7, 8, 15].map((n) => out.vcpu.cr(n))).toEqual([
      controls[1],
      controls[3],
      controls[4],
      controls[5],
      controls[7],
      controls[8],
      controls[15],
    ]);
  });
});

describe('PC ends with', () => {
  test.each<readonly [string, number, Entry, Parameters<typeof call>[1]]>([
    ['special operation: DAT off', 0x13, { target: 0x2000 }, { mask: MASK_64 }],
    ['special operation: the secondary space', 0x13, { target: 0x2000 }, { mask: MASK_64 | DAT | SECONDARY }],
    ['special operation: the home space', 0x13, { target: 0x2000 }, { mask: MASK_64 | DAT | HOME }],
    ['special operation: no linkage', 0x13, { target: 0x2000 }, { storage: { [at.second + 64 + 24]: '00033000' } }],
    [
      'special operation: access registers in the basic form',
      0x13,
      { target: 0x2000 },
      { mask: MASK_64 | DAT | ACCESS_REGISTER },
    ],
    ['special operation: another mode in the basic form', 0x13, { target: 0x2000, mode: 31 }, {}],
    ['special operation: numbers are not translated', 0x13, { target: 0x2000, asn: 3 }, { cr: { 14: 0n } }],
    ['LX translation: past the table', 0x22, { target: 0x2000 }, { number: 0x2001 }],
    ['LX translation: an invalid entry', 0x22, { target: 0x2000 }, { number: 0x101 }],
    ['EX translation', 0x23, { target: 0x2000 }, { number: 4 }],
    ['PC translation specification', 0x1f, { target: 0x0100_0000, mode: 24 }, { mask: MASK_31 | DAT }],
    ['privileged operation', 2, { target: 0x2000, callers: 0x3fff }, { mask: MASK_64 | DAT | PROBLEM }],
    ['ASX translation', 0x21, { target: 0x2000, asn: 3 }, { space: { ...three, invalid: true } }],
    ['addressing: the primary entry', 5, { target: 0x2000 }, { cr: { 5: 0x40_0000n } }],
    ['addressing: the linkage table', 5, { target: 0x2000 }, { storage: { [at.second + 64 + 24]: '80400000' } }],
    ['addressing: the entry table', 5, { target: 0x2000 }, { storage: { [at.linkage]: '00400000' } }],
    [
      'stack full',
      0x30,
      { target: 0x2000, controls: entryBits.stacks },
      { storage: { [at.stack]: doublewords(withSpace(0)) } },
    ],
  ])('%s, and nothing is changed', (_, code, entry, setup) => {
    const out = call(entry, setup);
    expect([out.pgm?.code, out.gr[3], out.gr[4], out.gr[14]]).toEqual([code, ONES, ONES, ONES]);
    expect([out.vcpu.cr(3), out.vcpu.cr(7), out.vcpu.cr(15)]).toEqual([controls[3], controls[7], controls[15]]);
    expect(out.address).toBe([0x20, 0x21, 0x22, 0x23, 0x30].includes(code) ? CODE : CODE + 4n);
    if (code === 0x22 || code === 0x23) expect(out.pgm?.teid).toBe(BigInt(setup?.number ?? 1));
    if (code === 0x21) expect(out.pgm?.teid).toBe(3n);
  });
});

describe('with ASN and LX reuse', () => {
  const REUSE = 0x8_0000n;
  const cr = { 0: (controls[0] as bigint) | REUSE };
  const first = (entry: number): string => entry.toString(16).padStart(8, '0');
  // The first table is at 64 entries of the second index; entry 0 leads to a second table whose entry 0 has the entries.
  const tables = (sequence: number, size = 0): Record<number, string> => ({
    [at.second + 64 + 24]: (0x8000_0000 + at.linkage + size).toString(16),
    [at.linkage]: first(at.linkageSecond),
    [at.linkage + 4]: first(0x8000_0000),
    [at.linkage + 0x100]: first(at.linkageSecond),
    [at.linkageSecond]: `${first(at.entries)}${first(sequence)}`,
    [at.linkageSecond + 8]: `${first(0x8000_0000)}${first(0)}`,
  });

  test('a call goes through two tables, and takes instances along', () => {
    const out = call({ target: 0x2000, asn: 3 }, { cr, storage: tables(0) });
    expect([out.pgm, out.address, out.gr[3]]).toEqual([undefined, 0x2000n, 0x2222_2222_4000_0001n]);
    expect([out.vcpu.cr(3), out.vcpu.cr(4)]).toEqual([0x2222_2222_4000_0001n, 0x0000_0009_0005_0003n]);
  });
  test('a long number has more of the first index, and another sequence number is an exception', () => {
    const long = 0x0018_0001;
    const good = { cr, number: long, storage: tables(7, 1), gr: { 1: BigInt(long), 15: 7n << 32n } };
    expect(call({ target: 0x2000 }, good).address).toBe(0x2000n);
    expect(call({ target: 0x2000 }, { ...good, gr: { 1: BigInt(long), 15: 8n << 32n } }).pgm).toMatchObject({
      code: 0x2e,
      nullified: true,
      teid: BigInt(long),
    });
    expect(call({ target: 0x2000 }, { ...good, storage: tables(7, 0) }).pgm).toMatchObject({
      code: 0x26,
      teid: BigInt(long),
    });
  });
  test.each([
    [0x2001, 0x26],
    [0x101, 0x27],
  ])('number %i ends with code %i', (number, code) => {
    expect(call({ target: 0x2000 }, { cr, number, storage: tables(0) }).pgm).toMatchObject({
      code,
      teid: BigInt(number),
    });
  });
  test('the called-space identification has the instance', () => {
    const out = call({ target: 0x2000, controls: entryBits.stacks, asn: 3 }, { cr, storage: tables(0) });
    expect(out.storage(at.stack + 8 + 144, 8)).toBe('0003000980000001');
  });
});
