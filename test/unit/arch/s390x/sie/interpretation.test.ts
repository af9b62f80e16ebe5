import { beforeEach, describe, expect, test } from 'vitest';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { cpuflags, eca, ecb, icpt, SieBlock } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { CODE, coded, encode, KvmBench, MASK_64, NOP, withBase } from '../kvm/harness.ts';

const bench = new KvmBench();
const BLOCK = 0x4_0000;
const INNER = 0x5_0000;
let v: KvmVcpu;

beforeEach(() => {
  bench.fresh();
});

function block(change: (b: SieBlock) => void): void {
  const b = new SieBlock();
  b.cpuflags = cpuflags.zarch | cpuflags.sm;
  b.set('eca', eca.mvpgi | eca.protectionInterpretation);
  b.set('ecb', ecb.hostProtection | ecb.speci);
  b.set('ihcpu', 0xffff);
  b.setGcr(0, 0xe0n);
  b.setBig('gpsw', MASK_64);
  b.setBig('gpswAddress', BigInt(INNER));
  change(b);
  bench.put(
    BLOCK,
    Uint8Array.from({ length: 512 }, (_, i) => b.bytes.getUint8(i)),
  );
}
function read(): SieBlock {
  const b = new SieBlock();
  for (const [i, byte] of bench.bytes(BLOCK, 512).entries()) b.bytes.setUint8(i, byte);
  return b;
}

describe('START INTERPRETIVE EXECUTION', () => {
  test('runs the guest until it is intercepted, and goes on behind', () => {
    block((b) => b.setBig('gg14', 0x1234n));
    bench.put(INNER, encode('LGR', { r1: 1, r2: 14 }));
    bench.put(INNER + 4, coded('DIAG', 0, 0, 0x44));
    v = bench.program([withBase('SIE', 2), NOP, NOP]);
    v.vcpu.setGr(2, BigInt(BLOCK));
    v.vcpu.setCr(1, 0x20n);
    v.sync();
    bench.run(v, 4);
    const b = read();
    expect(b.icptcode).toBe(icpt.instruction);
    expect([b.ipa, b.ipb, b.big('gpswAddress')]).toEqual([0x8300, 0x0044_0000, BigInt(INNER + 8)]);
    expect(v.vcpu.gr(1)).toBe(0x1234n);
    expect(v.psw.address).toBe(BigInt(CODE + 6));
    expect(v.vcpu.icount).toBe(4n);
  });

  test('program events of the guest, which its host asked for', () => {
    block((b) => {
      b.cpuflags = b.cpuflags | cpuflags.p;
      b.setGcr(9, 0x4000_0000n);
      b.setGcr(11, -1n);
    });
    bench.put(INNER, NOP);
    bench.put(INNER + 2, NOP);
    v = bench.program([withBase('SIE', 2), NOP, NOP]);
    v.vcpu.setGr(2, BigInt(BLOCK));
    v.vcpu.setCr(1, 0x20n);
    v.sync();
    bench.run(v, 3);
    const b = read();
    expect([b.icptcode, b.get('iprcc'), b.get('perc'), b.big('peraddr')]).toEqual([
      icpt.program,
      0x80,
      0x40,
      BigInt(INNER),
    ]);
    expect(b.big('gpswAddress')).toBe(BigInt(INNER + 2));
  });
});
