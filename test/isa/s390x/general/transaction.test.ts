import { describe, expect, test } from 'vitest';
import { ecb } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, type Setup } from '../../../support/s390x/isa.ts';

const bench = new Bench();
/** Transactional-execution control. */
const TXC = 0x0080_0000n << 32n;
const KEPT = 0xff00;
const NOP = encode('BCR', { m1: 0, r2: 0 });

function run(code: readonly Uint8Array[], setup: Partial<Setup> = {}) {
  for (const vcpu of bench.complex.vcpus) bench.core.transactions.drop(vcpu);
  return bench.run({ code, cr: { 0: TXC }, controls: { ecb: ecb.te }, cc: 3, ...setup });
}

describe.each(['TBEGIN', 'TBEGINC', 'TEND', 'ETND'])('%s', (mnemonic) => {
  const text = encode(mnemonic);
  test('is no instruction without the control of the hypervisor', () => {
    expect(run([text], { controls: { ecb: 0 } }).pgm).toMatchObject({ code: 1 });
  });
  test('is a special operation without the control of the operating system', () => {
    expect(run([text], { cr: {} }).pgm).toMatchObject({ code: 0x13, ilc: text.length });
  });
});

describe('TBEGIN', () => {
  test('sets condition code 0 and begins a level', () => {
    const out = run([encode('TBEGIN', { i2: KEPT }), encode('TBEGIN'), encode('ETND', { r1: 5 })], { gr: { 5: -1n } });
    expect([out.cc, out.gr[5]]).toEqual([0, 0xffff_ffff_0000_0002n]);
  });
  test.each([
    ['filtering control 3', { i2: 3 }, 6],
    ['a TDB that is not on a doubleword', { b1: 2, d1: 4 }, 6],
    ['a TDB that is not there', { b1: 3 }, 5],
  ])('%s', (_, operands, code) => {
    const out = run([encode('TBEGIN', operands)], { gr: { 2: 0x2000n, 3: 0x4000_0000n } });
    expect(out.pgm).toMatchObject({ code, ilc: 6 });
    expect(bench.core.transactions.of(out.vcpu)).toBeUndefined();
  });
  test('takes base register 0 for no TDB at all', () => {
    expect(run([encode('TBEGIN', { b1: 0, d1: 4 })]).pgm).toBeUndefined();
  });
  test('the sixteenth level aborts: condition code 3 behind the first', () => {
    const begin = encode('TBEGIN', { b1: 2, i2: 0x8000 });
    const change = encode('LHI', { r1: 1, i2: 7 });
    const out = run([begin, change, ...Array.from({ length: 14 }, () => begin), begin], { gr: { 2: 0x2000n } });
    expect([out.cc, out.address, out.gr[1]]).toEqual([3, CODE + 6n, 0n]);
    expect(out.storage(0x2000, 16)).toBe('010000000000000f000000000000000d');
    expect(out.storage(0x2088, 8)).toBe('0000000000000007');
  });
});

describe('TBEGINC', () => {
  test('sets condition code 0', () => {
    expect(run([encode('TBEGINC', { i2: KEPT })]).cc).toBe(0);
  });
  test('a base register is a specification exception, a displacement is not', () => {
    expect(run([encode('TBEGINC', { b1: 2 })]).pgm).toMatchObject({ code: 6 });
    expect(run([encode('TBEGINC', { d1: 5 })]).pgm).toBeUndefined();
  });
  test('inside of another one, as TBEGIN, is a constraint; inside of TBEGIN it is a level without floating point', () => {
    expect(run([encode('TBEGINC'), encode('TBEGINC')]).pgm).toMatchObject({ code: 0x18 });
    expect(run([encode('TBEGINC'), encode('TBEGIN')]).pgm).toMatchObject({ code: 0x18 });
    const out = run([encode('TBEGIN', { i2: 0x000e }), encode('TBEGINC', { i2: 0x000c })]);
    const levels = bench.core.transactions.of(out.vcpu)?.levels;
    expect(levels?.[1]).toEqual({ accessRegisters: true, floatingPoint: false, filtering: 2 });
  });
});

describe('TEND', () => {
  test('condition code 2 outside of transactions, 0 at the end of a level', () => {
    expect(run([encode('TEND')]).cc).toBe(2);
    const out = run([encode('TBEGIN'), encode('TBEGIN'), encode('TEND'), encode('ETND', { r1: 5 })]);
    expect([out.cc, out.gr[5]]).toEqual([0, 1n]);
    const whole = run([encode('TBEGIN'), encode('TEND'), encode('ETND', { r1: 5 })], { gr: { 5: 9n } });
    expect([whole.cc, whole.gr[5]]).toEqual([0, 0n]);
  });
});

describe('TABORT', () => {
  test('outside of transactions is a special operation, below 256 a specification exception', () => {
    expect(run([encode('TABORT', { d2: 256 })]).pgm).toMatchObject({ code: 0x13, ilc: 4 });
    expect(run([encode('TABORT', { d2: 255 })]).pgm).toMatchObject({ code: 6, ilc: 4 });
  });
  test.each([
    [256, 2],
    [257, 3],
  ])('code %i: condition code %i, pairs restored, stores taken back', (code, cc) => {
    const out = run(
      [
        encode('TBEGIN', { b1: 2, i2: 0x4000 }),
        encode('STG', { r1: 2, b2: 2, d2: 0x400 }),
        encode('LHI', { r1: 2, i2: 1 }),
        encode('LHI', { r1: 4, i2: 1 }),
        encode('TABORT', { d2: code }),
      ],
      { gr: { 2: 0x2000n, 4: 0x55n } },
    );
    expect([out.cc, out.address, out.gr[2], out.gr[4]]).toEqual([cc, CODE + 6n, 0x2000n, 1n]);
    expect(out.storage(0x2400, 8)).toBe('0000000000000000');
    expect(out.storage(0x2000, 24)).toBe(`0100000000000001${code.toString(16).padStart(16, '0')}00000000${'00000000'}`);
    expect(out.storage(0x2018, 8)).toBe((CODE + 20n).toString(16).padStart(16, '0'));
    expect(out.storage(0x2080 + 16, 8)).toBe('0000000000000001');
  });
});

describe('NTSTG', () => {
  test('stores a doubleword that an abort leaves; its neighbours go', () => {
    const out = run(
      [
        encode('TBEGIN'),
        encode('STG', { r1: 3, b2: 2, d2: 8 }),
        encode('NTSTG', { r1: 3, b2: 2, d2: 16 }),
        encode('TABORT', { d2: 256 }),
      ],
      { gr: { 2: 0x2000n, 3: 0x0102_0304_0506_0708n } },
    );
    expect(out.storage(0x2008, 24)).toBe(`${'0'.repeat(16)}0102030405060708${'0'.repeat(16)}`);
  });
  test('stores outside of transactions, and wants a doubleword', () => {
    const setup = { gr: { 2: 0x2000n, 3: 7n } };
    expect(run([encode('NTSTG', { r1: 3, b2: 2 })], setup).storage(0x2000, 8)).toBe('0000000000000007');
    expect(run([encode('NTSTG', { r1: 3, b2: 2, d2: 4 })], setup).pgm).toMatchObject({ code: 6 });
  });
});

test.each(['TBEGIN', 'TBEGINC', 'TEND', 'TABORT'])('%s must not be the target of EXECUTE', (mnemonic) => {
  const target = encode(mnemonic, mnemonic === 'TABORT' ? { d2: 256 } : {});
  const out = run([encode('EXRL', { r1: 0, ri2: 8 }), NOP, target], { steps: 1 });
  expect(out.pgm).toMatchObject({ code: 3, ilc: 6 });
});
