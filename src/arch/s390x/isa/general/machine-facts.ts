/** PoP, "General Instructions": what a program may ask about its machine. */

import { pieces } from '../../../../bits/pieces.ts';
import { PAGE_BYTES } from '../../../../machine/layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { gra } from '../../dat/address.ts';
import { prefixed } from '../../dat/prefix.ts';
import { icpt, ictl, validityReason } from '../../sie/state-description.ts';
import { interceptIf, pathOf } from '../control/interception.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';

/** Doublewords that hold the whole facility list, and their bytes. */
function facilityList(facilities: Iterable<number>): Uint8Array {
  const bits = [...facilities];
  const list = new Uint8Array((Math.floor(Math.max(0, ...bits) / 64) + 1) * 8);
  for (const bit of bits) list[bit >> 3] = (list[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return list;
}

/** The list of a guest's guest, as long as the machine's own, from where its host has it, which must be storage. */
function listFromHost(vcpu: Vcpu, host: Vcpu, bytes: number): Uint8Array {
  const { complex } = vcpu.core;
  const list = new Uint8Array(bytes);
  const { facilityList: start } = vcpu.controls;
  for (const { from, length } of pieces(start, bytes, PAGE_BYTES)) {
    const found = complex.hostAddress(prefixed(gra(start + from), host.prefix));
    if (found < 0)
      vcpu.leave({ kind: 'intercept', code: icpt.validity, reason: validityReason.facilityList }, vcpu.ilc);
    complex.storage.readInto(found, list.subarray(from, from + length));
  }
  return list;
}

/** Stores as much of the facility list as was asked for; tells how many doublewords there are, and whether all fit. */
const storeFacilityList = helper(
  'storeFacilityList',
  {
    params: ['i64', 'i32'],
    result: 'i32',
    effects: { fetches: true, stores: true, faults: true, ends: true },
    intercepts: true,
  },
  (vcpu, address, ar) => {
    const own = facilityList(vcpu.core.facilities);
    if (vcpu.outer !== undefined && vcpu.controls.facilityList === 0) vcpu.intercept(icpt.instruction);
    const list = vcpu.outer === undefined ? own : listFromHost(vcpu, vcpu.outer, own.length);
    const asked = ((vcpu.grLow(0) & 0xff) + 1) * 8;
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), list.subarray(0, asked), pathOf(ar));
    vcpu.setGrLow(0, ((vcpu.grLow(0) & ~0xff) | (list.length / 8 - 1)) >>> 0);
    return asked >= list.length ? 0 : 3;
  },
);

/** A level of the caches: how many bytes, in how many ways; instructions and data apart or together. */
interface CacheLevel {
  readonly scope: 'private' | 'shared';
  readonly data: { readonly bytes: number; readonly ways: number };
  /** Undefined when the level holds both. */
  readonly instructions?: { readonly bytes: number; readonly ways: number };
}

const LINE_BYTES = 256;
const KIB = 1024;
/** The caches of a machine that does not exist, in the shape of those that do. */
const levels: readonly CacheLevel[] = [
  { scope: 'private', data: { bytes: 128 * KIB, ways: 8 }, instructions: { bytes: 64 * KIB, ways: 4 } },
  { scope: 'private', data: { bytes: 3072 * KIB, ways: 12 } },
  { scope: 'shared', data: { bytes: 48 * KIB * KIB, ways: 24 } },
];

/** A byte for each of eight levels: bits 4-5 the scope, bits 6-7 whether it is divided. */
function cacheSummary(): bigint {
  let summary = 0n;
  for (let i = 0; i < 8; i++) {
    const level = levels[i];
    const byte =
      level === undefined ? 0 : (level.scope === 'private' ? 4 : 8) | (level.instructions === undefined ? 3 : 0);
    summary = (summary << 8n) | BigInt(byte);
  }
  return summary;
}

const NO_ATTRIBUTE = -1n;
/** Bits 40-55 of the address. Linux asks for the CPU's frequency with bit 55. */
const RESERVED = 0xff_ff00;

/**
 * The attribute that bits 56-59 name, of the level in bits 60-62, of its instruction part when bit 63 is one. All ones for
 * what is reserved and for what does not exist.
 */
const cacheAttribute = helper(
  'cacheAttribute',
  { params: ['i32'], result: 'i64', effects: {} },
  (_vcpu, designation) => {
    const level = levels[(designation >> 1) & 7];
    const attribute = (designation >> 4) & 15;
    if ((designation & RESERVED) !== 0) return NO_ATTRIBUTE;
    if (attribute === 0) return cacheSummary();
    if (level === undefined) return NO_ATTRIBUTE;
    const part = (designation & 1) !== 0 ? (level.instructions ?? level.data) : level.data;
    return BigInt([-1, LINE_BYTES, part.bytes, part.ways][attribute] ?? -1);
  },
);

/** Instructions that tell of facilities and caches. */
export const machineFactRows: readonly Row[] = [
  insn('STFLE', { op: 0xb2b0, fmt: 'S', title: 'STORE FACILITY LIST EXTENDED', facility: 'stfle' }, ($, f) => {
    const address = $.address2(f);
    $.requireAligned(address, 8);
    interceptIf($, ictl.stfl);
    $.setCc($.call(storeFacilityList, address.at, $.field(f.b2)));
  }),
  insn(
    'ECAG',
    {
      op: 0xeb4c,
      fmt: 'RSY_a',
      title: 'EXTRACT CPU ATTRIBUTE',
      facility: 'general-instructions-extension',
      ignores: ['r3'],
    },
    ($, f) => $.setGr(f.r1, $.call(cacheAttribute, $.wrap($.address2(f).at))),
  ),
];
