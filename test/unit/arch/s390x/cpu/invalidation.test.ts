import { describe, expect, test } from 'vitest';
import { CpuComplex } from '../../../../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../../../../src/arch/s390x/cpu/core.ts';
import type { Vcpu } from '../../../../../src/arch/s390x/cpu/vcpu.ts';
import { instructionTable } from '../../../../../src/arch/s390x/isa/table.ts';
import { hexToBytes } from '../../../../../src/bits/hex.ts';
import { buildTestEngine } from '../../../../support/engine.ts';
import { everyFacility } from '../../../../support/s390x/facilities.ts';
import { CODE, encode, MASK_64 } from '../../../../support/s390x/isa.ts';
import { DAT, EDAT, identity, PAGE_TABLE, SEGMENT_TABLE } from '../../../../support/s390x/tables.ts';

const complex = new CpuComplex({ vcpus: 2, storage: 4 << 20, decodePages: 16 });
const core = new S390xCore(complex, instructionTable, { facilities: everyFacility });
const interpreter = buildTestEngine(core, complex.memory, complex.filterAddress);
const PT = BigInt(PAGE_TABLE);

function pair(): readonly [Vcpu, Vcpu] {
  const [first, second] = complex.vcpus;
  if (first === undefined || second === undefined) throw new Error('two vCPUs are wanted');
  return [first, second];
}

function load(address: number, data: Uint8Array | string): void {
  const bytes = typeof data === 'string' ? hexToBytes(data) : data;
  if (bytes === undefined) throw new Error('not hex text');
  complex.storage.write(address, bytes);
  complex.stored(address, bytes.length);
}

/** Executes one instruction; the code of the program interruption that it made. */
function execute(vcpu: Vcpu, text: Uint8Array, gr: Readonly<Record<number, bigint>>, key = 0n): number | undefined {
  load(Number(CODE) + vcpu.id * 0x1000, text);
  vcpu.setCr(0, EDAT);
  vcpu.setCr(1, BigInt(SEGMENT_TABLE));
  vcpu.setPsw({ mask: MASK_64 | DAT | key, address: CODE + BigInt(vcpu.id * 0x1000) });
  for (const [n, value] of Object.entries(gr)) vcpu.setGr(Number(n), value);
  vcpu.unwindCause = undefined;
  vcpu.runUntil(vcpu.icount + 1n);
  interpreter.run(vcpu.base);
  return causeOf(vcpu);
}

function causeOf(vcpu: Vcpu): number | undefined {
  const cause = vcpu.unwindCause;
  return cause?.kind === 'program' ? cause.interruption.code : undefined;
}

function setUp(): void {
  complex.flushTlbs();
  const storage = identity({ 1: PT }, { 5: 0x10_5000n });
  for (const [address, text] of Object.entries(storage)) load(Number(address), text);
}

const lg = (vcpu: Vcpu): number | undefined => execute(vcpu, encode('LG', { r1: 5, b2: 2 }), { 2: 0x10_5008n });
const invalid = 0x10_5400n;

describe('what one vCPU invalidates the other one has forgotten', () => {
  test.each([
    ['IPTE', encode('IPTE', { r1: 3, r2: 2 }), { 2: 0x10_5000n, 3: PT }, 0x11],
    ['IDTE', encode('IDTE', { r1: 3, r2: 2, r3: 4 }), { 2: 0x10_0000n, 3: BigInt(SEGMENT_TABLE) }, 0x10],
    ['CSPG', encode('CSPG', { r1: 6, r2: 2 }), { 2: PT + 41n, 6: 0x10_5000n, 7: invalid }, 0x11],
    ['CRDTE', encode('CRDTE', { r1: 6, r2: 8 }), { 6: 0x10_5000n, 7: invalid, 8: PT, 9: 0x10_5000n }, 0x11],
  ])('%s', (_, text, gr, code) => {
    const [first, second] = pair();
    setUp();
    expect([lg(first), lg(second)]).toEqual([undefined, undefined]);
    expect(execute(first, text, gr)).toBeUndefined();
    expect([lg(first), lg(second)]).toEqual([code, code]);
  });
  test('IDTE by ASCE, after the table was changed', () => {
    const [first, second] = pair();
    setUp();
    expect(lg(second)).toBeUndefined();
    load(PAGE_TABLE + 40, '0000000000105400');
    expect(lg(second)).toBeUndefined();
    expect(
      execute(first, encode('IDTE', { r1: 3, r2: 2, r3: 4 }), { 2: 0x800n, 4: BigInt(SEGMENT_TABLE) }),
    ).toBeUndefined();
    expect(lg(second)).toBe(0x11);
  });
  test('local clearing and PTLB leave the other alone', () => {
    const [first, second] = pair();
    setUp();
    expect([lg(first), lg(second)]).toEqual([undefined, undefined]);
    expect(execute(first, encode('IPTE', { r1: 3, r2: 2, m4: 1 }), { 2: 0x10_5000n, 3: PT })).toBeUndefined();
    expect(execute(first, encode('PTLB'), {})).toBeUndefined();
    expect([lg(first), lg(second)]).toEqual([0x11, undefined]);
  });
});

test('a key that one vCPU sets counts for the other', () => {
  const [first, second] = pair();
  setUp();
  const key3 = 3n << 52n;
  const fetch = (): number | undefined => execute(second, encode('LG', { r1: 5, b2: 2 }), { 2: 0x10_5008n }, key3);
  expect(fetch()).toBeUndefined();
  expect(execute(first, encode('SSKE', { r1: 3, r2: 4 }), { 3: 0x48n, 4: 0x10_5000n })).toBeUndefined();
  expect(fetch()).toBe(4);
  expect(execute(first, encode('SSKE', { r1: 3, r2: 4 }), { 3: 0n, 4: 0x10_5000n })).toBeUndefined();
  expect(fetch()).toBeUndefined();
  // The change bit is recorded afresh, too.
  expect(execute(first, encode('STG', { r1: 5, b2: 2 }), { 2: 0x10_5008n })).toBeUndefined();
  expect(execute(second, encode('SSKE', { r1: 3, r2: 4 }), { 3: 0n, 4: 0x10_5000n })).toBeUndefined();
  expect(execute(first, encode('STG', { r1: 5, b2: 2 }), { 2: 0x10_5008n })).toBeUndefined();
  expect(complex.keys[0x105]).toBe(6);
});
