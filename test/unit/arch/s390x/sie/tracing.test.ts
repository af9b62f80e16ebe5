import { beforeEach, describe, expect, test } from 'vitest';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { CODE, encode, KvmBench, MASK_64, NOP, SPIN } from '../kvm/harness.ts';

const bench = new KvmBench({ vcpus: 1 });
const TRACE = 0x30000;
const BRANCHES = 1n << 63n;
const MODES = 1n << 62n;
const ADDRESS = 0x3fff_ffff_ffff_fffcn;
const MASK_31 = 0x8000_0000n;
const nothing: Readonly<Record<number, bigint>> = {};

beforeEach(() => {
  bench.fresh();
});

/** A program that has run for so many instructions, with control register 12 as given. */
function run(
  program: readonly Uint8Array[],
  { cr12 = BRANCHES, mask = MASK_64, gr = nothing, steps = program.length, at = TRACE, cr9 = 0n } = {},
): KvmVcpu {
  const v = bench.program(program, { mask });
  for (const [r, value] of Object.entries(gr)) v.vcpu.setGr(Number(r), value);
  v.vcpu.setCr(12, cr12 | BigInt(at));
  v.vcpu.setCr(9, cr9);
  v.vcpu.setCr(11, ~0n & 0xffff_ffff_ffff_ffffn);
  v.sync();
  bench.run(v, steps);
  return v;
}
/** What it has left in the trace table. */
const traced = (v: KvmVcpu): string => bench.hex(TRACE, Number(v.vcpu.cr(12) & ADDRESS) - TRACE);

const basr = (r2: number): Uint8Array => encode('BASR', { r1: 5, r2 });
const bassm = (r2: number): Uint8Array => encode('BASSM', { r1: 5, r2 });

describe('branch tracing', () => {
  test('BASR and BALR make an entry of where they go, others and those that do not branch make none', () => {
    bench.put(0x2000, basr(3));
    bench.put(0x3000, SPIN);
    const program = [basr(0), encode('BRAS', { r1: 5, ri2: 4 }), encode('BALR', { r1: 5, r2: 2 }), SPIN];
    expect(traced(run(program, { gr: { 2: 0x2000n, 3: 0x3000n }, steps: 5 }))).toBe('8000200080003000');
  });
  test('a 24-bit address has zeros on the left, and a long one its own format', () => {
    expect(traced(run([basr(2)], { gr: { 2: 0x7f00_2000n }, mask: 0n }))).toBe('00002000');
    expect(traced(run([basr(2)], { gr: { 2: 0x9_0000_2000n } }))).toBe('52c000000000000900002000');
    expect(traced(run([basr(2)], { gr: { 2: 0xf000_2000n } }))).toBe('52c0000000000000f0002000');
  });
  test('BASSM tells the mode that it goes to', () => {
    expect(traced(run([bassm(2)], { gr: { 2: 0x8000_2000n } }))).toBe('80002000');
    expect(traced(run([bassm(2)], { gr: { 2: 0x2001n }, mask: MASK_31 }))).toBe('80002000');
    expect(traced(run([bassm(2)], { gr: { 2: 0x2000n }, mask: MASK_31 }))).toBe('00002000');
  });
  test('the target of an EXECUTE is traced as the EXECUTE makes it, with the address behind that', () => {
    const [EX, EXRL] = [encode('EX', { r1: 6, x2: 0, b2: 7, d2: 0 }), encode('EXRL', { r1: 6, ri2: 0x1000 })];
    bench.put(CODE + 0x1000, basr(0));
    const gr = { 2: 0x2000n, 3: 0x8_0000_2001n, 6: 0x52n, 7: BigInt(CODE + 0x1000) };
    for (const execute of [EX, EXRL]) {
      const v = run([execute], { gr });
      expect([traced(v), v.vcpu.gr(5)]).toEqual(['80002000', BigInt(CODE + execute.length)]);
      // The modifier counts: register 0 is no place to go to, and a target that cannot be is the exception of the EXECUTE.
      expect(traced(run([execute], { gr: { ...gr, 6: 0n } }))).toBe('');
    }
    bench.put(CODE + 0x1000, bassm(3));
    const wide = run([EXRL], { gr: { ...gr, 6: 0n }, mask: MASK_31, cr12: MODES });
    expect(traced(wide)).toBe(`51300000${(0x8000_0006 + CODE).toString(16)}`);
    expect(traced(run([EX], { gr: { ...gr, 7: 1n } }))).toBe('');
  });
  test('an EXECUTE whose entry has no room is nullified itself', () => {
    bench.put(CODE + 0x1000, basr(2));
    const v = run([encode('EXRL', { r1: 0, ri2: 0x1000 })], { gr: { 2: 0x2000n }, at: TRACE + 0xffc, steps: 0 });
    bench.run(v, 1);
    expect([bench.low('programCode'), bench.low('programIlc')]).toEqual([0x16n, 6n]);
    expect(bench.hex(0x158, 8)).toBe(CODE.toString(16).padStart(16, '0'));
  });
  test('an entry that has no room nullifies the branch', () => {
    const v = run([basr(2)], { gr: { 2: 0x2000n }, at: TRACE + 0xffc, steps: 0 });
    bench.run(v, 1);
    expect([bench.taken(v), bench.low('programCode'), bench.low('programIlc')]).toEqual(['program', 0x16n, 2n]);
    expect([bench.hex(0x158, 8), v.vcpu.gr(5)]).toEqual([CODE.toString(16).padStart(16, '0'), 0n]);
  });
  test('one in protected storage suppresses it', () => {
    const v = bench.program([basr(2)]);
    v.vcpu.setGr(2, 0x2000n);
    v.vcpu.setCr(0, v.vcpu.cr(0) | 0x1000_0000n);
    v.vcpu.setCr(12, BRANCHES | 0x100n);
    v.sync();
    bench.run(v, 1);
    expect([bench.low('programCode'), bench.hex(0x158, 8), v.vcpu.gr(5)]).toEqual([
      4n,
      (CODE + 2).toString(16).padStart(16, '0'),
      0n,
    ]);
  });
  test('program events are recorded beside it', () => {
    const v = run([basr(2)], { gr: { 2: 0x2000n }, mask: MASK_64 | (1n << 62n), cr9: 0x8000_0000n, steps: 1 });
    expect([traced(v), bench.low('programCode'), bench.low('perCode')]).toEqual(['80002000', 0x80n, 0x80n]);
  });
});

describe('mode tracing', () => {
  const at = (address: number): string => address.toString(16).padStart(8, '0');
  test('SAM makes an entry when it leaves or enters the 64-bit mode', () => {
    const sam = (bits: number): Uint8Array => encode(`SAM${bits}`);
    const program = [sam(31), sam(24), sam(64), sam(64)];
    expect(traced(run(program, { cr12: MODES }))).toBe(`51200000${at(CODE + 2)}51300000${at(CODE + 6)}`);
    expect(traced(run(program, { cr12: BRANCHES }))).toBe('');
  });
  test('BASSM tells where it goes when branches are traced, too', () => {
    const gr = { 2: 0x2001n, 3: 0x8000_2000n };
    expect(traced(run([bassm(2)], { cr12: MODES, gr, mask: MASK_31 }))).toBe(`51300000${at(0x8000_0000 + CODE + 2)}`);
    expect(traced(run([bassm(2)], { cr12: MODES | BRANCHES, gr, mask: MASK_31 }))).toBe('51b0000000002000');
    expect(traced(run([bassm(3)], { cr12: MODES | BRANCHES, gr }))).toBe('51a0000080002000');
    expect(traced(run([encode('BSM', { r1: 0, r2: 3 })], { cr12: MODES | BRANCHES, gr }))).toBe(
      `51200000${at(CODE + 2)}`,
    );
    expect(traced(run([encode('BSM', { r1: 0, r2: 3 })], { cr12: MODES | BRANCHES, gr, mask: MASK_31 }))).toBe('');
  });
  test('nothing else makes one', () => {
    expect(traced(run([NOP, encode('BCR', { m1: 15, r2: 2 })], { cr12: MODES | BRANCHES, gr: { 2: 0x2000n } }))).toBe(
      '',
    );
  });
});
