/** PoP, "General Instructions": LOAD MULTIPLE, STORE MULTIPLE and their kin. */

import type { Field } from '../../../../ir/field.ts';
import type { Access, Address, I32, Node } from '../../../../ir/node.ts';
import { PAGE_BYTES } from '../../../../machine/layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

interface Range {
  readonly r1: Field;
  readonly r3: Field;
}
type Operands = Range & { readonly b2: Field; readonly d2: Field };
type Slow = BoundHelper<readonly ['i64', 'i32', 'i32', 'i32'], undefined>;

/** What one register of the range takes of storage: a word (4 bytes) or all of it (8). */
interface Unit {
  readonly bytes: 4 | 8;
  /** Loads the numbered register from the bytes `offset` behind a probed pointer. */
  load($: Sem, register: I32, pointer: I32, offset: number): void;
  /** What the numbered register stores. */
  value($: Sem, register: I32): Node<'i32'> | Node<'i64'>;
  /** The same for operands that are not in one page at hand: address, base register, R1, R3. */
  readonly slowLoad: Slow;
  readonly slowStore: Slow;
}

function countOf(r1: number, r3: number): number {
  return ((r3 - r1) & 15) + 1;
}

/** The slow ways of a unit, from how a register's unit is set from and put into storage. */
function slowWays(
  name: string,
  bytes: 4 | 8,
  set: (vcpu: Vcpu, register: number, from: DataView, at: number) => void,
  put: (vcpu: Vcpu, register: number, to: DataView, at: number) => void,
): { readonly slowLoad: Slow; readonly slowStore: Slow } {
  const params = ['i64', 'i32', 'i32', 'i32'] as const;
  return {
    slowLoad: helper(
      `loadMultiple ${name}`,
      { params, result: undefined, effects: { fetches: true, faults: true } },
      (vcpu, address, ar, r1, r3) => {
        const count = countOf(r1, r3);
        const path = { space: 'current', ar } as const;
        const data = vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), count * bytes, path);
        const view = new DataView(data.buffer);
        for (let i = 0; i < count; i++) set(vcpu, (r1 + i) & 15, view, i * bytes);
      },
    ),
    slowStore: helper(
      `storeMultiple ${name}`,
      { params, result: undefined, effects: { stores: true, faults: true } },
      (vcpu, address, ar, r1, r3) => {
        const count = countOf(r1, r3);
        const data = new Uint8Array(count * bytes);
        const view = new DataView(data.buffer);
        for (let i = 0; i < count; i++) put(vcpu, (r1 + i) & 15, view, i * bytes);
        vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), data, { space: 'current', ar });
      },
    ),
  };
}

const highOf = (value: bigint): number => Number(value >> 32n);
const setHigh = (vcpu: Vcpu, register: number, high: number): void =>
  vcpu.setGr(register, (BigInt(high) << 32n) | BigInt(vcpu.grLow(register)));

const doublewords: Unit = {
  bytes: 8,
  load: ($, register, pointer, offset) => $.setGrAt(register, $.hostLoadAs('i64', 64, pointer, offset)),
  value: ($, register) => $.grAt(register),
  ...slowWays(
    'doublewords',
    8,
    (vcpu, n, view, at) => vcpu.setGr(n, view.getBigUint64(at)),
    (vcpu, n, view, at) => view.setBigUint64(at, vcpu.gr(n)),
  ),
};
const words: Unit = {
  bytes: 4,
  load: ($, register, pointer, offset) => $.setGrLowAt(register, $.hostLoadAs('i32', 32, pointer, offset)),
  value: ($, register) => $.grLowAt(register),
  ...slowWays(
    'words',
    4,
    (vcpu, n, view, at) => vcpu.setGrLow(n, view.getUint32(at)),
    (vcpu, n, view, at) => view.setUint32(at, vcpu.grLow(n)),
  ),
};
const highWords: Unit = {
  bytes: 4,
  load: ($, register, pointer, offset) => $.setGrHighAt(register, $.hostLoadAs('i32', 32, pointer, offset)),
  value: ($, register) => $.grHighAt(register),
  ...slowWays(
    'high words',
    4,
    (vcpu, n, view, at) => setHigh(vcpu, n, view.getUint32(at)),
    (vcpu, n, view, at) => view.setUint32(at, highOf(vcpu.gr(n))),
  ),
};
const accessRegisters: Unit = {
  bytes: 4,
  load: ($, register, pointer, offset) => $.setArAt(register, $.hostLoadAs('i32', 32, pointer, offset)),
  value: ($, register) => $.arAt(register),
  ...slowWays(
    'access registers',
    4,
    (vcpu, n, view, at) => vcpu.setAr(n, view.getUint32(at)),
    (vcpu, n, view, at) => view.setUint32(at, vcpu.ar(n)),
  ),
};

/**
 * Does `move` for each register of the range, R1 first, wrapping from 15 to 0. Straight, one test a register: with known
 * R1 and R3 nothing but the moves is left.
 */
function eachRegister($: Sem, f: Range, count: I32, move: (register: I32, nth: number) => void): void {
  const from = (nth: number): void => {
    move($.and($.add($.field(f.r1), nth), 15), nth);
    if (nth < 15) $.when($.gtU(count, nth + 1), () => from(nth + 1));
  };
  from(0);
}

function registerCount($: Sem, f: Range): I32 {
  return $.add($.and($.sub($.field(f.r3), $.field(f.r1)), 15), 1);
}

/**
 * An operand that lies over the end of a page, when both pages are at hand: `there` is given the pointers to its two parts and the
 * bytes of the first. Translated code leaves it to the interpreter.
 */
function overPageEnd(
  $: Sem,
  { access, address, bytes }: { readonly access: Access; readonly address: Address; readonly bytes: I32 },
  there: (first: I32, second: I32, behind: I32) => void,
  otherwise: () => void,
): void {
  const behind = $.sub($.i32(PAGE_BYTES), $.and($.wrap(address.at), PAGE_BYTES - 1));
  const rest: Address = { ...address, at: $.wrapAddress($.add(address.at, $.zext(behind))) };
  $.when(
    $.gtU(bytes, behind),
    () => {
      const first = $.probe(access, address, behind);
      $.when(
        first,
        () => {
          const second = $.probe(access, rest, $.sub(bytes, behind));
          $.when(second, () => there(first, second, behind), otherwise);
        },
        otherwise,
      );
    },
    otherwise,
  );
}

function loadMultiple($: Sem, f: Operands, unit: Unit, address: Address = $.address2(f)): void {
  const count = registerCount($, f);
  const bytes = $.mul(count, unit.bytes);
  const pointer = $.probe('fetch', address, bytes);
  const load = (from: I32): void =>
    eachRegister($, f, count, (register, nth) => unit.load($, register, from, nth * unit.bytes));
  const slow = (): void => $.callVoid(unit.slowLoad, address.at, $.field(f.b2), $.field(f.r1), $.field(f.r3));
  $.when(
    pointer,
    () => load(pointer),
    () =>
      overPageEnd(
        $,
        { access: 'fetch', address, bytes },
        (first, second, behind) => {
          const room = $.room();
          $.hostCopy(room, first, behind);
          // Storage is mirrored: what lies behind is below.
          $.hostCopy($.sub(room, behind), second, $.sub(bytes, behind));
          load(room);
        },
        slow,
      ),
  );
}

function storeMultiple($: Sem, f: Operands, unit: Unit, address: Address = $.address2(f)): void {
  const count = registerCount($, f);
  const bytes = $.mul(count, unit.bytes);
  const pointer = $.probe('store', address, bytes);
  const width = unit.bytes === 8 ? 64 : 32;
  const store = (to: I32): void =>
    eachRegister($, f, count, (register, nth) => $.hostStore(width, to, nth * unit.bytes, unit.value($, register)));
  const slow = (): void => $.callVoid(unit.slowStore, address.at, $.field(f.b2), $.field(f.r1), $.field(f.r3));
  $.when(
    pointer,
    () => store(pointer),
    () =>
      overPageEnd(
        $,
        { access: 'store', address, bytes },
        (first, second, behind) => {
          const room = $.room();
          store(room);
          $.hostCopy(first, room, behind);
          $.hostCopy(second, $.sub(room, behind), $.sub(bytes, behind));
        },
        slow,
      ),
  );
}

/** The operand of LAM and STAM, which must lie on a word boundary. */
function wordAligned($: Sem, f: Operands): Address {
  const address = $.address2(f);
  $.requireAligned(address, 4);
  return address;
}

/** High words from one address, low words from another; nothing is loaded unless all can be. */
const loadDisjoint = helper(
  'loadMultipleDisjoint',
  {
    params: ['i64', 'i32', 'i64', 'i32', 'i32', 'i32'],
    result: undefined,
    effects: { fetches: true, faults: true },
  },
  (vcpu, high, arHigh, low, arLow, r1, r3) => {
    const count = countOf(r1, r3);
    const fetched = (address: bigint, ar: number): DataView => {
      const path = { space: 'current', ar } as const;
      return new DataView(vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), count * 4, path).buffer);
    };
    const highs = fetched(high, arHigh);
    const lows = fetched(low, arLow);
    for (let i = 0; i < count; i++) {
      vcpu.setGr((r1 + i) & 15, (BigInt(highs.getUint32(i * 4)) << 32n) | BigInt(lows.getUint32(i * 4)));
    }
  },
);

type Quadword = { readonly r1: Field; readonly b2: Field; readonly d2: Field; readonly x2: Field };

/** The operand of LPQ and STPQ: an even register, a quadword boundary. */
function quadword($: Sem, f: Quadword): Address {
  const address = $.address2(f);
  $.requireEven(f.r1);
  $.requireAligned(address, 16);
  return address;
}

function loadPair($: Sem, f: Quadword): void {
  const pair = $.fetch128(quadword($, f));
  $.setGr(f.r1, $.lane('i64', 'i64x2.extract_lane', 1, pair));
  $.setGr(f.r1, $.lane('i64', 'i64x2.extract_lane', 0, pair), 1);
}

function storePair($: Sem, f: Quadword): void {
  const address = quadword($, f);
  const right = $.conv('v128', 'i64x2.splat', $.gr(f.r1, 1));
  $.storeAs(128, address, $.lane('v128', 'i64x2.replace_lane', 1, right, $.gr(f.r1)));
}

/** Moves between several registers and storage. */
export const multipleRows: readonly Row[] = [
  insn('LM', { op: 0x98, fmt: 'RS_a', title: 'LOAD MULTIPLE (32)', facility: 'zarch' }, ($, f) =>
    loadMultiple($, f, words),
  ),
  insn('LMY', { op: 0xeb98, fmt: 'RSY_a', title: 'LOAD MULTIPLE (32)', facility: 'long-displacement' }, ($, f) =>
    loadMultiple($, f, words),
  ),
  insn('LMG', { op: 0xeb04, fmt: 'RSY_a', title: 'LOAD MULTIPLE (64)', facility: 'zarch' }, ($, f) =>
    loadMultiple($, f, doublewords),
  ),
  insn('LMH', { op: 0xeb96, fmt: 'RSY_a', title: 'LOAD MULTIPLE HIGH', facility: 'zarch' }, ($, f) =>
    loadMultiple($, f, highWords),
  ),
  insn('LMD', { op: 0xef, fmt: 'SS_e', title: 'LOAD MULTIPLE DISJOINT', facility: 'zarch' }, ($, f) =>
    $.callVoid(
      loadDisjoint,
      $.address2(f).at,
      $.field(f.b2),
      $.address4(f).at,
      $.field(f.b4),
      $.field(f.r1),
      $.field(f.r3),
    ),
  ),
  insn('LAM', { op: 0x9a, fmt: 'RS_a', title: 'LOAD ACCESS MULTIPLE', facility: 'zarch' }, ($, f) =>
    loadMultiple($, f, accessRegisters, wordAligned($, f)),
  ),
  insn('LAMY', { op: 0xeb9a, fmt: 'RSY_a', title: 'LOAD ACCESS MULTIPLE', facility: 'long-displacement' }, ($, f) =>
    loadMultiple($, f, accessRegisters, wordAligned($, f)),
  ),
  insn('STM', { op: 0x90, fmt: 'RS_a', title: 'STORE MULTIPLE (32)', facility: 'zarch' }, ($, f) =>
    storeMultiple($, f, words),
  ),
  insn('STMY', { op: 0xeb90, fmt: 'RSY_a', title: 'STORE MULTIPLE (32)', facility: 'long-displacement' }, ($, f) =>
    storeMultiple($, f, words),
  ),
  insn('STMG', { op: 0xeb24, fmt: 'RSY_a', title: 'STORE MULTIPLE (64)', facility: 'zarch' }, ($, f) =>
    storeMultiple($, f, doublewords),
  ),
  insn('STMH', { op: 0xeb26, fmt: 'RSY_a', title: 'STORE MULTIPLE HIGH', facility: 'zarch' }, ($, f) =>
    storeMultiple($, f, highWords),
  ),
  insn('STAM', { op: 0x9b, fmt: 'RS_a', title: 'STORE ACCESS MULTIPLE', facility: 'zarch' }, ($, f) =>
    storeMultiple($, f, accessRegisters, wordAligned($, f)),
  ),
  insn('STAMY', { op: 0xeb9b, fmt: 'RSY_a', title: 'STORE ACCESS MULTIPLE', facility: 'long-displacement' }, ($, f) =>
    storeMultiple($, f, accessRegisters, wordAligned($, f)),
  ),
  insn('LPQ', { op: 0xe38f, fmt: 'RXY_a', title: 'LOAD PAIR FROM QUADWORD', facility: 'zarch' }, ($, f) =>
    loadPair($, f),
  ),
  insn('STPQ', { op: 0xe38e, fmt: 'RXY_a', title: 'STORE PAIR TO QUADWORD', facility: 'zarch' }, ($, f) =>
    storePair($, f),
  ),
];
