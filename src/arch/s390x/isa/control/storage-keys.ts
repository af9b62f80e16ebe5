/** PoP, "Control Instructions": storage keys and frames. */

import { engineState, PAGE_BYTES } from '../../../../machine/layout.ts';
import { manageFrame, PFMF } from '../../cpu/frame-management.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { protectedBlock, readOnlyTeid } from '../../cpu/protection.ts';
import { KEY, requireKeys, setKey, setKeyUnless } from '../../cpu/storage-keys.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { type Gpa, type Gra, gpa, gra } from '../../dat/address.ts';
import { prefixed } from '../../dat/prefix.ts';
import { SEGMENT_BYTES } from '../../dat/translate.ts';
import { ecb2, icpt, ictl } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { requireDat, requireExtractionAuthority } from './address-space.ts';
import { interceptKeys } from './interception.ts';

/** EXTRACT AND SET STORAGE ATTRIBUTES knows orders up to this. */
const LAST_ATTRIBUTE_ORDER = 6;
/** Bits of SSKE's M3. */
const M3 = { referenceMask: 4, changeMask: 2, multipleBlock: 1 } as const;

const touches = { fetches: true, stores: true, faults: true, ends: true } as const;

/** Frame at an absolute address; addressing exception when there is none. */
function frameAt(vcpu: Vcpu, absolute: Gpa): number {
  const at = vcpu.place.hostAddress(absolute);
  return at < 0 ? vcpu.raise(PGM.addressing) : Math.floor(at / PAGE_BYTES);
}

/** The same of a frame that is to be cleared: a protection exception where it is only to be read. */
function frameToClear(vcpu: Vcpu, absolute: Gpa): number {
  const at = vcpu.place.hostAddress(absolute, true);
  if (at >= 0) return Math.floor(at / PAGE_BYTES);
  const frame = frameAt(vcpu, absolute);
  vcpu.raise(PGM.protection, { teid: readOnlyTeid(absolute) });
  return frame;
}

/** The 4K-byte block that a register's address lies in. */
function blockIn(vcpu: Vcpu, value: bigint): Gra {
  return gra(Number(BigInt.asUintN(64, value) & vcpu.amask & ~0xfffn));
}

function frameOfReal(vcpu: Vcpu, value: bigint): number {
  return frameAt(vcpu, prefixed(blockIn(vcpu, value), vcpu.prefix));
}

function keyOf(vcpu: Vcpu, frame: number): number {
  return vcpu.core.complex.keys[frame] ?? 0;
}

/** Puts the address behind the last block into a register as the addressing mode has it; bits 52-63 stay. */
function setBlockAddress(vcpu: Vcpu, r: number, address: number): void {
  const next = BigInt(address) & vcpu.amask;
  const old = vcpu.gr(r);
  if (vcpu.amask > 0x7fff_ffffn) vcpu.setGr(r, next | (old & 0xfffn));
  else vcpu.setGrLow(r, Number(next | (old & 0xfffn)));
}

const setStorageKey = helper(
  'setStorageKey',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects: touches },
  (vcpu, r1, r2, m3) => {
    requireKeys(vcpu);
    const conditional = vcpu.core.has('conditional-sske');
    const multiple = (m3 & M3.multipleBlock) !== 0 && vcpu.core.has('edat-1');
    const ignored = conditional
      ? ((m3 & M3.referenceMask) !== 0 ? KEY.reference : 0) | ((m3 & M3.changeMask) !== 0 ? KEY.change : 0)
      : 0;
    const key = vcpu.grLow(r1) & KEY.all;
    if (multiple) {
      const start = blockIn(vcpu, vcpu.gr(r2));
      const end = start - (start % SEGMENT_BYTES) + SEGMENT_BYTES;
      const frames: number[] = [];
      for (let a: number = start; a < end; a += PAGE_BYTES) frames.push(frameAt(vcpu, gpa(a)));
      for (const frame of frames) setKeyUnless(vcpu.core.complex, frame, key, ignored);
      vcpu.core.per.keySet(start, end - start);
      if (ignored !== 0) vcpu.cc = 3;
      setBlockAddress(vcpu, r2, end);
      return;
    }
    const frame = frameOfReal(vcpu, vcpu.gr(r2));
    const old = keyOf(vcpu, frame);
    const set = setKeyUnless(vcpu.core.complex, frame, key, ignored);
    if (set) vcpu.core.per.keySet(blockIn(vcpu, vcpu.gr(r2)), PAGE_BYTES);
    if (ignored === 0) return;
    vcpu.setGrLow(r1, (vcpu.grLow(r1) & ~0xff00) | (old << 8));
    vcpu.cc = set ? 1 : 0;
  },
);

const insertStorageKey = helper(
  'insertStorageKey',
  { params: ['i64'], result: 'i32', effects: { faults: true } },
  (vcpu, address) => {
    requireKeys(vcpu);
    return keyOf(vcpu, frameOfReal(vcpu, address));
  },
);

/** Access-control bits and fetch protection of the block at a virtual address. */
const insertVirtualStorageKey = helper(
  'insertVirtualStorageKey',
  { params: ['i64', 'i32'], result: 'i32', effects: { fetches: true, faults: true } },
  (vcpu, address, ar) => {
    requireKeys(vcpu);
    const real = vcpu.core.realAddresses.require(vcpu, BigInt.asUintN(64, address), ar);
    return keyOf(vcpu, frameAt(vcpu, prefixed(gra(real - (real % PAGE_BYTES)), vcpu.prefix))) & KEY.accessAndFetch;
  },
);

/** Condition code: the reference and change bits as they were. */
const resetReferenceBit = helper(
  'resetReferenceBit',
  { params: ['i64'], result: 'i32', effects: { faults: true, stores: true, ends: true } },
  (vcpu, address) => {
    requireKeys(vcpu);
    const frame = frameOfReal(vcpu, address);
    const old = keyOf(vcpu, frame);
    setKey(vcpu.core.complex, frame, old & ~KEY.reference);
    return (old & (KEY.reference | KEY.change)) >> 1;
  },
);

/** The reference bits of 64 blocks, which are reset when asked. */
function referenceBits(vcpu: Vcpu, address: bigint, reset: boolean): bigint {
  requireKeys(vcpu);
  const start = Number(BigInt.asUintN(64, address) & vcpu.amask & ~0x3_ffffn);
  const frames = Array.from({ length: 64 }, (_, i) => frameAt(vcpu, gpa(start + i * PAGE_BYTES)));
  let bits = 0n;
  for (const frame of frames) {
    const old = keyOf(vcpu, frame);
    bits = (bits << 1n) | ((old & KEY.reference) !== 0 ? 1n : 0n);
    if (reset) setKey(vcpu.core.complex, frame, old & ~KEY.reference);
  }
  return BigInt.asIntN(64, bits);
}

const resetReferenceBits = helper(
  'resetReferenceBits',
  { params: ['i64'], result: 'i64', effects: { faults: true, stores: true, ends: true } },
  (vcpu, address) => referenceBits(vcpu, address, true),
);

const insertReferenceBits = helper(
  'insertReferenceBits',
  { params: ['i64'], result: 'i64', effects: { faults: true } },
  (vcpu, address) => referenceBits(vcpu, address, false),
);

const performFrameManagement = helper(
  'performFrameManagement',
  { params: ['i32', 'i32'], result: undefined, effects: touches, intercepts: true },
  (vcpu, r1, r2) => {
    const control = vcpu.grLow(r1);
    const size = (control & PFMF.sizeCode) >> 12;
    const largest = vcpu.core.has('edat-2') && vcpu.amask !== 0xff_ffffn ? 2 : 1;
    if ((control & PFMF.reserved) !== 0 || size > largest) vcpu.raise(PGM.specification);
    if ((control & PFMF.nonquiescing) !== 0 && !vcpu.core.has('nonquiescing-key-setting'))
      vcpu.raise(PGM.specification);
    if ((control & PFMF.setKey) !== 0) requireKeys(vcpu);
    if ((vcpu.controls.ecb2 & ecb2.pfmfi) === 0) vcpu.intercept(icpt.instruction);
    const start = blockIn(vcpu, vcpu.gr(r2));
    const clear = (control & PFMF.clear) !== 0;
    if (clear) checkLowAddress(vcpu, start);
    const find = clear ? frameToClear : frameAt;
    const setsKeys = (control & PFMF.setKey) !== 0;
    if (size === 0) {
      manageFrame(vcpu.core, find(vcpu, prefixed(start, vcpu.prefix)), control);
      if (setsKeys) vcpu.core.per.keySet(start, PAGE_BYTES);
      return;
    }
    const end = start - (start % SEGMENT_BYTES) + SEGMENT_BYTES;
    const frames: number[] = [];
    for (let a: number = start; a < end; a += PAGE_BYTES) frames.push(find(vcpu, gpa(a)));
    for (const frame of frames) manageFrame(vcpu.core, frame, control);
    if (setsKeys) vcpu.core.per.keySet(start, end - start);
    setBlockAddress(vcpu, r2, end);
    // A 2G-byte frame is done a megabyte at a time, the instruction being interruptible.
    if (size === 2 && end % 2 ** 31 !== 0) vcpu.setBig(engineState.pc, vcpu.ia);
  },
);

// Whether there are such attributes at all is the hypervisor's to say, and it does so before anything else is looked at.
const extractAndSetAttributes = helper(
  'extractAndSetStorageAttributes',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects: { faults: true, ends: true }, intercepts: true },
  (vcpu, r1, r2, order) => {
    const { blockStates } = vcpu.core.complex;
    if ((vcpu.controls.ecb2 & ecb2.cmma) === 0 || blockStates === undefined) return vcpu.intercept(icpt.instruction);
    if (vcpu.problemState) vcpu.raise(PGM.privilegedOperation);
    if (order > LAST_ATTRIBUTE_ORDER) vcpu.raise(PGM.specification);
    const state = blockStates.extractAndSet(vcpu.id, gpa(Number(vcpu.gr(r2) & vcpu.amask & ~0xfffn)), order);
    if (state === 'absent') return vcpu.raise(PGM.addressing);
    if (state === 'full') return vcpu.intercept(icpt.instruction);
    vcpu.setGr(r1, BigInt(state));
  },
);

function checkLowAddress(vcpu: Vcpu, address: number): void {
  const teid = protectedBlock(vcpu, BigInt(address));
  if (teid !== undefined) vcpu.raise(PGM.protection, { teid });
}

/** Storage keys and frames. */
export const storageKeyRows: readonly Row[] = [
  insn(
    'SSKE',
    { op: 0xb22b, fmt: 'RRF_c', title: 'SET STORAGE KEY EXTENDED', facility: 'zarch', ignores: ['m4'] },
    ($, f) => {
      $.privileged();
      interceptKeys($, ictl.sske);
      $.callVoid(setStorageKey, $.field(f.r1), $.field(f.r2), $.field(f.m3));
    },
  ),
  insn('ISKE', { op: 0xb229, fmt: 'RRE', title: 'INSERT STORAGE KEY EXTENDED', facility: 'zarch' }, ($, f) => {
    $.privileged();
    interceptKeys($, ictl.iske);
    $.setGrByte(f.r1, $.call(insertStorageKey, $.gr(f.r2)));
  }),
  insn('IVSK', { op: 0xb223, fmt: 'RRE', title: 'INSERT VIRTUAL STORAGE KEY', facility: 'zarch' }, ($, f) => {
    requireDat($);
    requireExtractionAuthority($);
    interceptKeys($, 0);
    const address = $.addressIn(f.r2);
    $.setGrByte(f.r1, $.call(insertVirtualStorageKey, address.at, $.field(f.r2)));
  }),
  insn(
    'RRBE',
    { op: 0xb22a, fmt: 'RRE', title: 'RESET REFERENCE BIT EXTENDED', facility: 'zarch', ignores: ['r1'] },
    ($, f) => {
      $.privileged();
      interceptKeys($, ictl.rrbe);
      $.setCc($.call(resetReferenceBit, $.gr(f.r2)));
    },
  ),
  insn(
    'RRBM',
    { op: 0xb9ae, fmt: 'RRE', title: 'RESET REFERENCE BITS MULTIPLE', facility: 'reset-reference-bits-multiple' },
    ($, f) => {
      $.privileged();
      interceptKeys($, ictl.rrbe);
      $.setGr(f.r1, $.call(resetReferenceBits, $.gr(f.r2)));
    },
  ),
  insn(
    'IRBM',
    { op: 0xb9ac, fmt: 'RRE', title: 'INSERT REFERENCE BITS MULTIPLE', facility: 'insert-reference-bits-multiple' },
    ($, f) => {
      $.privileged();
      interceptKeys($, ictl.iske);
      $.setGr(f.r1, $.call(insertReferenceBits, $.gr(f.r2)));
    },
  ),
  insn('PFMF', { op: 0xb9af, fmt: 'RRE', title: 'PERFORM FRAME MANAGEMENT FUNCTION', facility: 'edat-1' }, ($, f) => {
    $.privileged();
    $.callVoid(performFrameManagement, $.field(f.r1), $.field(f.r2));
  }),
  insn(
    'ESSA',
    { op: 0xb9ab, fmt: 'RRF_c', title: 'EXTRACT AND SET STORAGE ATTRIBUTES', facility: 'zarch', ignores: ['m4'] },
    ($, f) => {
      $.callVoid(extractAndSetAttributes, $.field(f.r1), $.field(f.r2), $.field(f.m3));
    },
  ),
];
