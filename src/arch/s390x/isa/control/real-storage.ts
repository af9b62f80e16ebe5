/** PoP, "Control Instructions": real addresses, and tests of addresses. */

import type { Field } from '../../../../ir/field.ts';
import type { Address, I32 } from '../../../../ir/node.ts';
import type { AccessPath } from '../../cpu/access-path.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { RealTranslation } from '../../cpu/real-addresses.ts';
import { ZERO_REGISTER } from '../../cpu/state-layout.ts';
import { requireAccessKey } from '../../cpu/storage-keys.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { icpt, ictl } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { interceptIf, pathOf, words } from './interception.ts';

const real: AccessPath = { space: 'real', ar: ZERO_REGISTER };
const TWO_GIGABYTES = 0x8000_0000;
const WORD = 0x1_0000_0000;

/**
 * Sets the condition code and R1 as LOAD REAL ADDRESS does. `wide` is not zero for 64-bit results; 31-bit ones leave bits
 * 0-31 of the register.
 */
const loadRealAddress = helper(
  'loadRealAddress',
  {
    params: ['i32', 'i32', 'i32', 'i32', 'i32'],
    result: undefined,
    effects: { fetches: true, faults: true, ends: true },
  },
  (vcpu, r1, high, low, ar, wide) => {
    const found = vcpu.core.realAddresses.of(vcpu, high >>> 0, low >>> 0, ar);
    if (found.code === PGM.addressing || found.code === PGM.translationSpecification) vcpu.raise(found.code);
    if (found.code === 0) {
      if (wide === 0 && found.real >= TWO_GIGABYTES) vcpu.raise(PGM.specialOperation);
      setResult(vcpu, r1, found.real, wide);
      vcpu.cc = 0;
      return;
    }
    setEntryAddress(vcpu, r1, found, wide);
  },
);

function setResult(vcpu: Vcpu, r1: number, value: number, wide: number): void {
  if (wide === 0) vcpu.setGrLow(r1, value);
  else vcpu.setGrWords(r1, Math.floor(value / WORD), value);
}

// The entry's address tells which one was invalid; where it has no place, and for other causes, the interruption code does.
function setEntryAddress(vcpu: Vcpu, r1: number, found: Readonly<RealTranslation>, wide: number): void {
  const { code, entry } = found;
  const invalid = !found.outside && (code === PGM.segmentTranslation || code === PGM.pageTranslation);
  if (invalid && entry !== undefined && (wide !== 0 || entry < TWO_GIGABYTES)) {
    setResult(vcpu, r1, entry, wide);
    vcpu.cc = code === PGM.segmentTranslation ? 1 : 2;
    return;
  }
  const outside = found.outside && code === PGM.segmentTranslation && entry !== undefined && entry < TWO_GIGABYTES;
  vcpu.setGrLow(r1, outside ? entry : (0x8000_0000 | code) >>> 0);
  vcpu.cc = 3;
}

const loadReal32 = helper(
  'loadReal32',
  { params: ['i64'], result: 'i32', effects: { fetches: true, faults: true } },
  (vcpu, address) => {
    const { access, complex } = vcpu.core;
    const at = access.require(vcpu, ...words(address), 'fetch', real);
    complex.frames.fetched(at, 4);
    return complex.storage.word(at);
  },
);

const loadReal64 = helper(
  'loadReal64',
  { params: ['i64'], result: 'i64', effects: { fetches: true, faults: true } },
  (vcpu, address) => {
    const { access, complex } = vcpu.core;
    const at = access.require(vcpu, ...words(address), 'fetch', real);
    complex.frames.fetched(at, 8);
    return BigInt.asIntN(64, complex.storage.doubleword(at));
  },
);

const storeReal32 = helper(
  'storeReal32',
  { params: ['i64', 'i32'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, address, value) => {
    const { access, complex } = vcpu.core;
    const at = access.require(vcpu, ...words(address), 'store', real);
    complex.storage.setWord(at, value);
    complex.stored(at, 4);
    vcpu.core.per.storedReal();
  },
);

const storeReal64 = helper(
  'storeReal64',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, high, low, r1) => {
    const { access, complex } = vcpu.core;
    const at = access.require(vcpu, high >>> 0, low >>> 0, 'store', real);
    complex.storage.setWord(at, vcpu.grHigh(r1));
    complex.storage.setWord(at + 4, vcpu.grLow(r1));
    complex.stored(at, 8);
    vcpu.core.per.storedReal();
  },
);

const storeRealAddress = helper(
  'storeRealAddress',
  { params: ['i64', 'i32', 'i64', 'i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
  (vcpu, to, b1, address, b2) => {
    const { access, realAddresses } = vcpu.core;
    const real = realAddresses.require(vcpu, BigInt.asUintN(64, address), b2);
    access.store64(vcpu, BigInt.asUintN(64, to), BigInt(real), pathOf(b1));
  },
);

/** Condition code of TEST PROTECTION: 0 all, 1 fetches, 2 no accesses are permitted, 3 no translation. */
const testProtection = helper(
  'testProtection',
  {
    params: ['i64', 'i32', 'i32'],
    result: 'i32',
    effects: { fetches: true, faults: true, ends: true },
    intercepts: true,
  },
  (vcpu, address, key, ar) => {
    requireAccessKey(vcpu, key);
    const { access } = vcpu.core;
    const [high, low] = words(address);
    const path: AccessPath = { ...pathOf(ar), key };
    if (access.places.examine(vcpu, high, low, 'store', path) >= 0) return 0;
    // What the host must resolve tells nothing of the guest's protection.
    if (vcpu.place.fault !== undefined) vcpu.intercept(icpt.instruction);
    if (access.places.lastFault.code === PGM.protection && access.places.examine(vcpu, high, low, 'fetch', path) >= 0)
      return 1;
    const { code, details } = access.places.lastFault;
    if (code === PGM.protection) return 2;
    if (code === PGM.addressing || code === PGM.translationSpecification) vcpu.raise(code, details);
    return 3;
  },
);

function realOperand($: Sem, r2: Field, bytes: 4 | 8): Address {
  const address: Address = { at: $.wrapAddress($.gr(r2)), space: 'data' };
  $.requireAligned(address, bytes);
  return address;
}

function recordLoadRealAddress($: Sem, f: { r1: Field; b2: Field; d2: Field; x2: Field }, wide: I32): void {
  $.privileged();
  $.callVoid(loadRealAddress, $.field(f.r1), ...$.words($.address2(f).at), $.field(f.b2), wide);
}

/** Real addresses and tests of addresses. */
export const realStorageRows: readonly Row[] = [
  insn('LRA', { op: 0xb1, fmt: 'RX_a', title: 'LOAD REAL ADDRESS (32)', facility: 'zarch' }, ($, f) =>
    recordLoadRealAddress($, f, $.is64()),
  ),
  insn('LRAY', { op: 0xe313, fmt: 'RXY_a', title: 'LOAD REAL ADDRESS (32)', facility: 'long-displacement' }, ($, f) =>
    recordLoadRealAddress($, f, $.is64()),
  ),
  insn('LRAG', { op: 0xe303, fmt: 'RXY_a', title: 'LOAD REAL ADDRESS (64)', facility: 'zarch' }, ($, f) =>
    recordLoadRealAddress($, f, $.i32(1)),
  ),
  insn('STRAG', { op: 0xe502, fmt: 'SSE', title: 'STORE REAL ADDRESS', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const first = $.address1(f);
    $.requireAligned(first, 8);
    $.callVoid(storeRealAddress, first.at, $.field(f.b1), $.address2(f).at, $.field(f.b2));
  }),
  insn('LURA', { op: 0xb24b, fmt: 'RRE', title: 'LOAD USING REAL ADDRESS (32)', facility: 'zarch' }, ($, f) => {
    $.privileged();
    $.setGrLow(f.r1, $.call(loadReal32, realOperand($, f.r2, 4).at));
  }),
  insn('LURAG', { op: 0xb905, fmt: 'RRE', title: 'LOAD USING REAL ADDRESS (64)', facility: 'zarch' }, ($, f) => {
    $.privileged();
    $.setGr(f.r1, $.call(loadReal64, realOperand($, f.r2, 8).at));
  }),
  insn('STURA', { op: 0xb246, fmt: 'RRE', title: 'STORE USING REAL ADDRESS (32)', facility: 'zarch' }, ($, f) => {
    $.privileged();
    $.callVoid(storeReal32, realOperand($, f.r2, 4).at, $.grLow(f.r1));
  }),
  insn('STURG', { op: 0xb925, fmt: 'RRE', title: 'STORE USING REAL ADDRESS (64)', facility: 'zarch' }, ($, f) => {
    $.privileged();
    $.callVoid(storeReal64, ...$.words(realOperand($, f.r2, 8).at), $.field(f.r1));
  }),
  insn('TPROT', { op: 0xe501, fmt: 'SSE', title: 'TEST PROTECTION', facility: 'zarch' }, ($, f) => {
    $.privileged();
    interceptIf($, ictl.tprot);
    const key = $.and($.shrU($.wrap($.address2(f).at), 4), 15);
    $.setCc($.call(testProtection, $.address1(f).at, key, $.field(f.b1)));
  }),
];
