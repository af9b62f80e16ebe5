/** One state description again and again: what an entry has found of it is not looked at anew unless something is another. */

import { beforeEach, describe, expect, test } from 'vitest';
import { gpa, hostAddress } from '../../../../../src/arch/s390x/dat/address.ts';
import { eca, ecb2, icpt, type SieBlock, sieFields } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { toBigEndian } from '../../../../../src/bits/hex.ts';
import { CODE, coded, encode, MASK_64, NOP } from '../kvm/harness.ts';
import { BASE, BLOCK, DIAG, INNER, NestedBench, PAGE, PAGES } from './nested.ts';

const n = new NestedBench();
const { bench } = n;
beforeEach(() => {
  bench.fresh();
});

/** What a field of the block holds, put there as a host's stores do. */
function put(field: keyof typeof sieFields, value: bigint): void {
  const [offset, bytes] = sieFields[field];
  bench.put(BLOCK + offset, toBigEndian(value, bytes));
}
/** SIE once more: as many instructions, the guest at its beginning unless it is to go on. */
function again(instructions: number, goesOn = false): void {
  if (!goesOn) put('gpswAddress', BigInt(INNER));
  n.v.vcpu.setGr(12, BigInt(BLOCK));
  n.v.setPsw({ mask: MASK_64, address: BigInt(CODE) });
  bench.run(n.v, instructions);
}
/** A guest that has been entered and left by a DIAGNOSE; `first` is in front of that. */
function entered(first: readonly Uint8Array[], change: (b: SieBlock) => void = () => undefined): void {
  n.describeGuest((b) => {
    b.set('ihcpu', 0);
    change(b);
  });
  n.inner([...first, DIAG]);
  n.interpret(first.length + 2);
  expect([n.ended()[0], n.v.interpretation.active]).toEqual([icpt.instruction, false]);
}

const LG = encode('LG', { r1: 1, x2: 0, b2: 3, d2: 0 });

describe('the block is another one in', () => {
  test('interception controls', () => {
    entered([NOP, encode('STCK', { b2: 0, d2: 0x800 })]);
    put('ictl', 0x8000n);
    again(4);
    expect(n.ended()[2]).toBe('b20508000000');
  });
  test('those of control registers', () => {
    entered([encode('LCTLG', { r1: 9, r3: 9, b2: 0, d2: 0x800 })]);
    put('lctl', 0x40n);
    again(3);
    expect(n.ended()[2]).toBe('eb990800002f');
  });
  test('execution controls', () => {
    entered([encode('MVPG', { r1: 5, r2: 6 })]);
    put('eca', BigInt(eca.cei | eca.protectionInterpretation) & 0xffff_ffffn);
    again(3);
    expect([n.ended()[0], n.ended()[3]]).toEqual([icpt.instruction, INNER + 4]);
  });
  test('the prefix', () => {
    bench.put(BASE + 0x2_0800, toBigEndian(0x77n, 8));
    entered([encode('LG', { r1: 1, x2: 0, b2: 0, d2: 0x800 })]);
    put('prefix', 0x2_0000n);
    again(3);
    expect(n.v.vcpu.gr(1)).toBe(0x77n);
  });
  test('the facility list', () => {
    bench.put(0x7_1000, Uint8Array.of(0xde, 0xad));
    bench.put(0x7_2000, Uint8Array.of(0xbe, 0xef));
    entered([encode('STFLE', { b2: 0, d2: 0x800 })], (b) => b.set('fac', 0x7_1000));
    put('fac', 0x7_2000n);
    again(3);
    expect(bench.hex(BASE + 0x800, 2)).toBe('beef');
  });
  test.each<[string, keyof typeof sieFields, bigint, number]>([
    ['the mode', 'cpuflags', 0x80n, 0x0001],
    ['the area of its configuration', 'scaol', 0x1000n, 0x0038],
    ['its limits', 'cpuflags', 0x800n, 0x0010],
  ])('what makes it invalid: %s', (_name, field, value, reason) => {
    entered([NOP], (b) => b.setBig('msl', 0n));
    put('mso', 0n);
    put('msl', 0n);
    put('prefix', field === 'cpuflags' && value === 0x800n ? 0x7f_e000n : 0n);
    put(field, value);
    again(3);
    const told = n.told();
    expect([told.icptcode, told.ipb >>> 16]).toEqual([icpt.validity, reason]);
    // And it can be interpreted again behind that.
    put('cpuflags', 0x880n);
    put('scaol', 0n);
    put('prefix', 0n);
    again(3);
    expect(n.ended()[0]).toBe(icpt.instruction);
  });
  test('the lock of the tables, which is in no block', () => {
    entered([encode('IPTE', { r1: 1, r2: 2, r3: 0, m4: 0 })], (b) => b.set('scaol', 0x7_0000));
    for (const [lock, behind] of [
      [0x80, INNER + 4],
      [0, INNER + 8],
    ] as const) {
      bench.put(0x7_0000, Uint8Array.of(lock));
      again(3);
      expect([lock, n.ended()[3]]).toEqual([lock, behind]);
    }
  });
  test('another format of that area: the same bits are another address', () => {
    entered([coded('SIGP', 4, 6, 0x15)], (b) => b.set('scaol', 0x7_0000));
    put('scaol', 0x1010n);
    bench.put(BLOCK + sieFields.ecb2[0], Uint8Array.of(ecb2.esca));
    again(2);
    expect(n.told().ipb >>> 16).toBe(0x38);
  });
});

describe('the host is another one in', () => {
  test('its address space', () => {
    entered([LG]);
    bench.put(BASE + 0x3_0000, toBigEndian(1n, 8));
    const [segments, pages] = [0x7_8000, 0x7_c000];
    bench.put(segments, new Uint8Array(2048 * 8).fill(0x20));
    bench.put(segments, toBigEndian(BigInt(pages), 8));
    for (let i = 0; i < 256; i++) bench.put(pages + i * 8, toBigEndian(BigInt(BASE + i * PAGE), 8));
    bench.put(pages + 0x30 * 8, toBigEndian(BigInt(BASE + 0x4_0000), 8));
    bench.put(BASE + 0x4_0000, toBigEndian(2n, 8));
    const old = n.v.vcpu.cr(1);
    for (const [asce, value] of [
      [BigInt(segments) | 0x103n, 2n],
      [old, 1n],
    ] as const) {
      n.v.vcpu.setCr(1, asce);
      n.v.vcpu.selectSpaces();
      n.v.sync();
      n.v.vcpu.setGr(3, 0x3_0000n);
      again(3);
      expect(n.v.vcpu.gr(1)).toBe(value);
    }
  });
  test('a page that is not there any more: the prefix', () => {
    entered([NOP]);
    bench.put(PAGES, toBigEndian(BigInt(BASE) | 0x400n, 8));
    n.v.vcpu.flushTlb();
    again(1);
    expect([n.told().icptcode, n.told().ipb >>> 16]).toEqual([icpt.validity, 0x37]);
  });
  test('storage that is taken away: the area of the configuration', () => {
    entered([NOP], (b) => b.set('scaol', 0x20_0000));
    bench.vm.removeSlot(0);
    bench.vm.addSlot({ slot: 0, guest: gpa(0), bytes: 0x20_0000, host: hostAddress(0) });
    again(1);
    expect([n.told().icptcode, n.told().ipb >>> 16]).toEqual([icpt.validity, 0x34]);
  });
});

describe('the guest is another one in', () => {
  test('its PSW: condition code, program mask, mode and address', () => {
    entered([encode('IPM', { r1: 1 }), encode('BASR', { r1: 2, r2: 0 })]);
    expect(n.v.vcpu.gr(1) & 0xff00_0000n).toBe(0n);
    put('gpsw', 0x0000_2500_8000_0000n);
    again(4);
    expect([n.v.vcpu.gr(1) & 0xff00_0000n, n.v.vcpu.gr(2)]).toEqual([0x2500_0000n, 0x8000_0000n | BigInt(INNER + 6)]);
    expect(n.told().big('gpsw')).toBe(0x0000_2500_8000_0000n);
  });
  test('a PSW that is not valid, and a valid one behind it', () => {
    entered([NOP]);
    put('gpsw', MASK_64 | 1n);
    bench.put(BASE + 0x1d0, toBigEndian(MASK_64, 8));
    bench.put(BASE + 0x1d8, toBigEndian(BigInt(INNER), 8));
    again(3);
    expect([n.ended()[0], bench.hex(BASE + 0x8e, 2)]).toEqual([icpt.instruction, '0006']);
    expect(bench.hex(BASE + 0x150, 8)).toBe((MASK_64 | 1n).toString(16).padStart(16, '0'));
    put('gpsw', MASK_64);
    again(3);
    expect([n.ended()[0], n.ended()[3]]).toEqual([icpt.instruction, INNER + 6]);
  });
  test('control registers, one of them a space’s', () => {
    entered([encode('STCTG', { r1: 0, r3: 15, b2: 0, d2: 0x800 })]);
    for (let r = 0; r < 16; r++) bench.put(BLOCK + sieFields.gcr[0] + r * 8, toBigEndian(BigInt(r) << 40n, 8));
    again(3);
    const stored = Array.from({ length: 16 }, (_, r) => BigInt(`0x${bench.hex(BASE + 0x800 + r * 8, 8)}`) >> 40n);
    expect(stored).toEqual(Array.from({ length: 16 }, (_, r) => BigInt(r)));
  });
  test('its program parameter and TOD programmable register', () => {
    entered([encode('STCKE', { b2: 0, d2: 0x800 })]);
    put('todpr', 0x1234n);
    put('pp', 0xfedc_ba98_7654_3210n);
    again(3);
    expect([bench.hex(BASE + 0x80e, 2), n.told().big('pp')]).toEqual(['1234', 0xfedc_ba98_7654_3210n]);
  });
  test('the end of a turn, at which its host changes the prefix in the block: that is for the next entry', () => {
    n.describeGuest((b) => b.set('ihcpu', 0));
    bench.put(BASE + 0x800, toBigEndian(1n, 8));
    bench.put(BASE + 0x2_0800, toBigEndian(2n, 8));
    n.inner([NOP, NOP, encode('LG', { r1: 1, x2: 0, b2: 0, d2: 0x800 }), DIAG]);
    n.interpret(2);
    put('prefix', 0x2_0000n);
    bench.run(n.v, 3);
    expect([n.ended()[0], n.v.vcpu.gr(1)]).toEqual([icpt.instruction, 1n]);
    again(5);
    expect(n.v.vcpu.gr(1)).toBe(2n);
  });
});
