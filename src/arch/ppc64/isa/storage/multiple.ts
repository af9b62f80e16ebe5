/** Power ISA, Book I, "Fixed-Point Load and Store Multiple" and "Move Assist Instructions". */

import { VECTOR } from '../../cpu/interruptions.ts';
import { MSR } from '../../cpu/msr.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { field, form, forms } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const COUNT = 32;
const { asUintN } = BigInt;

/** In little-endian mode none of these is done by the machine. */
function bigOnly(vcpu: Vcpu, ea: bigint): bigint {
  const address = asUintN(64, ea);
  if ((vcpu.msrLow & MSR.le) === 0) return address;
  vcpu.setBig(slots.dar, address);
  return vcpu.raise(VECTOR.alignment);
}

const NO_REGISTER = -1;
/** Registers that hold the address are left alone: the form is invalid, and the machine stops when it comes to one. */
const read = helper(
  'load registers',
  { params: ['i64', 'i32', 'i32', 'i32', 'i32'], result: undefined, effects: { fetches: true, faults: true } },
  (vcpu, core, ea, first, count, base, index) => {
    const bytes = core.access.read(vcpu, bigOnly(vcpu, ea), count);
    for (let i = 0; i < count; i += 4) {
      const word = [0, 1, 2, 3].reduce((all, n) => (all << 8) | (bytes[i + n] ?? 0), 0);
      const register = (first + (i >> 2)) % COUNT;
      if (register === base || register === index) return;
      vcpu.setGpr(register, BigInt(word >>> 0));
    }
  },
);
const write = helper(
  'store registers',
  { params: ['i64', 'i32', 'i32'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, core, ea, first, count) => {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const word = Number(vcpu.gpr((first + (i >> 2)) % COUNT) & 0xffff_ffffn);
      bytes[i] = word >>> (24 - 8 * (i & 3));
    }
    core.access.write(vcpu, bigOnly(vcpu, ea), bytes);
  },
);

const immediate = form({ rt: field.gr(6), ra: field.gr0(11), nb: field.bits(16, 5) });
const none = ($: Sem) => $.i64(0);

/** The instructions. */
export const multiples: readonly Row[] = [
  insn('lmw', { op: op.d(46), form: forms.load, title: 'Load Multiple Word' }, ($, f) => {
    const count = $.shl($.sub($.i32(COUNT), $.field(f.rt)), 2);
    $.callVoid(read, $.ea($.gpr(f.ra), $.sext($.field(f.d))), $.field(f.rt), count, NO_REGISTER, NO_REGISTER);
  }),
  insn('stmw', { op: op.d(47), form: forms.load, title: 'Store Multiple Word' }, ($, f) => {
    const count = $.shl($.sub($.i32(COUNT), $.field(f.rt)), 2);
    $.callVoid(write, $.ea($.gpr(f.ra), $.sext($.field(f.d))), $.field(f.rt), count);
  }),
  insn('lswi', { op: op.x(31, 597), form: immediate, title: 'Load String Word Immediate' }, ($, f) => {
    const count = $.select($.isZero($.field(f.nb)), $.i32(32), $.field(f.nb));
    $.callVoid(read, $.ea($.gpr(f.ra), none($)), $.field(f.rt), count, $.field(f.ra), NO_REGISTER);
  }),
  insn('lswx', { op: op.x(31, 533), form: forms.loadX, title: 'Load String Word Indexed' }, ($, f) =>
    $.callVoid(
      read,
      $.ea($.gpr(f.ra), $.gpr(f.rb)),
      $.field(f.rt),
      $.state(slots.byteCount),
      $.field(f.ra),
      $.field(f.rb),
    ),
  ),
  insn('stswi', { op: op.x(31, 725), form: immediate, title: 'Store String Word Immediate' }, ($, f) => {
    const count = $.select($.isZero($.field(f.nb)), $.i32(32), $.field(f.nb));
    $.callVoid(write, $.ea($.gpr(f.ra), none($)), $.field(f.rt), count);
  }),
  insn('stswx', { op: op.x(31, 661), form: forms.loadX, title: 'Store String Word Indexed' }, ($, f) =>
    $.callVoid(write, $.ea($.gpr(f.ra), $.gpr(f.rb)), $.field(f.rt), $.state(slots.byteCount)),
  ),
].flat();
