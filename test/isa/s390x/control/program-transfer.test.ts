import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Outcome, type Setup } from '../../../support/s390x/isa.ts';
import { ACCESS_REGISTER, DAT, doublewords, HOME, PROBLEM, SECONDARY } from '../../../support/s390x/tables.ts';
import { asceOf, at, controls, type Space, spaces } from './address-spaces.ts';

const bench = new Bench();
const MASK_31 = 0x8000_0000n;
const REUSE = 0x8_0000n;
type Given = Partial<Setup> & { readonly space?: Space };
const three: Space = { asce: asceOf(0x80), index: 5, instance: 9 };
const tables = (space: Space): Record<number, string> =>
  spaces({ 1: { asce: asceOf(0x100) }, 2: { asce: asceOf(0x180) }, 3: space });

describe.each(['PT', 'PTI'])('%s', (mnemonic) => {
  const instance = mnemonic === 'PTI' ? 9n << 32n : 0x7777_7777_0000_0000n;
  const run = (first: bigint, second: bigint, { space = three, cr, ...rest }: Given = {}): Outcome =>
    bench.run({
      code: [encode(mnemonic, { r1: 3, r2: 14 })],
      gr: { 3: first, 14: second },
      mask: MASK_64 | DAT,
      storage: tables(space),
      ...rest,
      cr: { ...controls, ...cr },
    });
  const pti = mnemonic === 'PTI';

  test('to the current primary space', () => {
    const out = run(0x7000_0001n, 0x1_0000_2001n);
    expect([out.pgm, out.address, out.vcpu.problemState]).toEqual([undefined, 0x1_0000_2000n, true]);
    const high = pti ? 0x2222_2222_0000_0000n : 0x1111_1111_0000_0000n;
    expect([out.vcpu.cr(3), out.vcpu.cr(7), out.vcpu.cr(4)]).toEqual([high | 0x4000_0001n, asceOf(0x100), controls[4]]);
  });
  test('with a space switch: both spaces are the new one', () => {
    const out = run(instance | 0xffff_0003n, 0x2000n);
    expect([out.pgm, out.address, out.vcpu.problemState]).toEqual([undefined, 0x2000n, false]);
    expect([out.vcpu.cr(1), out.vcpu.cr(7)]).toEqual([asceOf(0x80), asceOf(0x80)]);
    expect([out.vcpu.cr(3), out.vcpu.cr(4)]).toEqual(
      pti ? [0x9_4000_0003n, 0x9_0005_0003n] : [0x1111_1111_4000_0003n, 0x2222_2222_0005_0003n],
    );
    expect(out.vcpu.cr(5) & 0xffff_ffffn).toBe(BigInt(at.second + 3 * 64));
  });
  test('changes between 24-bit and 31-bit mode', () => {
    const out = run(1n, 0x8000_2000n, { mask: DAT });
    expect([out.address, out.vcpu.pswMask & 0x1_8000_0000n]).toEqual([0x2000n, MASK_31]);
    expect(run(1n, 0x2000n, { mask: DAT | MASK_31 }).vcpu.pswMask & 0x1_8000_0000n).toBe(0n);
  });
  test('tells of a space switch behind it', () => {
    const out = run(instance | 3n, 0x2000n, { space: { ...three, asce: asceOf(0x40) } });
    expect([out.pgm, out.address]).toMatchObject([{ code: 0x1c, teid: 1n, ilc: 4 }, 0x2000n]);
  });
  test.each<readonly [string, number, bigint, bigint, Given]>([
    ['DAT off', 0x13, 1n, 0x2000n, { mask: MASK_64 }],
    ['access registers', 0x13, 1n, 0x2000n, { mask: MASK_64 | DAT | ACCESS_REGISTER }],
    ['the secondary space', 0x13, 1n, 0x2000n, { mask: MASK_64 | DAT | SECONDARY }],
    ['the home space', 0x13, 1n, 0x2000n, { mask: MASK_64 | DAT | HOME }],
    ['no linkage', 0x13, 1n, 0x2000n, { storage: { ...tables(three), [at.second + 64 + 24]: '00000000' } }],
    ['the way to the supervisor state', 2, 1n, 0x2000n, { mask: MASK_64 | DAT | PROBLEM }],
    ['an address that is none in 24-bit mode', 6, 1n, 0x100_2000n, { mask: DAT }],
    ['no translation of numbers', 0x13, 3n, 0x2000n, { cr: { 14: 0n } }],
    ['an invalid AFX', 0x20, 0x40n, 0x2000n, {}],
    ['an invalid ASX', 0x21, 4n, 0x2000n, {}],
    ['no authority', 0x24, 3n, 0x2000n, { space: { ...three, allows: { 3: 1 } } }],
  ])('%s: code %i', (_, code, asn, target, given) => {
    const out = run(instance | asn, target, given);
    expect([out.pgm?.code, out.vcpu.cr(1), out.vcpu.cr(3), out.vcpu.cr(4)]).toEqual([
      code,
      controls[1],
      controls[3],
      controls[4],
    ]);
    if (code >= 0x20) expect([out.pgm?.teid, out.address]).toEqual([asn, CODE]);
  });
  test('an authorization index past the table has no authority', () => {
    expect(run(instance | 3n, 0x2000n, { cr: { 4: 0x2222_2222_0010_0001n } }).pgm).toMatchObject({ code: 0x24 });
  });
  test(pti ? 'another instance' : 'a reusable number, with reuse', () => {
    if (pti) {
      const out = run((8n << 32n) | 3n, 0x2000n);
      expect(out.pgm).toMatchObject({ code: 0x2f, exceptionAccessId: 0x20, nullified: true });
      const problem = { mask: MASK_64 | DAT | PROBLEM, space: { ...three, controlled: true } };
      expect(run(instance | 3n, 0x2001n, problem).pgm?.code).toBe(0x13);
      expect(run(instance | 3n, 0x2001n, { space: { ...three, controlled: true } }).pgm).toBeUndefined();
      return;
    }
    const space = { ...three, reusable: true };
    expect(run(3n, 0x2000n, { space, cr: { 0: (controls[0] as bigint) | REUSE } }).pgm?.code).toBe(0x13);
    expect(run(3n, 0x2000n, { space }).pgm).toBeUndefined();
  });
});

describe('LASP', () => {
  const run = (
    operand: readonly bigint[],
    functions: number,
    given: Given & { readonly two?: Space } = {},
  ): Outcome => {
    const { space = three, two = { asce: asceOf(0x180), instance: 8 }, cr, ...rest } = given;
    return bench.run({
      code: [encode('LASP', { b1: 1, d2: functions })],
      gr: { 1: 0x2000n },
      mask: MASK_64 | DAT,
      storage: {
        ...spaces({ 1: { asce: asceOf(0x100), index: 6 }, 2: two, 3: space }),
        0x2000: doublewords(...operand),
      },
      cc: 3,
      ...rest,
      cr: { ...controls, ...cr },
    });
  };
  const operand = (keyMask: number, secondary: number, index: number, primary: number): readonly bigint[] => [
    (BigInt(keyMask) << 48n) | (BigInt(secondary) << 32n) | (BigInt(index) << 16n) | BigInt(primary),
  ];
  const seen = (out: Outcome): readonly unknown[] => [out.cc, ...[1, 3, 4, 7].map((n) => out.vcpu.cr(n))];
  const [H3, H4] = [0x1111_1111_0000_0000n, 0x2222_2222_0000_0000n];

  test('loads both spaces, key mask and the index of the new primary space', () => {
    const out = run(operand(0x8123, 2, 0x99, 3), 0);
    expect([out.pgm, ...seen(out)]).toEqual([
      undefined,
      0,
      asceOf(0x80),
      H3 | 0x8123_0002n,
      H4 | 0x5_0003n,
      asceOf(0x180),
    ]);
    expect(out.vcpu.cr(5) & 0xffff_ffffn).toBe(BigInt(at.second + 3 * 64));
  });
  test('takes the index of the operand when it is asked to', () => {
    expect(run(operand(0, 3, 0x99, 3), 2).vcpu.cr(4)).toBe(H4 | 0x99_0003n);
  });
  test('the current primary space is not translated unless it is asked to', () => {
    expect(seen(run(operand(0, 1, 0x99, 1), 0))).toEqual([0, asceOf(0x100), H3 | 1n, H4 | 0x3_0001n, asceOf(0x100)]);
    expect(seen(run(operand(0, 1, 0x99, 1), 4))).toEqual([0, asceOf(0x100), H3 | 1n, H4 | 0x6_0001n, asceOf(0x100)]);
  });
  test('the current secondary space is not translated when no authority is asked for', () => {
    const two = { asce: asceOf(0x180), invalid: true };
    expect(run(operand(0, 2, 0, 1), 1, { two }).cc).toBe(0);
    expect(run(operand(0, 2, 0, 1), 0, { two }).cc).toBe(2);
    expect(run(operand(0, 2, 0, 1), 5, { two }).cc).toBe(2);
  });
  test.each<readonly [string, number, number, number, number, Given & { readonly two?: Space }]>([
    ['no primary space', 1, 2, 4, 0, {}],
    ['no secondary space', 2, 4, 3, 0, {}],
    ['no authority for the secondary space', 2, 2, 3, 0, { two: { asce: 0n, allows: { 5: 2 } } }],
    ['authority is not asked for', 0, 2, 3, 1, { two: { asce: asceOf(0), allows: {} } }],
    ['authority of the index in the operand', 0, 2, 3, 2, { two: { asce: asceOf(0), allows: { 9: 1 } } }],
    ['a space-switch event of the new space', 3, 2, 3, 0, { space: { ...three, asce: asceOf(0x40) } }],
    ['a space-switch event of the current one', 3, 2, 3, 0, { cr: { 1: asceOf(0x140) } }],
  ])('%s: condition code %i', (_, cc, secondary, primary, functions, given) => {
    const out = run(operand(0, secondary, 9, primary), functions, given);
    expect([out.pgm, out.cc]).toEqual([undefined, cc]);
    if (cc !== 0) expect([out.vcpu.cr(3), out.vcpu.cr(4)]).toEqual([controls[3], controls[4]]);
  });
  test('with reuse the operand has instances, which must be the right ones', () => {
    const cr = { 0: (controls[0] as bigint) | REUSE };
    const both = (primary: bigint, secondary: bigint): readonly bigint[] => [
      (secondary << 32n) | 0x8000_0002n,
      (primary << 32n) | 0x99_0003n,
    ];
    expect(seen(run(both(9n, 8n), 0, { cr }))).toEqual([
      0,
      asceOf(0x80),
      0x8_8000_0002n,
      0x9_0005_0003n,
      asceOf(0x180),
    ]);
    expect([run(both(8n, 8n), 0, { cr }).cc, run(both(9n, 9n), 0, { cr }).cc]).toEqual([1, 2]);
  });
  test('is privileged, wants translation and a doubleword', () => {
    expect(run([0n], 0, { mask: MASK_64 | DAT | PROBLEM }).pgm?.code).toBe(2);
    expect(run([0n], 0, { cr: { 14: 0n } }).pgm?.code).toBe(0x13);
    expect(run([0n], 0, { gr: { 1: 0x2004n } }).pgm?.code).toBe(6);
    expect(run([0n], 0, { gr: { 1: 0x40_0000n }, mask: MASK_64 }).pgm?.code).toBe(5);
    expect(run(operand(0, 1, 0, 3), 0, { cr: { 14: 0x8_0400n } }).pgm).toMatchObject({ code: 5 });
  });
});
