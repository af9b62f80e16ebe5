import { describe, expect, test } from 'vitest';
import { slots } from '../../../../src/arch/s390x/cpu/state-layout.ts';
import { Bench, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';
import { DAT, doublewords, EDAT, identity, PROBLEM, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';
import { asceOf, at, controls, type Space, spaces } from './address-spaces.ts';

const bench = new Bench();
const ASN_TRANSLATION = 0x8_0000n;
const REUSE = 0x8_0000n;

describe.each(['SSAR', 'SSAIR'])('%s', (mnemonic) => {
  const run = (asn: bigint, setup: Partial<Setup> = {}) =>
    bench.run({
      code: [encode(mnemonic, { r1: 3 })],
      gr: { 3: asn },
      cr: {
        0: EDAT,
        1: BigInt(SEGMENT_TABLE),
        3: 0x1111_1111_2222_3333n,
        4: 0x5555_5555_6666_7777n,
        14: ASN_TRANSLATION,
      },
      mask: MASK_64 | DAT,
      storage: identity(),
      ...setup,
    });

  test('the primary ASN: the secondary space becomes the primary one', () => {
    const out = run(0x5555_5555_0000_7777n);
    expect(out.pgm).toBeUndefined();
    const high = mnemonic === 'SSAIR' ? 0x5555_5555_0000_0000n : 0x1111_1111_0000_0000n;
    expect(out.vcpu.cr(3)).toBe(high | 0x2222_7777n);
    expect(out.vcpu.cr(7)).toBe(BigInt(SEGMENT_TABLE));
  });
  test('with ASN reuse the instance number comes along', () => {
    const cr = { 0: EDAT | REUSE, 1: BigInt(SEGMENT_TABLE), 4: 0x5555_5555_6666_7777n, 14: ASN_TRANSLATION };
    expect(run(0x5555_5555_0000_7777n, { cr }).vcpu.cr(3)).toBe(0x5555_5555_0000_7777n);
  });
  test('needs DAT and the ASN-translation control', () => {
    expect(run(0x5555_5555_0000_7777n, { mask: MASK_64 }).pgm).toMatchObject({ code: 0x13 });
    expect(run(0x5555_5555_0000_7777n, { cr: { 0: EDAT, 1: BigInt(SEGMENT_TABLE) } }).pgm).toMatchObject({
      code: 0x13,
    });
  });
});

describe.each(['SSAR', 'SSAIR'])('%s of another ASN', (mnemonic) => {
  const three: Space = { asce: asceOf(0x80), instance: 9 };
  const withInstance = mnemonic === 'SSAIR';
  const instance = withInstance ? 9n << 32n : 0n;
  const run = (asn: bigint, space = three, { cr, ...rest }: Partial<Setup> = {}) =>
    bench.run({
      code: [encode(mnemonic, { r1: 3 })],
      gr: { 3: instance | asn },
      mask: MASK_64 | DAT,
      storage: spaces({ 3: space }),
      ...rest,
      cr: { ...controls, ...cr },
    });

  test('loads number, ASCE and, if it has to, instance', () => {
    const out = run(3n);
    const high = withInstance ? 9n << 32n : 0x1111_1111_0000_0000n;
    expect([out.pgm, out.vcpu.cr(3), out.vcpu.cr(7)]).toEqual([undefined, high | 0x4000_0003n, asceOf(0x80)]);
    const reuse = run(3n, three, { cr: { 0: controls[0] | REUSE } });
    expect(reuse.vcpu.cr(3)).toBe((9n << 32n) | 0x4000_0003n);
  });
  test('in the space of a subspace group it is the subspace in use', () => {
    const subspace = at.second + 5 * 64;
    const list = { 3: { ...three, asce: asceOf(0x2c0) }, 5: { asce: asceOf(0x300), sequence: 7 } };
    const duct = `${(at.second + 3 * 64).toString(16).padStart(8, '0')}${(0x8000_0000 + subspace).toString(16)}0000000000000007`;
    const given = (text: string): Partial<Setup> => ({ storage: { ...spaces(list), [at.duct]: text } });
    expect(run(3n, three, given(duct)).vcpu.cr(7)).toBe(asceOf(0x3c0));
    expect(run(3n, three, given(duct.replace('80031140', '00031140'))).vcpu.cr(7)).toBe(asceOf(0x2c0));
    expect(run(3n, three, given(duct.replace(/7$/, '8'))).pgm).toMatchObject({ code: 0x2c, exceptionAccessId: 0 });
    const invalid = { ...list, 5: { ...list[5], invalid: true } };
    expect(run(3n, three, { storage: { ...spaces(invalid), [at.duct]: duct } }).pgm?.code).toBe(0x2b);
  });
  test.each<readonly [string, number, bigint, Space]>([
    ['an invalid AFX', 0x20, 0x40n, three],
    ['an invalid ASX', 0x21, 4n, three],
    ['no authority', 0x25, 3n, { ...three, allows: { 3: 2 } }],
  ])('%s: code %i', (_, code, asn, space) => {
    const out = run(asn, space);
    expect([out.pgm, out.vcpu.cr(3), out.vcpu.cr(7)]).toMatchObject([
      { code, teid: asn, nullified: true },
      controls[3],
      controls[7],
    ]);
  });
  test('not every program may have every number', () => {
    if (withInstance) {
      expect(run(3n, { ...three, instance: 8 }).pgm).toMatchObject({ code: 0x2f, exceptionAccessId: 0x10 });
      expect(run(3n, { ...three, controlled: true }, { mask: MASK_64 | DAT | PROBLEM }).pgm?.code).toBe(0x13);
    } else {
      const cr = { 0: controls[0] | REUSE };
      expect(run(3n, { ...three, reusable: true }, { cr }).pgm?.code).toBe(0x13);
      expect(run(3n, { ...three, reusable: true }).pgm).toBeUndefined();
    }
  });
});

describe('TAR', () => {
  // Dispatchable-unit control table, access list with entry 2, ASTE; the authority table has the bits of index 5.
  const DUCT = 0x4000;
  const LIST = 0x4800;
  const ASTE = 0x4c00;
  const AUTHORITY = 0x4d00;
  const storage = {
    [DUCT + 16]: '00004800',
    [LIST + 32]: `010700090000000000004c0000000003`,
    [ASTE]: `${AUTHORITY.toString(16).padStart(8, '0')}00000000${doublewords(0x20_0000n)}0000000000000003`,
    [AUTHORITY]: '0010',
  };
  const run = (alet: number, eax: number, setup: Partial<Setup> = {}) =>
    bench.run({
      code: [encode('TAR', { r1: 4, r2: 5 })],
      ar: { 4: alet },
      gr: { 5: BigInt(eax) << 16n },
      cr: { 2: BigInt(DUCT) },
      storage,
      cc: 2,
      mask: MASK_64 | PROBLEM,
      ...setup,
    }).cc;

  test.each([
    ['ALET 0', 0, 0, 0],
    ['ALET 1', 1, 0, 3],
    ['the index of the entry itself', 0x0007_0002, 9, 1],
    ['an index with authority', 0x0007_0002, 5, 1],
    ['an index without', 0x0007_0002, 4, 3],
    ['an index past the table', 0x0007_0002, 16, 3],
    ['another sequence number', 0x0008_0002, 9, 3],
    ['an entry past the list', 0x0007_0008, 9, 3],
    ['reserved bits', 0x0207_0002, 9, 3],
  ])('%s', (_, alet, eax, cc) => {
    expect(run(alet, eax)).toBe(cc);
  });
  test('the list of the primary space is condition code 2', () => {
    expect(run(0x0107_0002, 9, { cr: { 5: BigInt(DUCT) } })).toBe(2);
  });
  test('access register 0 is no exception here', () => {
    expect(bench.run({ code: [encode('TAR', { r1: 0, r2: 5 })], ar: { 0: 1 } }).cc).toBe(3);
  });
  test('a table that is not there is an addressing exception', () => {
    const out = bench.run({ code: [encode('TAR', { r1: 4, r2: 5 })], ar: { 4: 2 }, cr: { 2: 0x40_0000n } });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
  });
});

describe.each(['TRACE', 'TRACG'])('%s', (mnemonic) => {
  const run = (cr12: bigint, operand: string, address = 0x2000n, mask = MASK_64) =>
    bench.run({
      code: [encode(mnemonic, { r1: 3, r3: 5, b2: 1 })],
      gr: { 1: address },
      cr: { 12: cr12 },
      storage: { 0x2000: operand },
      mask,
    });

  test('does nothing while explicit tracing is off', () => {
    expect(run(-2n, '00000000', 0x40_0000n).cause).toBeUndefined();
  });
  test('does nothing when bit 0 of the operand is one', () => {
    expect(run(1n, '80000000').cause).toBeUndefined();
  });
  test('makes an entry with clock, operand and registers, and passes it', () => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 15, r3: 0, b2: 1 })],
      gr: { 0: 0x1_2345_6789n, 1: 0x2000n, 15: 0xff_ffff_ffffn },
      cr: { 12: BigInt(at.trace) | 0xc000_0000_0000_0003n },
      storage: { 0x2000: '7fffffff' },
    });
    const wide = mnemonic === 'TRACG';
    const tod = out.vcpu.core.clock.tod(out.vcpu).toString(16).padStart(16, '0');
    const bytes = wide
      ? `7180${tod}00017fffffff000000ffffffffff0000000123456789`
      : `7100${tod.slice(4)}7fffffffffffffff23456789`;
    expect([out.pgm, out.storage(at.trace, bytes.length / 2)]).toEqual([undefined, bytes]);
    expect(out.vcpu.cr(12)).toBe((BigInt(at.trace) | 0xc000_0000_0000_0003n) + BigInt(bytes.length / 2));
  });
  test.each<readonly [string, number, bigint, number]>([
    ['does not reach the end of its page', 0x16, BigInt(at.trace) + 0xfe0n, 0],
    ['is not in protected storage', 4, 0x100n, 0x1000_0000],
    ['is in storage that is there', 5, 0x40_0000n, 0],
  ])('an entry that %s: code %i', (_, code, address, cr0) => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 0, r3: 15, b2: 1 })],
      gr: { 1: 0x2000n },
      cr: { 0: BigInt(cr0), 12: address | 1n },
      storage: { 0x2000: '7fffffff' },
    });
    expect([out.pgm?.code, out.vcpu.cr(12), out.pgm?.nullified]).toEqual([code, address | 1n, code === 0x16]);
  });
  test('is privileged, wants a word, and fetches it', () => {
    expect(run(0n, '', 1n, MASK_64 | PROBLEM).pgm).toMatchObject({ code: 2 });
    expect(run(0n, '', 0x2002n).pgm).toMatchObject({ code: 6 });
    expect(run(1n, '', 0x40_0000n).pgm).toMatchObject({ code: 5 });
  });
});

describe('PTFF', () => {
  const run = (function_: bigint, mask = MASK_64 | PROBLEM) =>
    bench.run({ code: [encode('PTFF')], gr: { 0: function_, 1: 0x2000n }, mask, cc: 1 });

  test('tells of the functions that a guest can have, and of no others', () => {
    const out = run(0n);
    expect(out.cc).toBe(0);
    expect(out.storage(0x2000, 16)).toBe(doublewords(0xfc00_0000_0000_0000n, 0n));
  });
  test.each([
    ['TOD offset', 1n, 32],
    ['steering information', 2n, 56],
    ['physical clock', 3n, 8],
    ['TOD offset, user', 5n, 40],
  ])('%s begins with the physical clock', (_, code, length) => {
    const out = run(code);
    expect(out.cc).toBe(0);
    expect(out.storage(0x2000, 8)).toBe(doublewords(out.vcpu.core.clock.hostTod(out.vcpu)));
    expect(out.storage(0x2000 + length, 8)).toBe(doublewords(0n));
  });
  test('UTC information is zeros, 256 bytes of them', () => {
    const out = bench.run({
      code: [encode('PTFF')],
      gr: { 0: 4n, 1: 0x2000n },
      storage: { 0x2000: 'ff'.repeat(257) },
    });
    expect([out.cc, out.storage(0x2000, 257)]).toEqual([0, `${'00'.repeat(256)}ff`]);
  });
  test('the TOD epoch difference is the fourth doubleword, and of the user there is none behind it', () => {
    const [vcpu] = bench.complex.vcpus;
    vcpu?.setBig(slots.epoch, 0x1234n);
    for (const code of [1n, 5n]) expect(run(code).storage(0x2000 + 24, 16)).toBe(doublewords(0x1234n, 0n));
    vcpu?.setBig(slots.epoch, 0n);
  });
  test('an unknown function: condition code 3', () => {
    expect(run(0x3fn).cc).toBe(3);
  });
  test('the control functions are privileged and go to the hypervisor', () => {
    expect(run(0x41n).pgm).toMatchObject({ code: 2, ilc: 2 });
    expect(run(0x41n, MASK_64).cause).toEqual({ kind: 'intercept', code: 4 });
  });
  test('bit 56 of general register 0 must be zero', () => {
    expect(run(0x80n).pgm).toMatchObject({ code: 6 });
  });
  test('a parameter block that cannot be stored', () => {
    const out = bench.run({ code: [encode('PTFF')], gr: { 0: 3n, 1: 0x40_0000n }, cc: 1 });
    expect(out.pgm).toMatchObject({ code: 5 });
    expect(out.cc).toBe(1);
  });
});
