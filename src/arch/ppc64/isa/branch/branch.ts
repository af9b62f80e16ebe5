/** Power ISA, Book I, "Branch Facility": branches and condition register instructions. */

import type { I32, I64 } from '../../../../ir/node.ts';
import { slots } from '../../cpu/state-layout.ts';
import { type Fields, field, form, forms } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { needsFacility } from '../system/facility.ts';

const condition = { bo: field.bits(6, 5), bc: field.crf(11), bit: field.bits(14, 2) };
const conditional = form({ ...condition, bd: field.bd() });
const byRegister = form(condition);
const distance = form({ li: field.li() });

/** What is known of BO when an instruction is decoded: the bits that are given, the others of its operand. */
interface Known {
  /** Ignore CR; the value of the CR bit to branch at; ignore CTR; branch when CTR is zero. */
  readonly always?: boolean;
  readonly wanted?: 0 | 1;
  readonly noCtr?: boolean;
  readonly atZero?: 0 | 1;
}

type Condition = Fields<typeof condition>;

function boBit($: Sem, f: Condition, weight: number): I32 {
  return $.and($.shrU($.field(f.bo), weight), 1);
}

/** 1 when the CR bit is what BO wants. */
function crHolds($: Sem, f: Condition, { always, wanted }: Known): I32 | undefined {
  if (always === true) return undefined;
  const bit = $.crBit(f.bc, f.bit);
  if (wanted === 1) return bit;
  if (wanted === 0) return $.isZero(bit);
  const holds = $.eq(bit, boBit($, f, 3));
  return always === false ? holds : $.or(holds, boBit($, f, 4));
}

/** Counts CTR down, and 1 when that is as BO wants. */
function ctrHolds($: Sem, f: Condition, { noCtr, atZero }: Known): I32 | undefined {
  if (noCtr === true) return undefined;
  const counted = $.sub($.ctr(), 1);
  const seen = $.select($.is64(), counted, $.zext($.wrap(counted)));
  if (noCtr === false) {
    $.setCtr(counted);
    return atZero === 1 ? $.isZero(seen) : $.ne(seen, 0);
  }
  const ignore = boBit($, f, 2);
  $.setCtr($.select(ignore, $.ctr(), counted));
  return $.or($.eq($.isZero(seen), boBit($, f, 1)), ignore);
}

/** Branches to `target` when the condition holds; LR, in the forms that set it, is set in any case. */
function branchIf($: Sem, f: Condition, known: Known, target: ($: Sem) => I64): void {
  const to = target($);
  const cr = crHolds($, f, known);
  const ctr = ctrHolds($, f, known);
  if ($.variant.lk) $.setLr($.next());
  const go = (): void => {
    $.setState(slots.cfar, $.ia());
    $.branch(to);
  };
  const both = cr === undefined ? ctr : ctr === undefined ? cr : $.and(cr, ctr);
  if (both === undefined) go();
  else $.when(both, go);
}

const relative =
  (f: typeof conditional) =>
  ($: Sem): I64 =>
    $.variant.aa ? $.rel(f.bd) : $.add($.ia(), $.rel(f.bd));

/** The most frequent values of BO have rows of their own, each with fewer questions; hints are not looked at. */
const shapes: readonly (readonly [suffix: string, bo: number, mask: number, known: Known])[] = [
  ['c', 0, 0, {}],
  ['t', 0b01100, 0b11100, { always: false, wanted: 1, noCtr: true }],
  ['f', 0b00100, 0b11100, { always: false, wanted: 0, noCtr: true }],
  ['dnz', 0b10000, 0b10110, { always: true, noCtr: false, atZero: 0 }],
  ['dz', 0b10010, 0b10110, { always: true, noCtr: false, atZero: 1 }],
  ['', 0b10100, 0b10100, { always: true, noCtr: true }],
];

/** Fields that a shape does not look at. */
function unasked({ always, wanted, noCtr }: Known): string[] {
  const cr = always === true ? ['bc', 'bit'] : [];
  const all = always !== undefined && noCtr !== undefined && (always || wanted !== undefined);
  return all ? [...cr, 'bo'] : cr;
}

function family(
  suffix: string,
  { value, mask }: { readonly value: number; readonly mask: number },
  rows: (mnemonic: string, opcode: ReturnType<typeof op.d>, known: Known, ignores: readonly string[]) => Row[],
): Row[] {
  return shapes.flatMap(([shape, bo, boMask, known]) =>
    rows(`b${shape}${suffix}`, op.exactly(value | (bo << 21), mask | (boMask << 21)), known, unasked(known)),
  );
}

const conditionals: readonly Row[] = [
  // A relative branch that is always taken is `b` in other words; it is left to the general row.
  ...family('', op.d(16), (mnemonic, opcode, known, ignores) =>
    mnemonic === 'b'
      ? []
      : insn(
          mnemonic,
          { op: opcode, form: conditional, title: 'Branch Conditional', also: ['aa', 'lk'], ignores },
          ($, f) => branchIf($, f, known, relative(f)),
        ),
  ),
  ...family('lr', op.x(19, 16), (mnemonic, opcode, known, ignores) =>
    insn(
      mnemonic,
      { op: opcode, form: byRegister, title: 'Branch Conditional to Link Register', also: ['lk'], ignores },
      ($, f) => branchIf($, f, known, (s) => s.and(s.lr(), -4)),
    ),
  ),
  // Forms that count CTR down do not exist.
  ...family('ctr', op.x(19, 528), (mnemonic, opcode, known, ignores) =>
    known.noCtr !== true
      ? []
      : insn(
          mnemonic,
          { op: opcode, form: byRegister, title: 'Branch Conditional to Count Register', also: ['lk'], ignores },
          ($, f) => branchIf($, f, known, (s) => s.and(s.ctr(), -4)),
        ),
  ),
];

/** Branches to the target address register, which POWER8 has. */
export const targetBranches: readonly Row[] = family('tar', op.x(19, 560), (mnemonic, opcode, known, ignores) =>
  insn(
    mnemonic,
    { op: opcode, form: byRegister, title: 'Branch Conditional to Branch Target Register', also: ['lk'], ignores },
    ($, f) => {
      needsFacility($, 'tar');
      branchIf($, f, known, (s) => s.and(s.state(slots.tar), -4));
    },
  ),
);

const crLogic = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, a: I32, b: I32) => I32): Row[] =>
  insn(mnemonic, { op: op.x(19, extended), form: forms.crOp, title }, ($, f) => {
    const bit = meaning($, $.crBit(f.baf, f.bab), $.crBit(f.bbf, f.bbb));
    const place = $.sub($.i32(3), $.field(f.btb));
    const kept = $.and($.crf(f.btf), $.not($.shl($.i32(1), place)));
    $.setCrf(f.btf, $.or(kept, $.shl($.and(bit, 1), place)));
  });

const crLogicals: readonly Row[] = [
  crLogic('crand', 257, 'Condition Register AND', ($, a, b) => $.and(a, b)),
  crLogic('crnand', 225, 'Condition Register NAND', ($, a, b) => $.not($.and(a, b))),
  crLogic('cror', 449, 'Condition Register OR', ($, a, b) => $.or(a, b)),
  crLogic('crxor', 193, 'Condition Register XOR', ($, a, b) => $.xor(a, b)),
  crLogic('crnor', 33, 'Condition Register NOR', ($, a, b) => $.not($.or(a, b))),
  crLogic('creqv', 289, 'Condition Register Equivalent', ($, a, b) => $.not($.xor(a, b))),
  crLogic('crandc', 129, 'Condition Register AND with Complement', ($, a, b) => $.and(a, $.not(b))),
  crLogic('crorc', 417, 'Condition Register OR with Complement', ($, a, b) => $.or(a, $.not(b))),
].flat();

/** The instructions. */
export const branches: readonly Row[] = [
  ...insn('b', { op: op.d(18), form: distance, title: 'Branch', also: ['aa', 'lk'] }, ($, f) => {
    if ($.variant.lk) $.setLr($.next());
    $.setState(slots.cfar, $.ia());
    $.branch($.variant.aa ? $.rel(f.li) : $.add($.ia(), $.rel(f.li)));
  }),
  ...conditionals,
  ...insn(
    'mcrf',
    { op: op.x(19, 0), form: form({ bf: field.crf(6), bfa: field.crf(11) }), title: 'Move Condition Register Field' },
    ($, f) => $.setCrf(f.bf, $.crf(f.bfa)),
  ),
  ...crLogicals,
];
