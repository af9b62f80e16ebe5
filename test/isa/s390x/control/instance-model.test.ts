/**
 * The ASN-and-LX-reuse facility and the BEAR-enhancement facility on random operands, by the manual's words: no other machine at hand
 * has these instructions.
 */

import { expect, test } from 'vitest';
import { PSW } from '../../../../src/arch/s390x/cpu/psw.ts';
import { slots } from '../../../../src/arch/s390x/cpu/state-layout.ts';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { DAT, PROBLEM } from '../../../support/s390x/tables.ts';
import { randomWords } from '../../../support/seed.ts';
import { asceOf, controls, type Space, spaces } from './address-spaces.ts';

const bench = new Bench();
const next = randomWords(0x1a5);
const below = (n: number): number => next() % n;
const chance = (oneIn: number): boolean => below(oneIn) === 0;
const word = (): bigint => BigInt(next());
const doubleword = (): bigint => (word() << 32n) | word();

const [LEFT, RIGHT] = [0xffff_ffff_0000_0000n, 0xffff_ffffn];
const [MIDDLE, LAST] = [0xffff_0000n, 0xffffn];
const ASN_TRANSLATION = 0x8_0000n;
const PRIMARY = 1n;
const other = { asn: 3n, invalidFirst: 0x40n, invalidSecond: 4n } as const;
const AUTHORITY = { primary: 2, secondary: 1 } as const;

/** A case of PTI or SSAIR: what is in the registers and the tables, one thing at most of which is wrong. */
interface Case {
  readonly asn: bigint;
  readonly problem: boolean;
  readonly translates: boolean;
  readonly instance: number;
  readonly asked: bigint;
  readonly space: Space;
  readonly cr3: bigint;
  readonly cr4: bigint;
}

function makeCase(needed: number): Case {
  const instance = next();
  const wrong = below(8);
  return {
    asn: wrong === 0 ? other.invalidFirst : wrong === 1 ? other.invalidSecond : chance(3) ? PRIMARY : other.asn,
    problem: chance(2),
    translates: wrong !== 2,
    instance,
    asked: wrong === 3 ? BigInt(instance ^ (1 << below(31))) & RIGHT : BigInt(instance),
    space: {
      asce: asceOf(0x80),
      index: below(4),
      instance,
      controlled: wrong === 4,
      allows: { 3: wrong === 5 ? 3 - needed : chance(2) ? 3 : needed },
    },
    cr3: doubleword(),
    // The authorization index is 3.
    cr4: (word() << 32n) | 0x3_0000n | PRIMARY,
  };
}

/** What ASN translation and authorization come to; undefined when they succeed. */
function refusal(c: Case, needed: number, noAuthority: number): number | undefined {
  if (!c.translates) return 0x13;
  if (c.asn === other.invalidFirst) return 0x20;
  if (c.asn === other.invalidSecond) return 0x21;
  if (c.asked !== BigInt(c.instance)) return 0x2f;
  if (c.space.controlled === true && c.problem) return 0x13;
  return ((c.space.allows?.[3] ?? 0) & needed) === 0 ? noAuthority : undefined;
}

const registersOf = (c: Case) => ({
  ...controls,
  3: c.cr3,
  4: c.cr4,
  14: c.translates ? controls[14] : controls[14] & ~ASN_TRANSLATION,
});
const storageOf = (c: Case) => spaces({ 1: { asce: asceOf(0x100) }, 3: c.space });
const maskOf = (c: Case): bigint => MASK_64 | DAT | (c.problem ? PROBLEM : 0n);

test('PTI', () => {
  const seen = new Map<number | undefined, number>();
  for (let n = 0; n < 400; n++) {
    const c = makeCase(AUTHORITY.primary);
    const toProblem = c.problem ? !chance(6) : chance(2);
    const target = (doubleword() & ~1n) | (toProblem ? 1n : 0n);
    const mask = word() & MIDDLE;
    const out = bench.run({
      code: [encode('PTI', { r1: 5, r2: 6 })],
      gr: { 5: (c.asked << 32n) | mask | c.asn, 6: target },
      mask: maskOf(c),
      storage: storageOf(c),
      cr: registersOf(c),
    });
    const here = c.asn === PRIMARY;
    const code = c.problem && !toProblem ? 2 : here ? undefined : refusal(c, AUTHORITY.primary, 0x24);
    seen.set(code, (seen.get(code) ?? 0) + 1);
    const found = [out.pgm?.code, out.vcpu.cr(3), out.vcpu.cr(4), out.vcpu.cr(1), out.vcpu.cr(7)];
    if (code !== undefined) {
      expect(found).toEqual([code, c.cr3, c.cr4, controls[1], controls[7]]);
      continue;
    }
    // Both spaces are the new one, keys only go, and the instance number of the primary space is that of the secondary one now.
    const keys = c.cr3 & mask;
    const [instance, index] = here ? [c.cr4 >> 32n, c.cr4 & MIDDLE] : [c.asked, BigInt(c.space.index ?? 0) << 16n];
    const asce = here ? controls[1] : c.space.asce;
    expect(found).toEqual([undefined, (instance << 32n) | keys | c.asn, (instance << 32n) | index | c.asn, asce, asce]);
    expect([out.address, out.vcpu.problemState]).toEqual([target & ~1n, toProblem]);
  }
  expect([undefined, 2, 0x13, 0x20, 0x21, 0x24, 0x2f].filter((code) => (seen.get(code) ?? 0) < 3)).toEqual([]);
});

test('SSAIR', () => {
  const seen = new Map<number | undefined, number>();
  for (let n = 0; n < 400; n++) {
    const c = makeCase(AUTHORITY.secondary);
    const out = bench.run({
      code: [encode('SSAIR', { r1: 5 })],
      gr: { 5: (c.asked << 32n) | (word() & MIDDLE) | c.asn },
      mask: maskOf(c),
      storage: storageOf(c),
      cr: registersOf(c),
    });
    const here = c.asn === PRIMARY;
    const code = here ? (c.translates ? undefined : 0x13) : refusal(c, AUTHORITY.secondary, 0x25);
    seen.set(code, (seen.get(code) ?? 0) + 1);
    const [asce, instance] = here ? [controls[1], c.cr4 >> 32n] : [c.space.asce, c.asked];
    expect([out.pgm?.code, out.vcpu.cr(3), out.vcpu.cr(7), out.vcpu.cr(4), out.vcpu.cr(1)]).toEqual([
      code,
      code === undefined ? (instance << 32n) | (c.cr3 & MIDDLE) | c.asn : c.cr3,
      code === undefined ? asce : controls[7],
      c.cr4,
      controls[1],
    ]);
  }
  expect([undefined, 0x13, 0x20, 0x21, 0x25, 0x2f].filter((code) => (seen.get(code) ?? 0) < 3)).toEqual([]);
});

test.each([
  ['EPAIR', 4],
  ['ESAIR', 3],
])('%s: the number on the right, the instance on the left', (mnemonic, from) => {
  for (let n = 0; n < 100; n++) {
    const value = doubleword();
    const [dat, problem, authority] = [!chance(4), chance(2), chance(2)];
    const cr0 = authority ? controls[0] | 0x800_0000n : controls[0];
    const out = bench.run({
      code: [encode(mnemonic, { r1: 7 })],
      gr: { 7: -1n },
      mask: MASK_64 | (dat ? DAT : 0n) | (problem ? PROBLEM : 0n),
      storage: spaces({}),
      cr: { ...controls, 0: cr0, [from]: value },
    });
    const code = !dat ? 0x13 : problem && !authority ? 2 : undefined;
    const got = code === undefined ? (value & LEFT) | (value & LAST) : BigInt.asUintN(64, -1n);
    expect([out.pgm?.code, out.gr[7]]).toEqual([code, got]);
  }
});

/** Bits of a PSW that must be zero: 0, 2-4, 12, 24-30, 33-63. */
const RESERVED = 0xb808_00fe_7fff_ffffn;
const SPARE = (n: bigint): bigint => (chance(2) ? 0n : 1n << n);

test('LPSWEY, LBEAR and STBEAR', () => {
  const [vcpu] = bench.complex.vcpus;
  const seen = { loaded: 0, refused: 0 };
  for (let n = 0; n < 300; n++) {
    const before = doubleword();
    const problem = chance(5);
    const base = 0x2000n + (chance(6) ? 4n : 0n);
    const d1 = 8 * (below(0x200) - 0x100);
    const at = Number(base) + d1;
    const mode = [0n, PSW.ba, PSW.ea | PSW.ba, PSW.ea | PSW.ba, PSW.ea][below(5)] ?? 0n;
    // PER and DAT stay off, and nothing waits.
    const kept = doubleword() & ~RESERVED & ~(PSW.ea | PSW.ba | DAT | (1n << 62n) | PSW.wait);
    const mask = kept | mode | (chance(8) ? SPARE(63n) | SPARE(39n) | SPARE(5n) : 0n);
    const address = doubleword() & ([0xff_ffffn, 0x7fff_ffffn, -1n][below(3)] ?? -1n);
    const hex = `${mask.toString(16).padStart(16, '0')}${BigInt.asUintN(64, address).toString(16).padStart(16, '0')}`;
    vcpu?.setBig(slots.bea, before);
    const storage = at % 8 === 0 ? { [at]: hex } : {};
    const state = MASK_64 | (problem ? PROBLEM : 0n);
    const out = bench.run({ code: [encode('LPSWEY', { b1: 1, d1 })], gr: { 1: base }, mask: state, storage });
    const code = problem ? 2 : at % 8 !== 0 ? 6 : undefined;
    expect(out.vcpu.big(slots.bea)).toBe(before);
    if (code !== undefined) {
      expect([out.pgm?.code, out.pgm?.ilc, out.vcpu.pswMask]).toEqual([code, 6, state]);
      continue;
    }
    const fits = mode === 0n ? address >> 24n === 0n : mode === PSW.ba ? address >> 31n === 0n : mode !== PSW.ea;
    const valid = (mask & RESERVED) === 0n && fits;
    // What is no PSW is loaded all the same, and makes an early exception, for which the instruction has no length.
    expect([out.vcpu.psw, out.pgm?.code, out.pgm?.ilc]).toEqual([
      { mask, address: BigInt.asUintN(64, address) },
      ...(valid ? [undefined, undefined] : [6, 0]),
    ]);
    seen[valid ? 'loaded' : 'refused']++;
  }
  expect(Math.min(seen.loaded, seen.refused)).toBeGreaterThan(20);
  for (let n = 0; n < 100; n++) {
    const [before, value] = [doubleword(), doubleword()];
    const base = 0x2000n + BigInt(4 * below(4));
    const d2 = 4 * below(8);
    const at = Number(base) + d2;
    const problem = chance(5);
    const code = problem ? 2 : at % 8 !== 0 ? 6 : undefined;
    const setup = {
      gr: { 1: base },
      mask: MASK_64 | (problem ? PROBLEM : 0n),
      storage: { [at - (at % 8)]: value.toString(16).padStart(16, '0') },
    };
    vcpu?.setBig(slots.bea, before);
    const loaded = bench.run({ ...setup, code: [encode('LBEAR', { b2: 1, d2 })] });
    expect([loaded.pgm?.code, loaded.vcpu.big(slots.bea)]).toEqual([code, code === undefined ? value : before]);
    vcpu?.setBig(slots.bea, before);
    const stored = bench.run({ ...setup, code: [encode('STBEAR', { b2: 1, d2 })] });
    const left = BigInt(`0x${stored.storage(at - (at % 8), 8)}`);
    expect([stored.pgm?.code, left, stored.vcpu.big(slots.bea)]).toEqual([
      code,
      code === undefined ? before : value,
      before,
    ]);
    expect(stored.address).toBe(CODE + 4n);
  }
});
