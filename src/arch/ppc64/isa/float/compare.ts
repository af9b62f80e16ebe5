/** Power ISA, Book I, "Floating-Point Compare Instructions", and the tests of what division and square root may be given to. */

import { asF64, isNumber } from '../../../../ir/floating.ts';
import type { F64 } from '../../../../ir/node.ts';
import { isNan } from '../../../../soft-float/arithmetic.ts';
import { compare } from '../../../../soft-float/compare.ts';
import { type BfpFormat, decode, long, type Operand } from '../../../../soft-float/format.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { field, form, type PpcField } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, type Opcode, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { floatEffects } from './execute.ts';
import { enabledOf, FPSCR, fpscrOf, interruptIfEnabled, recordExceptions } from './fpscr.ts';
import { invalidComparison } from './number.ts';

/** LT, EQ, GT, unordered, by what `compare` says. */
const conditions = [2, 8, 4, 1] as const;

/** The comparison of two numbers: a CR field, FPCC, and VXSNAN or VXVC. */
function compareInto(vcpu: Vcpu, field: number, a: bigint, b: bigint, ordered: boolean): void {
  const before = fpscrOf(vcpu);
  const kinds = [a, b].map((bits) => decode(long, bits).kind);
  const raised = invalidComparison(kinds, ordered, before);
  const condition = conditions[compare(long, a, b, ordered).cc] ?? 1;
  recordExceptions(vcpu, (before & ~FPSCR.fpcc) | (condition << 12), raised);
  vcpu.setCrField(field, condition);
  if (enabledOf(raised, before) !== 0) interruptIfEnabled(vcpu);
}

const params = ['i32', 'i32', 'i32'] as const;
const comparisonHelper = (name: string, ordered: boolean) =>
  helper(name, { params, result: undefined, effects: floatEffects }, (vcpu, _core, bf, a, b) =>
    compareInto(vcpu, bf, vcpu.vsr(a, 0), vcpu.vsr(b, 0), ordered),
  );

interface CompareForm {
  readonly bf: PpcField;
  readonly a: PpcField;
  readonly b: PpcField;
}

/** The row of a comparison. */
export function comparisonRow(
  mnemonic: string,
  spec: { readonly op: Opcode; readonly form: CompareForm; readonly title: string; readonly ordered: boolean },
  available: ($: Sem) => void,
): Row[] {
  const { form: f } = spec;
  const run = comparisonHelper(mnemonic, spec.ordered);
  return insn(mnemonic, { op: spec.op, form: { ...f }, title: spec.title }, ($) => {
    available($);
    const number = (field: PpcField): F64 => asF64($, field.kind === 'fr' ? $.fpr(field) : $.leftOf($.vsr(field)));
    const [a, b] = [number(f.a), number(f.b)];
    // Numbers are ordered, and nothing is raised.
    $.when(
      $.and(isNumber($, a), isNumber($, b)),
      () => {
        const condition = $.select($.cmp('lt', a, b), $.i32(8), $.select($.cmp('gt', a, b), $.i32(4), $.i32(2)));
        $.setState(slots.fpscrLow, $.or($.and($.state(slots.fpscrLow), ~FPSCR.fpcc), $.shl(condition, 12)));
        $.setCrf(f.bf, condition);
      },
      () => $.callVoid(run, $.field(f.bf), $.field(f.a), $.field(f.b)),
    );
  });
}

/** Exponent of the leftmost bit of a finite number as its format has it; of a subnormal one that of the least exponent. */
function exponentOf(f: BfpFormat, { exponent }: Operand): number {
  return exponent + f.precision - 1;
}

function isSpecial({ kind }: Operand): boolean {
  return kind === 'infinity' || kind === 'qnan' || kind === 'snan';
}

function isSubnormal(f: BfpFormat, { kind, significand }: Operand): boolean {
  return kind === 'finite' && significand >> BigInt(f.precision - 1) === 0n;
}

/** FG and FE of the test for division: what software must look out for in a quotient that it computes by itself. */
export function testDivision(f: BfpFormat, a: bigint, b: bigint): number {
  const [x, y] = [decode(f, a), decode(f, b)];
  const infinite = x.kind === 'infinity' || y.kind === 'infinity' || y.kind === 'zero';
  const fg = infinite || isSubnormal(f, y) ? 4 : 0;
  if (isSpecial(x) || isSpecial(y) || y.kind === 'zero') return 8 | fg | 2;
  const least = 1 - f.emax;
  const [ea, eb] = [exponentOf(f, x), exponentOf(f, y)];
  const far = eb <= least || eb >= f.emax - 2;
  const apart = x.kind !== 'zero' && (ea - eb >= f.emax || ea - eb <= least + 1 || ea <= least + f.precision - 1);
  return 8 | fg | (far || apart ? 2 : 0);
}

/** The same of the test for a square root. */
export function testRoot(f: BfpFormat, b: bigint): number {
  const x = decode(f, b);
  const fg = x.kind === 'infinity' || x.kind === 'zero' || isSubnormal(f, x) ? 4 : 0;
  const bad = isNan(x) || x.kind === 'infinity' || x.kind === 'zero' || x.negative;
  return 8 | fg | (bad || exponentOf(f, x) <= 1 - f.emax + f.precision - 1 ? 2 : 0);
}

const reads = { faults: false, registers: { reads: [], writes: [] } } as const;
const testsDivision = helper('ftdiv', { params: ['i64', 'i64'], result: 'i32', effects: reads }, (_v, _c, a, b) =>
  testDivision(long, BigInt.asUintN(64, a), BigInt.asUintN(64, b)),
);
const testsRoot = helper('ftsqrt', { params: ['i64'], result: 'i32', effects: reads }, (_v, _c, b) =>
  testRoot(long, BigInt.asUintN(64, b)),
);

const compared = form({ bf: field.crf(6), a: field.fr(11), b: field.fr(16) });
const rooted = form({ bf: field.crf(6), b: field.fr(16) });

/** The instructions. */
export const floatComparisons: readonly Row[] = [
  ...comparisonRow(
    'fcmpu',
    { op: op.x(63, 0), form: compared, title: 'Floating Compare Unordered', ordered: false },
    ($) => $.needsFp(),
  ),
  ...comparisonRow(
    'fcmpo',
    { op: op.x(63, 32), form: compared, title: 'Floating Compare Ordered', ordered: true },
    ($) => $.needsFp(),
  ),
  ...insn('ftdiv', { op: op.x(63, 128), form: compared, title: 'Floating Test for Software Divide' }, ($, f) => {
    $.needsFp();
    $.setCrf(f.bf, $.call(testsDivision, $.fpr(f.a), $.fpr(f.b)));
  }),
  ...insn('ftsqrt', { op: op.x(63, 160), form: rooted, title: 'Floating Test for Software Square Root' }, ($, f) => {
    $.needsFp();
    $.setCrf(f.bf, $.call(testsRoot, $.fpr(f.b)));
  }),
];
