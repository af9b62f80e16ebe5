/** Power ISA, Book I, "Fixed-Point Load", "Store", "Load and Store with Byte Reversal Instructions". */

import type { I64 } from '../../../../ir/node.ts';
import { forms, type PpcField } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

type Bits = 8 | 16 | 32 | 64;
/** A number of storage as a register has it, from what was fetched. */
type Widen = ($: Sem, value: I64) => I64;

const zero: Widen = (_, value) => value;
const half: Widen = ($, value) => $.extend(16, value);
const word: Widen = ($, value) => $.extend(32, value);

interface Operand {
  readonly rt: PpcField;
  readonly ra: PpcField;
}

const displaced = ($: Sem, f: Operand & { readonly d: PpcField }): I64 => $.ea($.gpr(f.ra), $.sext($.field(f.d)));
const indexed = ($: Sem, f: Operand & { readonly rb: PpcField }): I64 => $.ea($.gpr(f.ra), $.gpr(f.rb));

/** The four ways to an operand: displacement or index, with and without an update of RA. */
interface Ways {
  readonly d?: number;
  readonly du?: number;
  readonly x?: number;
  readonly ux?: number;
}

function loads(stem: string, title: string, bits: Bits, widen: Widen, ways: Ways): Row[] {
  const load = ($: Sem, f: Operand, ea: I64, update: boolean): void => {
    const value = widen($, $.fetch(bits, ea));
    if (update) $.setGpr(f.ra, ea);
    $.setGpr(f.rt, value);
  };
  return [
    ways.d === undefined
      ? []
      : insn(stem, { op: op.d(ways.d), form: forms.load, title }, ($, f) => load($, f, displaced($, f), false)),
    ways.du === undefined
      ? []
      : insn(`${stem}u`, { op: op.d(ways.du), form: forms.update, title: `${title} with Update` }, ($, f) =>
          load($, f, displaced($, f), true),
        ),
    ways.x === undefined
      ? []
      : insn(`${stem}x`, { op: op.x(31, ways.x), form: forms.loadX, title: `${title} Indexed` }, ($, f) =>
          load($, f, indexed($, f), false),
        ),
    ways.ux === undefined
      ? []
      : insn(
          `${stem}ux`,
          { op: op.x(31, ways.ux), form: forms.updateX, title: `${title} with Update Indexed` },
          ($, f) => load($, f, indexed($, f), true),
        ),
  ].flat();
}

function stores(stem: string, title: string, bits: Bits, ways: Ways): Row[] {
  const store = ($: Sem, f: Operand, ea: I64, update: boolean): void => {
    $.store(bits, ea, $.gpr(f.rt));
    if (update) $.setGpr(f.ra, ea);
  };
  return [
    ways.d === undefined
      ? []
      : insn(stem, { op: op.d(ways.d), form: forms.load, title }, ($, f) => store($, f, displaced($, f), false)),
    ways.du === undefined
      ? []
      : insn(`${stem}u`, { op: op.d(ways.du), form: forms.update, title: `${title} with Update` }, ($, f) =>
          store($, f, displaced($, f), true),
        ),
    insn(`${stem}x`, { op: op.x(31, ways.x ?? 0), form: forms.loadX, title: `${title} Indexed` }, ($, f) =>
      store($, f, indexed($, f), false),
    ),
    insn(
      `${stem}ux`,
      { op: op.x(31, ways.ux ?? 0), form: forms.updateX, title: `${title} with Update Indexed` },
      ($, f) => store($, f, indexed($, f), true),
    ),
  ].flat();
}

const doublewords: readonly Row[] = [
  insn('ld', { op: op.ds(58, 0), form: forms.loadDs, title: 'Load Doubleword' }, ($, f) =>
    $.setGpr(f.rt, $.fetch(64, displaced($, f))),
  ),
  insn('ldu', { op: op.ds(58, 1), form: forms.updateDs, title: 'Load Doubleword with Update' }, ($, f) => {
    const ea = displaced($, f);
    const value = $.fetch(64, ea);
    $.setGpr(f.ra, ea);
    $.setGpr(f.rt, value);
  }),
  insn('lwa', { op: op.ds(58, 2), form: forms.loadDs, title: 'Load Word Algebraic' }, ($, f) =>
    $.setGpr(f.rt, $.extend(32, $.fetch(32, displaced($, f)))),
  ),
  insn('std', { op: op.ds(62, 0), form: forms.loadDs, title: 'Store Doubleword' }, ($, f) =>
    $.store(64, displaced($, f), $.gpr(f.rt)),
  ),
  insn('stdu', { op: op.ds(62, 1), form: forms.updateDs, title: 'Store Doubleword with Update' }, ($, f) => {
    const ea = displaced($, f);
    $.store(64, ea, $.gpr(f.rt));
    $.setGpr(f.ra, ea);
  }),
].flat();

const reversed: readonly Row[] = (
  [
    ['lhbrx', 790, 'Load Halfword Byte-Reverse Indexed', 16],
    ['lwbrx', 534, 'Load Word Byte-Reverse Indexed', 32],
    ['ldbrx', 532, 'Load Doubleword Byte-Reverse Indexed', 64],
  ] as const
).flatMap(([mnemonic, extended, title, bits]) =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.loadX, title }, ($, f) =>
    $.setGpr(f.rt, $.fetch(bits, indexed($, f), true)),
  ),
);
const reversedStores: readonly Row[] = (
  [
    ['sthbrx', 918, 'Store Halfword Byte-Reverse Indexed', 16],
    ['stwbrx', 662, 'Store Word Byte-Reverse Indexed', 32],
    ['stdbrx', 660, 'Store Doubleword Byte-Reverse Indexed', 64],
  ] as const
).flatMap(([mnemonic, extended, title, bits]) =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.loadX, title }, ($, f) =>
    $.store(bits, indexed($, f), $.gpr(f.rt), true),
  ),
);

/** The instructions. */
export const loadsAndStores: readonly Row[] = [
  ...loads('lbz', 'Load Byte and Zero', 8, zero, { d: 34, du: 35, x: 87, ux: 119 }),
  ...loads('lhz', 'Load Halfword and Zero', 16, zero, { d: 40, du: 41, x: 279, ux: 311 }),
  ...loads('lha', 'Load Halfword Algebraic', 16, half, { d: 42, du: 43, x: 343, ux: 375 }),
  ...loads('lwz', 'Load Word and Zero', 32, zero, { d: 32, du: 33, x: 23, ux: 55 }),
  ...loads('lwa', 'Load Word Algebraic', 32, word, { x: 341, ux: 373 }),
  ...loads('ld', 'Load Doubleword', 64, zero, { x: 21, ux: 53 }),
  ...stores('stb', 'Store Byte', 8, { d: 38, du: 39, x: 215, ux: 247 }),
  ...stores('sth', 'Store Halfword', 16, { d: 44, du: 45, x: 407, ux: 439 }),
  ...stores('stw', 'Store Word', 32, { d: 36, du: 37, x: 151, ux: 183 }),
  ...stores('std', 'Store Doubleword', 64, { x: 149, ux: 181 }),
  ...doublewords,
  ...reversed,
  ...reversedStores,
];
