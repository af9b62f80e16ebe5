/** PoP, "Vector Overview and Support Instructions": between storage, general registers and vector registers. */

import type { Field } from '../../../../ir/field.ts';
import type { Address, I32, I64, V128 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { requireFacilityIf } from '../form.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { element, fetchElement, requireElement, storeElement, withElement } from './element.ts';
import { type LaneSize, laneNumbers, not, pair, splat, VR_BYTES, vectorInstruction } from './lanes.ts';

const letters = ['B', 'H', 'F', 'G'] as const;
const sizes = [0, 1, 2, 3] as const;

const opcodes = {
  load: [0xe700, 0xe701, 0xe703, 0xe702],
  loadImmediate: [0xe740, 0xe741, 0xe743, 0xe742],
  store: [0xe708, 0xe709, 0xe70b, 0xe70a],
} as const;

function elementRows(es: LaneSize): Row[] {
  const letter = letters[es];
  return [
    insn(
      `VLE${letter}`,
      { op: opcodes.load[es], fmt: 'VRX', title: 'VECTOR LOAD ELEMENT', facility: 'vector' },
      ($, f) => {
        vectorInstruction($);
        requireElement($, es, f.m3);
        const value = fetchElement($, es, $.address2(f));
        $.setVr(f.v1, withElement($, es, $.vr(f.v1), $.field(f.m3), value));
      },
    ),
    insn(
      `VLEI${letter}`,
      { op: opcodes.loadImmediate[es], fmt: 'VRI_a', title: 'VECTOR LOAD ELEMENT IMMEDIATE', facility: 'vector' },
      ($, f) => {
        vectorInstruction($);
        requireElement($, es, f.m3);
        const value = $.sext($.field(f.i2));
        $.setVr(f.v1, withElement($, es, $.vr(f.v1), $.field(f.m3), value));
      },
    ),
    insn(
      `VSTE${letter}`,
      { op: opcodes.store[es], fmt: 'VRX', title: 'VECTOR STORE ELEMENT', facility: 'vector' },
      ($, f) => {
        vectorInstruction($);
        requireElement($, es, f.m3);
        storeElement($, es, $.address2(f), element($, es, $.vr(f.v1), $.field(f.m3)));
      },
    ),
  ];
}

// ---- gather and scatter

/** The address that element M3 of V2 completes. */
function indexedAddress(
  $: Sem,
  es: LaneSize,
  f: { readonly v2: Field; readonly b2: Field; readonly d2: Field; readonly m3: Field },
): Address {
  return $.offset($.address2(f), element($, es, $.vr(f.v2), $.field(f.m3)));
}

function gatherRows(es: 2 | 3): Row[] {
  const letter = letters[es];
  const op = es === 3 ? 0xe712 : 0xe713;
  return [
    insn(`VGE${letter}`, { op, fmt: 'VRV', title: 'VECTOR GATHER ELEMENT', facility: 'vector' }, ($, f) => {
      vectorInstruction($);
      requireElement($, es, f.m3);
      const value = fetchElement($, es, indexedAddress($, es, f));
      $.setVr(f.v1, withElement($, es, $.vr(f.v1), $.field(f.m3), value));
    }),
    insn(`VSCE${letter}`, { op: op + 8, fmt: 'VRV', title: 'VECTOR SCATTER ELEMENT', facility: 'vector' }, ($, f) => {
      vectorInstruction($);
      requireElement($, es, f.m3);
      storeElement($, es, indexedAddress($, es, f), element($, es, $.vr(f.v1), $.field(f.m3)));
    }),
  ];
}

// ---- a part of a vector

const parts = { params: ['i64', 'i32', 'i32', 'i32'], result: undefined } as const;

const loadLeft = helper(
  'vectorLoadLeft',
  { ...parts, effects: { fetches: true, faults: true } },
  (vcpu, address, ar, v1, count) => {
    const data = vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), count, { space: 'current', ar });
    let value = 0n;
    for (let i = 0; i < VR_BYTES; i++) value = (value << 8n) | BigInt(data[i] ?? 0);
    vcpu.setVr(v1, value);
  },
);
const loadRight = helper(
  'vectorLoadRight',
  { ...parts, effects: { fetches: true, faults: true } },
  (vcpu, address, ar, v1, count) => {
    const data = vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), count, { space: 'current', ar });
    vcpu.setVr(
      v1,
      data.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n),
    );
  },
);

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from({ length: VR_BYTES }, (_, i) => Number((value >> BigInt(8 * (VR_BYTES - 1 - i))) & 0xffn));
}

const storeLeft = helper(
  'vectorStoreLeft',
  { ...parts, effects: { stores: true, faults: true } },
  (vcpu, address, ar, v1, count) => {
    const data = bytesOf(vcpu.vr(v1)).subarray(0, count);
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), data, { space: 'current', ar });
  },
);
const storeRight = helper(
  'vectorStoreRight',
  { ...parts, effects: { stores: true, faults: true } },
  (vcpu, address, ar, v1, count) => {
    const data = bytesOf(vcpu.vr(v1)).subarray(VR_BYTES - count);
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), data, { space: 'current', ar });
  },
);

/** The lower of a highest byte number (unsigned) and 15, plus 1. */
function countOf($: Sem, highest: I32): I32 {
  return $.add($.select($.ltU(highest, VR_BYTES), highest, VR_BYTES - 1), 1);
}

/** Ones in the `count` leftmost bytes. */
function leftBytes($: Sem, count: I32): V128 {
  return $.bin('i8x16.gt_s', laneNumbers($), $.conv('v128', 'i8x16.splat', $.sub($.i32(VR_BYTES - 1), count)));
}

interface PartOperand {
  readonly v1: Field;
  readonly b2: Field;
  readonly address: Address;
  /** Bytes, 1 to 16. */
  readonly count: I32;
}

function loadPart($: Sem, { v1, b2, address, count }: PartOperand): void {
  const pointer = $.probe('fetch', address, $.i32(VR_BYTES));
  $.when(
    pointer,
    () => $.setVr(v1, $.and($.hostLoadAs('v128', 128, pointer), leftBytes($, count))),
    () => $.callVoid(loadLeft, address.at, $.field(b2), $.field(v1), count),
  );
}

function storePart($: Sem, { v1, b2, address, count }: PartOperand): void {
  const pointer = $.probe('store', address, $.i32(VR_BYTES));
  $.when(
    pointer,
    () => {
      const stored = leftBytes($, count);
      const old = $.hostLoadAs('v128', 128, pointer);
      $.hostStore(128, pointer, 0, $.or($.and($.vr(v1), stored), $.and(old, not($, stored))));
    },
    () => $.callVoid(storeLeft, address.at, $.field(b2), $.field(v1), count),
  );
}

/** Bytes up to the next block boundary, 16 at most: blocks of 64 bytes times two to the power of M3. */
function toBoundary($: Sem, at: I64, m3: Field): I32 {
  $.pgmIf($.gtU($.field(m3), 6), PGM.specification);
  const block = $.shl($.i32(64), $.field(m3));
  const left = $.sub(block, $.and($.wrap(at), $.sub(block, 1)));
  return $.select($.ltU(left, VR_BYTES), left, VR_BYTES);
}

// ---- several registers

const slowParams = { params: ['i64', 'i32', 'i32', 'i32'], result: undefined } as const;

const loadMultiple = helper(
  'vectorLoadMultiple',
  { ...slowParams, effects: { fetches: true, faults: true } },
  (vcpu, address, ar, v1, v3) => {
    const length = (v3 - v1 + 1) * VR_BYTES;
    const data = vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), length, { space: 'current', ar });
    const view = new DataView(data.buffer, data.byteOffset, length);
    for (let i = 0; i <= v3 - v1; i++) {
      vcpu.setVr(v1 + i, (view.getBigUint64(i * VR_BYTES) << 64n) | view.getBigUint64(i * VR_BYTES + 8));
    }
  },
);
const storeMultiple = helper(
  'vectorStoreMultiple',
  { ...slowParams, effects: { stores: true, faults: true } },
  (vcpu, address, ar, v1, v3) => {
    const data = new Uint8Array((v3 - v1 + 1) * VR_BYTES);
    for (let i = 0; i <= v3 - v1; i++) data.set(bytesOf(vcpu.vr(v1 + i)), i * VR_BYTES);
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), data, { space: 'current', ar });
  },
);

interface Multiple {
  readonly v1: Field;
  readonly v3: Field;
  readonly b2: Field;
  readonly d2: Field;
}

/** Number of registers; specification exception when there are none, or more than 16. */
function registerCount($: Sem, f: Multiple): I32 {
  const distance = $.sub($.field(f.v3), $.field(f.v1));
  $.pgmIf($.gtU(distance, 15), PGM.specification);
  return $.add(distance, 1);
}

// Straight, one test a register: with known V1 and V3 nothing but the moves is left.
function eachRegister($: Sem, f: Multiple, count: I32, move: (register: I32, nth: number) => void): void {
  const from = (nth: number): void => {
    move($.add($.field(f.v1), nth), nth);
    if (nth < 15) $.when($.gtU(count, nth + 1), () => from(nth + 1));
  };
  from(0);
}

// ---- rows

const title = (what: string): string => `VECTOR ${what}`;

/** Loads and stores of whole vectors, of elements, and of parts. */
export const loadStoreRows: readonly Row[] = [
  ...sizes.flatMap((es) => elementRows(es)),
  ...gatherRows(3),
  ...gatherRows(2),
  insn('VL', { op: 0xe706, fmt: 'VRX', title: title('LOAD'), facility: 'vector', ignores: ['m3'] }, ($, f) => {
    vectorInstruction($);
    $.setVr(f.v1, $.fetch128($.address2(f)));
  }),
  insn('VST', { op: 0xe70e, fmt: 'VRX', title: title('STORE'), facility: 'vector', ignores: ['m3'] }, ($, f) => {
    vectorInstruction($);
    $.store128($.address2(f), $.vr(f.v1));
  }),
  insn(
    'VLR',
    { op: 0xe756, fmt: 'VRR_a', title: title('LOAD'), facility: 'vector', ignores: ['m3', 'm4', 'm5'] },
    ($, f) => {
      vectorInstruction($);
      $.setVr(f.v1, $.vr(f.v2));
    },
  ),
  insn('VLREP', { op: 0xe705, fmt: 'VRX', title: title('LOAD AND REPLICATE'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    $.pgmIf($.gtU($.field(f.m3), 3), PGM.specification);
    const address = $.address2(f);
    for (const es of sizes)
      $.when($.eq($.field(f.m3), es), () => $.setVr(f.v1, splat($, es, fetchElement($, es, address))));
  }),
  insn(
    'VLLEZ',
    { op: 0xe704, fmt: 'VRX', title: title('LOAD LOGICAL ELEMENT AND ZERO'), facility: 'vector' },
    ($, f) => {
      vectorInstruction($);
      // A word goes to the left of its doubleword with size code 6.
      const isLeftWord = $.eq($.field(f.m3), 6);
      $.pgmIf($.and($.gtU($.field(f.m3), 3), $.isZero(isLeftWord)), PGM.specification);
      requireFacilityIf($, isLeftWord, 'vector-enhancements-1');
      const address = $.address2(f);
      const put = (value: I64): void => $.setVr(f.v1, pair($, value, $.i64(0)));
      for (const es of sizes) $.when($.eq($.field(f.m3), es), () => put(fetchElement($, es, address)));
      $.when(isLeftWord, () => put($.shl(fetchElement($, 2, address), 32)));
    },
  ),
  insn('VLBB', { op: 0xe707, fmt: 'VRX', title: title('LOAD TO BLOCK BOUNDARY'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    const address = $.address2(f);
    loadPart($, { v1: f.v1, b2: f.b2, address, count: toBoundary($, address.at, f.m3) });
  }),
  insn('LCBB', { op: 0xe727, fmt: 'RXE', title: 'LOAD COUNT TO BLOCK BOUNDARY', facility: 'vector' }, ($, f) => {
    const count = toBoundary($, $.address2(f).at, f.m3);
    $.setGrLow(f.r1, count);
    $.setCc($.select($.eq(count, VR_BYTES), $.i32(0), 3));
  }),
  insn(
    'VLL',
    { op: 0xe737, fmt: 'VRS_b', title: title('LOAD WITH LENGTH'), facility: 'vector', ignores: ['m4'] },
    ($, f) => {
      vectorInstruction($);
      loadPart($, { v1: f.v1, b2: f.b2, address: $.address2(f), count: countOf($, $.grLow(f.r3)) });
    },
  ),
  insn(
    'VSTL',
    { op: 0xe73f, fmt: 'VRS_b', title: title('STORE WITH LENGTH'), facility: 'vector', ignores: ['m4'] },
    ($, f) => {
      vectorInstruction($);
      storePart($, { v1: f.v1, b2: f.b2, address: $.address2(f), count: countOf($, $.grLow(f.r3)) });
    },
  ),
  insn(
    'VLM',
    { op: 0xe736, fmt: 'VRS_a', title: title('LOAD MULTIPLE'), facility: 'vector', ignores: ['m4'] },
    ($, f) => {
      vectorInstruction($);
      const count = registerCount($, f);
      const address = $.address2(f);
      const pointer = $.probe('fetch', address, $.shl(count, 4));
      $.when(
        pointer,
        () =>
          eachRegister($, f, count, (register, nth) =>
            $.setVrAt(register, $.hostLoadAs('v128', 128, pointer, nth * VR_BYTES)),
          ),
        () => $.callVoid(loadMultiple, address.at, $.field(f.b2), $.field(f.v1), $.field(f.v3)),
      );
    },
  ),
  insn(
    'VSTM',
    { op: 0xe73e, fmt: 'VRS_a', title: title('STORE MULTIPLE'), facility: 'vector', ignores: ['m4'] },
    ($, f) => {
      vectorInstruction($);
      const count = registerCount($, f);
      const address = $.address2(f);
      const pointer = $.probe('store', address, $.shl(count, 4));
      $.when(
        pointer,
        () => eachRegister($, f, count, (register, nth) => $.hostStore(128, pointer, nth * VR_BYTES, $.vrAt(register))),
        () => $.callVoid(storeMultiple, address.at, $.field(f.b2), $.field(f.v1), $.field(f.v3)),
      );
    },
  ),
  ...rightmostRows(),
];

// ---- VECTOR LOAD RIGHTMOST, VECTOR STORE RIGHTMOST: packed decimal numbers of any length

function rightmostRows(): Row[] {
  const facility = 'vector-packed-decimal';
  const byNumber = ($: Sem, i3: Field): I32 => {
    $.pgmIf($.gtU($.field(i3), 15), PGM.specification);
    return $.add($.field(i3), 1);
  };
  const immediate = { fmt: 'VSI', facility } as const;
  const register = { fmt: 'VRS_d', facility } as const;
  return [
    insn('VLRL', { op: 0xe635, title: title('LOAD RIGHTMOST WITH LENGTH'), ...immediate }, ($, f) => {
      vectorInstruction($);
      const count = byNumber($, f.i3);
      $.callVoid(loadRight, $.address2(f).at, $.field(f.b2), $.field(f.v1), count);
    }),
    insn('VSTRL', { op: 0xe63d, title: title('STORE RIGHTMOST WITH LENGTH'), ...immediate }, ($, f) => {
      vectorInstruction($);
      const count = byNumber($, f.i3);
      $.callVoid(storeRight, $.address2(f).at, $.field(f.b2), $.field(f.v1), count);
    }),
    insn('VLRLR', { op: 0xe637, title: title('LOAD RIGHTMOST WITH LENGTH'), ...register }, ($, f) => {
      vectorInstruction($);
      const count = countOf($, $.grLow(f.r3));
      $.callVoid(loadRight, $.address2(f).at, $.field(f.b2), $.field(f.v1), count);
    }),
    insn('VSTRLR', { op: 0xe63f, title: title('STORE RIGHTMOST WITH LENGTH'), ...register }, ($, f) => {
      vectorInstruction($);
      const count = countOf($, $.grLow(f.r3));
      $.callVoid(storeRight, $.address2(f).at, $.field(f.b2), $.field(f.v1), count);
    }),
  ];
}
