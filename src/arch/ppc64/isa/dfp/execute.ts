/** Carries decimal operations out on a vCPU: numbers from registers and pairs, answers to them and to FPSCR, then the interruption. */

import { type DfpFormat, extended, long, short } from '../../../../soft-float/decimal/format.ts';
import type { Rounding } from '../../../../soft-float/environment.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import type { PpcField } from '../fields.ts';
import { floatEffects } from '../float/execute.ts';
import { enabledOf, FPSCR, fpscrOf, interruptIfEnabled, recordExceptions, recordInCr1 } from '../float/fpscr.ts';
import { helper } from '../helper.ts';
import { insn, type Opcode, op, type Row } from '../row.ts';
import { type Answer, type Context, resultFlags } from './number.ts';

/** The format that a decimal instruction works in. */
export interface Shape {
  /** What its mnemonic ends with. */
  readonly suffix: '' | 'q';
  readonly primary: 59 | 63;
  readonly format: DfpFormat;
}

/** Long numbers in a register, and extended ones in a pair. */
export const shapes: readonly Shape[] = [
  { suffix: '', primary: 59, format: long },
  { suffix: 'q', primary: 63, format: extended },
];

/** A number in a register, a short one in its right half, or in a pair. */
export function operand(vcpu: Vcpu, f: DfpFormat, register: number): bigint {
  const first = vcpu.vsr(register, 0);
  if (f === extended) return (first << 64n) | vcpu.vsr(register + 1, 0);
  return f === short ? BigInt.asUintN(32, first) : first;
}

/** Sets a register, or a pair. */
export function setOperand(vcpu: Vcpu, f: DfpFormat, register: number, value: bigint): void {
  if (f !== extended) return vcpu.setVsr(register, 0, value);
  vcpu.setVsr(register, 0, value >> 64n);
  vcpu.setVsr(register + 1, 0, BigInt.asUintN(64, value));
}

/** What FPSCR tells an operation in a format: it has a rounding mode for decimal numbers alone. */
export function contextOf(vcpu: Vcpu, format: DfpFormat): Context {
  const fpscr = vcpu.big(slots.fpscr);
  return { format, rounding: Number((fpscr >> 32n) & 7n) as Rounding, enabled: Number(fpscr & 0xf8n) };
}

/** Records in FPSCR what an operation met and, unless an enabled exception suppresses it, places the result. */
export function conclude(
  vcpu: Vcpu,
  answer: Answer,
  place: (value: bigint, format: DfpFormat | undefined) => void,
): void {
  const { value, format, raised, up } = answer;
  const before = fpscrOf(vcpu);
  const suppressed = (enabledOf(raised, before) & (FPSCR.ve | FPSCR.ze)) !== 0;
  let told = before & ~(FPSCR.fr | FPSCR.fi);
  if (!suppressed) {
    told |= ((raised & FPSCR.xx) === 0 ? 0 : FPSCR.fi) | (up ? FPSCR.fr : 0);
    if (format !== undefined) told = (told & ~FPSCR.fprf) | resultFlags(format, value);
    place(value, format);
  }
  recordExceptions(vcpu, told, raised);
}

/** The same with a result of a format, which a register or a pair gets. */
export function concludeIn(vcpu: Vcpu, format: DfpFormat, register: number, answer: Answer): void {
  conclude(vcpu, answer, (value) => setOperand(vcpu, format, register, value));
}

/** FPCC and a CR field become what a comparison or a test found, whose exceptions are recorded. */
export function concludeTest(vcpu: Vcpu, field: number, condition: number, raised = 0): void {
  const before = fpscrOf(vcpu);
  recordExceptions(vcpu, (before & ~FPSCR.fpcc) | (condition << 12), raised);
  vcpu.setCrField(field, condition);
  if (enabledOf(raised, before) !== 0) interruptIfEnabled(vcpu);
}

const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;

type Run = (vcpu: Vcpu, ...fields: [number, number, number, number]) => void;

interface Spec {
  readonly op: Opcode;
  readonly form: Readonly<Record<string, PpcField>>;
  readonly title: string;
}

/** Pairs begin with an even register: the last bit of their fields belongs to the opcode. */
function withPairs({ value, mask }: Opcode, fields: Spec['form']): Opcode {
  const pairs = Object.entries(fields).filter(([name]) => name.endsWith('p'));
  return op.exactly(
    value,
    pairs.reduce((all, [, { start }]) => all | (1 << (27 - start)), mask),
  );
}

function row(mnemonic: string, spec: Spec, run: Run, also: readonly 'rc'[]): Row[] {
  const operate = helper(
    mnemonic,
    { params, result: undefined, effects: floatEffects },
    (vcpu, _core, record, ...fields) => {
      run(vcpu, ...fields);
      if (also.length === 0) return;
      if (record !== 0) recordInCr1(vcpu);
      interruptIfEnabled(vcpu);
    },
  );
  const { form, title } = spec;
  return insn(mnemonic, { op: withPairs(spec.op, form), form, title, also }, ($) => {
    $.needsFp();
    const [a, b, c, d] = Object.values(form).map((f) => $.field(f));
    const none = $.i32(0);
    $.callVoid(operate, $.variant.rc ? 1 : 0, a ?? none, b ?? none, c ?? none, d ?? none);
  });
}

/** The rows of an instruction with a result; `run` is told the operand fields in their order. */
export function decimalRows(mnemonic: string, spec: Spec, run: Run): Row[] {
  return row(mnemonic, spec, run, ['rc']);
}

/** The row of a comparison or a test. */
export function testRow(mnemonic: string, spec: Spec, run: Run): Row[] {
  return row(mnemonic, spec, run, []);
}
