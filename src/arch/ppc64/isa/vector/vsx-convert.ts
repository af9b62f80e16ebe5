/** Power ISA, Book I, "Vector-Scalar Floating-Point Operations": conversions between formats and to and from integers. */

import { rounding } from '../../../../soft-float/environment.ts';
import { long, short } from '../../../../soft-float/format.ts';
import { type Kind, kinds } from '../float/execute.ts';
import { fromFixed, type IntegerKind, toFixed } from '../float/integers.ts';
import { converted, type Operation } from '../float/number.ts';
import type { Row } from '../row.ts';
import { vsxRow } from './vsx-float.ts';
import { xx2, xx2Opcode } from './vsx-rows.ts';

type Format = 'dp' | 'sp';

const formats = { dp: long, sp: short } as const;
const bitsOf = { dp: 64, sp: 32 } as const;
const named = { dp: 'Double-Precision', sp: 'Single-Precision' } as const;

const row = (mnemonic: string, low: number, what: string, kind: Kind, operation: Operation): Row[] =>
  vsxRow(mnemonic, { op: xx2Opcode(low), form: xx2, title: `VSX Convert ${what}`, kind, order: ['xb'] }, operation);

/** A number's element beside one of `to` bits: as many as there are of the wider ones. */
function kindOf(from: 32 | 64, to: 32 | 64, scalar: boolean): Kind {
  const elements = scalar ? 1 : from === 32 && to === 32 ? 4 : 2;
  return { ...kinds.vsxDouble, elements, from, to, tells: 'nothing' };
}

const toInteger = (mnemonic: string, low: number, from: Format, integer: IntegerKind): Row[] => {
  const scalar = mnemonic.startsWith('xs');
  const kind: Kind = {
    ...kindOf(bitsOf[from], integer.bits, scalar),
    ...{ operand: formats[from], tells: scalar ? 'rounding' : 'nothing' },
  };
  const what = `${named[from]} to ${integer.signed ? 'Signed' : 'Unsigned'} Integer with Round to Zero`;
  return row(mnemonic, low, what, kind, toFixed(integer, rounding.towardZero));
};

const fromInteger = (mnemonic: string, low: number, to: Format, integer: IntegerKind): Row[] => {
  const scalar = mnemonic.startsWith('xs');
  const kind: Kind = {
    ...kindOf(integer.bits, bitsOf[to], scalar),
    ...{ result: formats[to], tells: scalar ? 'all' : 'nothing' },
  };
  const what = `${integer.signed ? 'Signed' : 'Unsigned'} Integer to ${named[to]}`;
  return row(mnemonic, low, what, kind, fromFixed(integer));
};

const between = (mnemonic: string, low: number, from: Format, to: Format): Row[] => {
  const scalar = mnemonic.startsWith('xs');
  const kind: Kind = {
    ...kindOf(bitsOf[from], bitsOf[to], scalar),
    ...{ operand: formats[from], result: formats[to], tells: scalar ? 'all' : 'nothing' },
  };
  return row(mnemonic, low, `${named[from]} to ${named[to]}`, kind, converted);
};

const sxd = { bits: 64, signed: true } as const;
const uxd = { bits: 64, signed: false } as const;
const sxw = { bits: 32, signed: true } as const;
const uxw = { bits: 32, signed: false } as const;

/** The instructions. */
export const vsxConversions: readonly Row[] = [
  ...toInteger('xscvdpsxds', 0x560, 'dp', sxd),
  ...toInteger('xscvdpuxds', 0x520, 'dp', uxd),
  ...toInteger('xscvdpsxws', 0x160, 'dp', sxw),
  ...toInteger('xscvdpuxws', 0x120, 'dp', uxw),
  ...toInteger('xvcvdpsxds', 0x760, 'dp', sxd),
  ...toInteger('xvcvdpuxds', 0x720, 'dp', uxd),
  ...toInteger('xvcvdpsxws', 0x360, 'dp', sxw),
  ...toInteger('xvcvdpuxws', 0x320, 'dp', uxw),
  ...toInteger('xvcvspsxds', 0x660, 'sp', sxd),
  ...toInteger('xvcvspuxds', 0x620, 'sp', uxd),
  ...toInteger('xvcvspsxws', 0x260, 'sp', sxw),
  ...toInteger('xvcvspuxws', 0x220, 'sp', uxw),
  ...fromInteger('xscvsxddp', 0x5e0, 'dp', sxd),
  ...fromInteger('xscvuxddp', 0x5a0, 'dp', uxd),
  ...fromInteger('xvcvsxddp', 0x7e0, 'dp', sxd),
  ...fromInteger('xvcvuxddp', 0x7a0, 'dp', uxd),
  ...fromInteger('xvcvsxwdp', 0x3e0, 'dp', sxw),
  ...fromInteger('xvcvuxwdp', 0x3a0, 'dp', uxw),
  ...fromInteger('xvcvsxdsp', 0x6e0, 'sp', sxd),
  ...fromInteger('xvcvuxdsp', 0x6a0, 'sp', uxd),
  ...fromInteger('xvcvsxwsp', 0x2e0, 'sp', sxw),
  ...fromInteger('xvcvuxwsp', 0x2a0, 'sp', uxw),
  ...between('xscvdpsp', 0x424, 'dp', 'sp'),
  ...between('xscvspdp', 0x524, 'sp', 'dp'),
  ...between('xvcvdpsp', 0x624, 'dp', 'sp'),
  ...between('xvcvspdp', 0x724, 'sp', 'dp'),
];
