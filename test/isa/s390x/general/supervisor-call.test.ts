import { describe, expect, test } from 'vitest';
import { cpuModel } from '../../../../src/arch/s390x/cpu/model.ts';
import { slots } from '../../../../src/arch/s390x/cpu/state-layout.ts';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';

const bench = new Bench();

describe('SVC', () => {
  /** The new PSW, and what there is of the old one and the parameters afterwards. */
  const FRESH = '000000018000000000000000002000f0';
  const NEW_PSW = 0x1c0;
  const parameters = (out: ReturnType<typeof bench.run>): string[] => [out.storage(0x88, 4), out.storage(0x140, 16)];

  test('its number, its length, the PSW past it; the run goes on at the new PSW', () => {
    const out = bench.run({
      code: [encode('SVC', { i: 0xc8 })],
      cc: 2,
      programMask: 5,
      storage: { [NEW_PSW]: FRESH, 0x2000f0: encode('LHI', { r1: 7, i2: 77 }) },
      steps: 2,
    });
    expect([out.cause, ...parameters(out)]).toEqual([undefined, '000200c8', '00002501800000000000000000010002']);
    expect([out.address, out.cc, out.gr[7]]).toEqual([0x2000f4n, 0, 77n]);
  });
  test('of a program in 31-bit mode, at a prefix', () => {
    const out = bench.run({
      code: [encode('SVC', { i: 1 })],
      mask: 0x8000_0000n,
      prefix: 0x6000,
      storage: { [0x6000 + NEW_PSW]: FRESH },
    });
    expect([out.storage(0x6088, 4), out.storage(0x6140, 16), out.address]).toEqual([
      '00020001',
      '00000000800000000000000000010002',
      0x2000f0n,
    ]);
  });
  test('as target of EXECUTE has the number modified and the length of EXECUTE', () => {
    const ex = encode('EX', { r1: 2, b2: 1 });
    const out = bench.run({
      code: [ex],
      gr: { 1: 0x20000n, 2: 0x41n },
      storage: { [NEW_PSW]: FRESH, 131072: encode('SVC', { i: 1 }) },
    });
    expect(parameters(out)).toEqual(['00040041', '00000001800000000000000000010004']);
  });
  test('leaves with its number when the new PSW is not valid, nothing stored', () => {
    const out = bench.run({ code: [encode('SVC', { i: 0xc8 })], cc: 2, storage: { [NEW_PSW]: '80' } });
    expect(out.cause).toEqual({ kind: 'svc', number: 0xc8, ilc: 2 });
    expect([out.address, out.cc, ...parameters(out)]).toEqual([CODE + 2n, 2, '00000000', '0'.repeat(32)]);
  });
  test.each([
    [0x8000_0000, true],
    [0x4005_0000, true],
    [0x4006_0000, false],
    [0x2000_0500, true],
    [0x2005_0000, false],
    [0x1000_0005, true],
    [0x0005_0505, false],
  ])('interception control %i', (svcc, wanted) => {
    const out = bench.run({ code: [encode('SVC', { i: 5 })], controls: { svcc }, storage: { [NEW_PSW]: FRESH } });
    expect(out.cause).toEqual(wanted ? { kind: 'intercept', code: 4 } : undefined);
    expect(out.address).toBe(wanted ? CODE + 2n : 0x2000f0n);
  });
});

describe('MC', () => {
  const mc = (i2: number, cr8: bigint, mask = MASK_64) =>
    bench.run({
      code: [encode('MC', { b1: 3, d1: 0x123, i2 })],
      gr: { 3: 0xffff_0000_8000_1000n },
      cr: { 8: cr8 },
      cc: 2,
      mask,
    });

  test.each([
    [0, 0x8000n],
    [15, 0x0001n],
    [6, 0x0200n],
  ])('class %i is enabled by its own bit of CR 8 alone', (monitorClass, bit) => {
    const out = mc(monitorClass, bit);
    expect(out.pgm).toMatchObject({
      code: 0x40,
      ilc: 4,
      monitorClass,
      monitorCode: 0xffff_0000_8000_1123n,
      nullified: false,
    });
    expect(out.address).toBe(CODE + 4n);
    const off = mc(monitorClass, ~bit);
    expect([off.pgm, off.address, off.cc]).toEqual([undefined, CODE + 4n, 2]);
  });
  test('a class above 15 is a specification exception whatever CR 8 says', () => {
    expect([mc(16, 0n).pgm?.code, mc(0x80, ~0n).pgm?.code]).toEqual([6, 6]);
  });
  test('the code is an address of the addressing mode', () => {
    expect(mc(1, ~0n, 0x8000_0000n).pgm?.monitorCode).toBe(0x0000_1123n);
    expect(mc(1, ~0n, 0n).pgm?.monitorCode).toBe(0x0000_1123n);
  });
});

describe('STORE CLOCK', () => {
  const clock = (mnemonic: string, steps = 1) => {
    const code = Array.from({ length: steps }, (_, i) => encode(mnemonic, { b2: 3, d2: 16 * i }));
    return bench.run({ code, gr: { 3: 0x2000n }, cc: 3 });
  };

  test.each(['STCK', 'STCKF'])('%s stores the TOD clock, condition code 0, and it moves', (mnemonic) => {
    const out = clock(mnemonic, 3);
    const values = [0, 1, 2].map((i) => BigInt(`0x${out.storage(0x2000 + 16 * i, 8)}`));
    expect(out.cc).toBe(0);
    expect(values[2]).toBe(bench.core.clock.tod(out.vcpu));
    expect(values[0]).toBeLessThan(values[1] ?? 0n);
    expect(values[1]).toBeLessThan(values[2] ?? 0n);
  });
  test('STCKE: eight zeros, the clock, something that is not zero, the programmable field', () => {
    const vcpu = bench.complex.vcpus[0];
    vcpu?.view.setUint32(vcpu.base + 0x438, 0xabcd, true);
    const out = clock('STCKE');
    const tod = bench.core.clock.tod(out.vcpu).toString(16).padStart(16, '0');
    expect(out.storage(0x2000, 16)).toBe(`00${tod}0000000001abcd`);
    expect(out.cc).toBe(0);
    vcpu?.view.setUint32(vcpu.base + 0x438, 0, true);
  });
  test('STCKE: the epoch index stands in front, with the facility and the control alone', () => {
    const stored = (machine: Bench, controls = {}): string => {
      const [vcpu] = machine.complex.vcpus;
      if (vcpu === undefined) throw new Error('no vCPU');
      vcpu.setNum(slots.epochIndex, 0xa5);
      const out = machine.run({ code: [encode('STCKE', { b2: 3 })], gr: { 3: 0x2000n }, controls });
      const index = out.storage(0x2000, 1);
      vcpu.setNum(slots.epochIndex, 0);
      return index;
    };
    const z13 = cpuModel('z13');
    if (!z13.ok) throw new Error(z13.error);
    expect(stored(bench)).toBe('a5');
    expect(stored(bench, { multipleEpoch: false })).toBe('00');
    expect(stored(new Bench(undefined, z13.value.facilities))).toBe('00');
  });
  test.each(['STCK', 'STCKF', 'STCKE'])('%s: the epoch counts', (mnemonic) => {
    const vcpu = bench.complex.vcpus[0];
    if (vcpu === undefined) throw new Error('no vCPU');
    vcpu.view.setBigUint64(vcpu.base + 0x448, 1n << 60n, true);
    const out = clock(mnemonic);
    const shown = BigInt(`0x${out.storage(0x2000 + (mnemonic === 'STCKE' ? 1 : 0), 8)}`);
    expect(shown - bench.core.clock.hostTod(out.vcpu)).toBe(1n << 60n);
    vcpu.view.setBigUint64(vcpu.base + 0x448, 0n, true);
  });
  test.each(['STCK', 'STCKF', 'STCKE'])('%s is intercepted before its operand is looked at', (mnemonic) => {
    const out = bench.run({
      code: [encode(mnemonic, { b2: 3 })],
      gr: { 3: 0x1000_0000n },
      cc: 3,
      controls: { ictl: 0x8000 },
    });
    expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
    expect([out.address, out.cc]).toEqual([CODE + 4n, 3]);
  });
  test.each(['STCK', 'STCKF', 'STCKE'])('%s outside storage changes nothing', (mnemonic) => {
    const out = bench.run({ code: [encode(mnemonic, { b2: 3 })], gr: { 3: 0x1000_0000n }, cc: 3 });
    expect([out.pgm?.code, out.cc]).toEqual([5, 3]);
  });
  test('STCKE across the end of storage stores nothing', () => {
    const end = 4 << 20;
    const out = bench.run({ code: [encode('STCKE', { b2: 3 })], gr: { 3: BigInt(end - 8) }, cc: 3 });
    expect([out.pgm?.code, out.storage(end - 8, 8), out.cc]).toEqual([5, '0000000000000000', 3]);
  });
});

describe('ECTG', () => {
  const code = [encode('ECTG', { b1: 2, d1: 8, b2: 2, d2: 16, r3: 3 })];
  const storage = { 8200: '0000100000000000', 8208: '1111111122222222', 12288: '3333333344444444' };

  test('GR 0 is the first operand less the CPU timer, GR 1 the second, R3 what it points to', () => {
    const vcpu = bench.complex.vcpus[0];
    if (vcpu === undefined) throw new Error('no vCPU');
    bench.core.clock.setCpuTimer(vcpu, 0x5000n);
    const out = bench.run({ code, gr: { 2: 0x2000n, 3: 0x3000n }, cc: 3, storage });
    expect(out.gr[0]).toBe(0x1000_0000_0000n - bench.core.clock.cpuTimer(out.vcpu));
    expect([out.gr[1], out.gr[3], out.cc]).toEqual([0x1111_1111_2222_2222n, 0x3333_3333_4444_4444n, 3]);
  });
  test('R3 may be one of the registers that change', () => {
    const out = bench.run({
      code: [encode('ECTG', { b1: 2, d1: 8, b2: 2, d2: 16, r3: 1 })],
      gr: { 1: 0x3000n, 2: 0x2000n },
      storage,
    });
    expect(out.gr[1]).toBe(0x3333_3333_4444_4444n);
  });
  test('a third operand outside storage changes nothing', () => {
    const out = bench.run({ code, gr: { 0: 7n, 1: 8n, 2: 0x2000n, 3: 0x1000_0000n }, storage });
    expect([out.pgm?.code, out.gr[0], out.gr[1], out.gr[3]]).toEqual([5, 7n, 8n, 0x1000_0000n]);
  });
  test('is intercepted with the CPU timer', () => {
    const out = bench.run({ code, gr: { 0: 7n, 2: 0x2000n, 3: 0x3000n }, storage, controls: { ictl: 0x40 } });
    expect([out.cause, out.gr[0]]).toEqual([{ kind: 'intercept', code: 4 }, 7n]);
  });
});
