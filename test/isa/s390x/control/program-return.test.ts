import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Outcome, type Setup } from '../../../support/s390x/isa.ts';
import { DAT, doublewords } from '../../../support/s390x/tables.ts';
import { asceOf, at, controls, type Space, spaces } from './address-spaces.ts';

const bench = new Bench();
const ENTRY = at.stack + 8;
const REUSE = 0x8_0000n;
const two: Space = { asce: asceOf(0x180), instance: 8 };
const three: Space = { asce: asceOf(0x80), index: 5, instance: 9 };

/** A return to the spaces whose numbers an entry has. */
function run(
  primary: number,
  secondary: number,
  list: Readonly<Record<number, Space>> = {},
  setup: Partial<Setup> = {},
): Outcome {
  const { cr, storage, ...rest } = setup;
  const ids = (BigInt(secondary) << 32n) | BigInt(primary) | 0x8000_0000_0077_0000n;
  return bench.run({
    code: [encode('PR')],
    gr: { 5: 5n },
    mask: MASK_64 | DAT,
    ...rest,
    cr: { ...controls, 15: BigInt(ENTRY + 288), ...cr },
    storage: {
      ...spaces({ 1: { asce: asceOf(0x100), index: 3 }, 2: two, 3: three, ...list }),
      [at.stack]: doublewords((9n << 56n) | (0x400n << 32n) | (296n << 16n)),
      [ENTRY + 128]: doublewords(ids, DAT | MASK_64),
      [ENTRY + 168]: doublewords(0x5000n, 0x8_0000_0009n),
      [ENTRY + 288]: '0d00000000000000',
      ...storage,
    },
  });
}

describe('PR to other spaces', () => {
  test('translates both numbers', () => {
    const out = run(3, 2);
    expect([out.pgm, out.address, out.gr[5]]).toEqual([undefined, 0x5000n, 0n]);
    expect([1, 3, 4, 7, 8].map((n) => out.vcpu.cr(n))).toEqual([
      asceOf(0x80),
      0x1111_1111_8000_0002n,
      0x2222_2222_0005_0003n,
      asceOf(0x180),
      0x77_0000n,
    ]);
    expect(out.vcpu.cr(5)).toBe(0x5555_5555_0000_0000n | BigInt(at.second + 3 * 64));
  });
  test('one space as both is translated once', () => {
    const out = run(3, 3, { 3: { ...three, allows: {} } });
    expect([out.pgm, out.vcpu.cr(1), out.vcpu.cr(7)]).toEqual([undefined, asceOf(0x80), asceOf(0x80)]);
  });
  test('tells of the space that it has left', () => {
    const out = run(3, 3, {}, { cr: { 1: asceOf(0x140) } });
    expect([out.pgm, out.address]).toMatchObject([{ code: 0x1c, teid: 0x8000_0001n, ilc: 2 }, 0x5000n]);
    expect(run(1, 2, {}, { cr: { 1: asceOf(0x140) } }).pgm).toBeUndefined();
  });
  test.each<readonly [string, number, number, number, Readonly<Record<number, Space>>, Partial<Setup>]>([
    ['no translation of the primary number', 0x13, 3, 3, {}, { cr: { 14: 0n } }],
    ['no translation of the secondary number', 0x13, 1, 2, {}, { cr: { 14: 0n } }],
    ['AFX of the primary number', 0x20, 0x40, 0x40, {}, {}],
    ['ASX of the secondary number', 0x21, 1, 9, {}, {}],
    // The index is that of the new primary space.
    ['no authority for the secondary space', 0x25, 3, 2, { 2: { ...two, allows: { 3: 1 } } }, {}],
  ])('%s: code %i, and nothing is changed', (_, code, primary, secondary, list, setup) => {
    const out = run(primary, secondary, list, setup);
    expect([out.pgm?.code, out.gr[5], out.vcpu.cr(15), out.vcpu.cr(3)]).toEqual([
      code,
      5n,
      BigInt(ENTRY + 288),
      controls[3],
    ]);
    expect(out.storage(at.stack + 4, 2)).toBe('0128');
    if (code >= 0x20) expect(out.address).toBe(CODE);
  });
  test('with reuse the entry has instances', () => {
    const cr = { 0: controls[0] | REUSE };
    const out = run(3, 2, {}, { cr });
    expect([out.pgm, out.vcpu.cr(3), out.vcpu.cr(4)]).toEqual([undefined, 0x8_8000_0002n, 0x9_0005_0003n]);
    expect(run(3, 2, { 3: { ...three, instance: 8 } }, { cr }).pgm).toMatchObject({
      code: 0x2f,
      exceptionAccessId: 0x20,
    });
    expect(run(3, 2, { 2: { ...two, instance: 9 } }, { cr }).pgm).toMatchObject({
      code: 0x2f,
      exceptionAccessId: 0x10,
    });
  });
});
