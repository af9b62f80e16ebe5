import { beforeEach, describe, expect, test } from 'vitest';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { cpuflags, ecb2, ictl } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { encode, KvmBench, MASK_64 } from './harness.ts';

const bench = new KvmBench();
const PAGE = 0x3_0000n;
const KEY_CONTROLS = ictl.iske | ictl.sske | ictl.rrbe;

beforeEach(() => {
  bench.fresh();
});

const text = {
  ISKE: encode('ISKE', { r1: 1, r2: 2 }),
  SSKE: encode('SSKE', { r1: 1, r2: 2, m3: 0 }),
  RRBE: encode('RRBE', { r1: 1, r2: 2 }),
  PFMF: encode('PFMF', { r1: 1, r2: 2 }),
};

describe('keys are kept from the first instruction on them on', () => {
  test.each([
    ['ISKE', {}, (): bigint => bench.vcpu().vcpu.gr(1) & 0xffn, 6n],
    ['RRBE', {}, (): bigint => BigInt(bench.vcpu().vcpu.cc), 3n],
    ['SSKE', { 1: 0x30n }, (): bigint => BigInt(bench.complex.keys[0x30] ?? 0), 0x30n],
    ['PFMF', { 1: 0x2_0030n }, (): bigint => BigInt(bench.complex.keys[0x30] ?? 0), 0x30n],
  ] as const)('%s: every frame has key 0, referenced and changed; then the instruction is done', (name, gr, result, wanted) => {
    // Its interception is no instruction that was executed.
    bench.one([text[name]], { 2: PAGE, ...gr });
    expect(bench.vm.usesKeys).toBe(true);
    expect(
      bench.vm.vcpus.map(({ block }) => block.has('ictl', KEY_CONTROLS) || !block.has('ecb2', ecb2.pfmfi)),
    ).toEqual([false, false]);
    expect(result()).toBe(wanted);
    expect(bench.complex.keys[0x31]).toBe(6);
  });

  test.each(Object.entries(text))('%s in the problem state turns nothing on', (_, instruction) => {
    bench.one([instruction], { 2: PAGE }, MASK_64 | PSW.problem);
    expect([bench.vm.usesKeys, bench.low('programCode')]).toEqual([false, BigInt(PGM.privilegedOperation)]);
  });

  test('RRBM and IRBM, which go by the same controls', () => {
    bench.one([encode('IRBM', { r1: 1, r2: 2 }), encode('RRBM', { r1: 3, r2: 2 })], { 2: PAGE });
    bench.run(bench.vcpu());
    expect([bench.vm.usesKeys, bench.vcpu().vcpu.gr(1)]).toEqual([true, 0xffff_ffff_ffff_ffffn]);
  });

  test('a keyless subset (5C) ends the same way', () => {
    const v = bench.program([text.ISKE]);
    v.vcpu.setGr(2, PAGE);
    v.block.change('cpuflags', cpuflags.kss);
    bench.run(v, 2);
    expect([v.block.has('cpuflags', cpuflags.kss), v.vcpu.gr(1) & 0xffn]).toEqual([false, 6n]);
  });
});

describe('PFMF before keys are in use', () => {
  const CLEAR = 0x1_0000n;
  test('clearing a frame leaves keys off; prefixing is applied', () => {
    bench.put(0x8000, new Uint8Array(4096).fill(7));
    const v = bench.program([text.PFMF]);
    v.vcpu.setPrefix(gpa(0x8000));
    v.vcpu.setGr(1, CLEAR);
    v.sync();
    bench.put(0x8000 + 0x1d0, bench.bytes(0x1d0, 16));
    bench.run(v);
    expect([bench.vm.usesKeys, bench.hex(0x8000, 4)]).toEqual([false, '00000000']);
  });
  test('a segment: up to its end, whose address is left in R2', () => {
    bench.put(0x1f_f000, new Uint8Array(8192).fill(7));
    const v = bench.one([text.PFMF], { 1: CLEAR | 0x1000n, 2: 0x1f_f123n });
    expect([bench.hex(0x1f_f000, 2), bench.hex(0x20_0000, 2), v.vcpu.gr(2)]).toEqual(['0000', '0707', 0x20_0123n]);
  });
  test.each([
    ['low-address protection', { 1: CLEAR, 2: 0x1000n }, PGM.protection],
    ['a frame that is not there', { 1: CLEAR, 2: 0x4000_0000n }, PGM.addressing],
    ['a size that is none', { 1: CLEAR | 0x3000n, 2: 0n }, PGM.specification],
  ])('%s', (_, gr, code) => {
    const v = bench.program([text.PFMF]);
    v.vcpu.setCr(0, 0x1000_0000n);
    v.vcpu.setGr(1, gr[1]);
    v.vcpu.setGr(2, gr[2]);
    v.sync();
    bench.run(v);
    expect([bench.low('programCode'), bench.low('programIlc')]).toEqual([BigInt(code), 4n]);
  });
});
