import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Outcome, type Setup } from '../../../support/s390x/isa.ts';
import { DAT, doublewords, PROBLEM } from '../../../support/s390x/tables.ts';
import { asceOf, at, controls, entries, entryBits, spaces } from './address-spaces.ts';

const bench = new Bench();
const MASK_31 = 0x8000_0000n;
const SPACES = 2n;
const MODES = 1n << 62n;
const BRANCHES = 1n << 63n;
const KEY = 5n << 52n;
const word = (value: bigint | number): string => value.toString(16).padStart(8, '0');

/** One instruction with control register 12 as given. */
function run(text: Uint8Array, cr12: bigint, setup: Partial<Setup> = {}): Outcome {
  return bench.run({
    code: [text],
    mask: MASK_64 | DAT,
    ...setup,
    cr: { ...controls, 12: cr12 | BigInt(at.trace), ...setup.cr },
    storage: {
      ...spaces({ 1: { asce: asceOf(0x100) }, 3: { asce: asceOf(0x80) } }),
      ...entries({
        1: { target: 0x2000 },
        2: { target: 0x2000, mode: 31 },
        3: { target: 0x2000, mode: 31, controls: entryBits.stacks, asn: 3 },
      }),
      [at.stack]: doublewords((9n << 56n) | (0x400n << 32n)),
      ...setup.storage,
    },
  });
}
const traced = (out: Outcome): string =>
  out.storage(at.trace, Number(out.vcpu.cr(12) & 0x3fff_ffff_ffff_fffcn) - at.trace);

describe('ASN tracing', () => {
  test.each([
    ['SSAR', '10000003'],
    ['SSAIR', '10010003'],
  ])('%s', (mnemonic, bytes) => {
    expect(traced(run(encode(mnemonic, { r1: 3 }), SPACES, { gr: { 3: 3n } }))).toBe(bytes);
    // One that is not completed makes no entry.
    const failed = run(encode(mnemonic, { r1: 3 }), SPACES, { gr: { 3: 4n } });
    expect([failed.pgm?.code, failed.vcpu.cr(12)]).toEqual([0x21, SPACES | BigInt(at.trace)]);
  });
  test('PC tells its number and where it returns to', () => {
    const pc = encode('PC', { b2: 1 });
    expect(traced(run(pc, SPACES, { gr: { 1: 1n }, mask: MASK_64 | DAT | KEY }))).toBe(
      `22500001${doublewords(CODE + 4n)}`,
    );
    const low = run(pc, SPACES, { gr: { 1: 2n }, mask: MASK_31 | DAT | KEY | PROBLEM });
    expect(traced(low)).toBe(`21500002${word(0x8000_0005n + CODE)}`);
  });
  test('a stacking PC makes one of the mode, too', () => {
    const pc = encode('PC', { b2: 1 });
    const out = run(pc, SPACES | MODES, { gr: { 1: 3n } });
    expect(traced(out)).toBe(`22000003${doublewords(CODE + 4n)}51200000${word(CODE + 4n)}`);
    expect(traced(run(pc, MODES, { gr: { 1: 3n } }))).toBe(`51200000${word(CODE + 4n)}`);
  });
  test('with reuse a long number has a word of its own', () => {
    const storage = {
      [at.second + 64 + 24]: word(0x8000_0001 + at.linkage),
      [at.linkage + 0x100]: word(at.linkageSecond),
      [at.linkageSecond]: `${word(at.entries)}00000000`,
    };
    const cr = { 0: controls[0] | 0x8_0000n };
    const gr = { 1: 0x18_0001n };
    const pc = encode('PC', { b2: 1 });
    expect(traced(run(pc, SPACES, { gr, cr, storage }))).toBe(`220b0000${word(CODE + 4n)}00180001`);
    const entry = { ...storage, ...entries({ 1: { target: 0x2000, mode: 31 } }), ...storage };
    expect(traced(run(pc, SPACES, { gr, cr, storage: entry, mask: MASK_31 | DAT }))).toBe(
      `22080000${word(0x8000_0004n + CODE)}00180001`,
    );
  });
  test.each<readonly [string, string, bigint, bigint]>([
    ['PT', '31500001' + '80002001', MASK_31, 0x8000_2001n],
    ['PT', '31580001' + '00002001', MASK_64, 0x2001n],
    ['PT', '325c0001' + '0000000100002001', MASK_64, 0x1_0000_2001n],
    ['PTI', '31590001' + '00002001', MASK_64, 0x2001n],
  ])('%s: %s', (mnemonic, bytes, mode, target) => {
    const out = run(encode(mnemonic, { r1: 3, r2: 4 }), SPACES, { gr: { 3: 1n, 4: target }, mask: mode | DAT | KEY });
    expect([out.pgm, traced(out)]).toEqual([undefined, bytes]);
  });
  test.each<readonly [string, bigint, bigint, bigint, bigint]>([
    ['32500001' + '80003001' + '80010002', MASK_31, CODE, MASK_31, 0x3000n],
    ['32520001' + '80003001' + '00010002', MASK_64, CODE, MASK_31, 0x3000n],
    ['32580001' + '00003001' + '80010002', MASK_31, CODE, MASK_64, 0x3000n],
    ['325a0001' + '00003001' + '00010002', MASK_64, CODE, MASK_64, 0x3000n],
    ['335c0001' + '0000000200003001' + '80010002', MASK_31, CODE, MASK_64, 0x2_0000_3000n],
    ['335e0001' + '0000000200003001' + '00010002', MASK_64, CODE, MASK_64, 0x2_0000_3000n],
  ])('PR: %s', (bytes, from, _, to, address) => {
    const entry = at.stack + 8;
    const storage = {
      [entry + 128]: doublewords(0x0001_0000_0001n, DAT | PROBLEM | to),
      [entry + 168]: doublewords(address),
      [entry + 288]: '0d00000000000000',
    };
    const out = run(encode('PR'), SPACES | MODES, { storage, cr: { 15: BigInt(entry + 288) }, mask: from | DAT | KEY });
    expect([out.pgm, traced(out), out.address]).toEqual([undefined, bytes, address]);
  });
  test('BSG tells ALET and address', () => {
    const storage = { [at.duct]: word(at.second + 64) };
    const bsg = encode('BSG', { r1: 0, r2: 8 });
    expect(traced(run(bsg, SPACES | BRANCHES, { gr: { 8: 0x2000n }, storage }))).toBe('42000000' + '0000000000002000');
    expect(traced(run(bsg, SPACES, { gr: { 8: 0x8000_2000n }, storage, mask: DAT }))).toBe('41000000' + '80002000');
    expect(traced(run(bsg, BRANCHES, { gr: { 8: 0x2000n }, storage }))).toBe('80002000');
  });
});

describe('branch tracing', () => {
  test('BAKR and BSA', () => {
    const bakr = encode('BAKR', { r1: 0, r2: 8 });
    expect(traced(run(bakr, BRANCHES, { gr: { 8: 0x2000n } }))).toBe('80002000');
    expect(traced(run(encode('BAKR'), BRANCHES))).toBe('');
    expect(traced(run(encode('BSA', { r1: 0, r2: 8 }), BRANCHES, { gr: { 8: 0x2000n } }))).toBe('80002000');
    const back = { [at.duct + 20]: '00000008', [at.duct + 32]: doublewords(0x3000n) };
    expect(traced(run(encode('BSA'), BRANCHES, { storage: back }))).toBe('80003000');
  });
  test('RP tells branches and modes', () => {
    const rp = encode('RP', { b2: 4 });
    const storage = { [Number(CODE) + 4]: '0000000800100010', 0x2008: doublewords(0x8000_3000n) };
    const go = (cr12: bigint): string => traced(run(rp, cr12, { gr: { 4: 0x2000n }, storage }));
    expect([go(BRANCHES), go(MODES), go(MODES | BRANCHES)]).toEqual([
      '80003000',
      `51200000${word(CODE + 4n)}`,
      '51a0000080003000',
    ]);
  });
  test('TRAP', () => {
    const storage = { [at.duct + 44]: '00003001', 0x3000: '0004000000000000000000000000500000000000' + '00006000' };
    expect(traced(run(encode('TRAP2'), BRANCHES, { storage }))).toBe('80006000');
  });
});
