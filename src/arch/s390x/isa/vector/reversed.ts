/** PoP, "Vector Overview and Support Instructions": loads and stores in the other byte order or element order. */

import type { I64, V128 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { element, fetchElement, requireElement, storeElement, withElement } from './element.ts';
import { byElement, constant, pair, splat, swizzle, vectorInstruction } from './lanes.ts';

const title = (what: string): string => `VECTOR ${what}`;
const facility = 'vector-enhancements-2';
type Size = 1 | 2 | 3;
const sizes = [1, 2, 3] as const;

/** The bytes of an integer of 2, 4 or 8 bytes in the other order, zero extended. */
export function reversedInteger($: Sem, es: Size, value: I64): I64 {
  const swapped = (v: I64, bits: number, mask: bigint): I64 =>
    $.or($.and($.shrU(v, bits), mask), $.shl($.and(v, mask), bits));
  const halves = swapped(value, 8, 0x00ff_00ff_00ff_00ffn);
  if (es === 1) return $.and(halves, 0xffff);
  const words = swapped(halves, 16, 0x0000_ffff_0000_ffffn);
  return es === 2 ? $.and(words, 0xffff_ffffn) : $.rotl(words, 32);
}

/** Lane numbers that turn `size`-byte pieces around, each in its place. */
function turned($: Sem, size: number): V128 {
  const lanes = Array.from({ length: 16 }, (_, lane) => BigInt(lane ^ (size - 1)));
  const half = (from: number): bigint =>
    lanes.slice(from, from + 8).reduce((all, lane, i) => all | (lane << BigInt(8 * i)), 0n);
  return constant($, half(8), half(0));
}

/** Bytes of each element in the other order. */
function reversedBytes($: Sem, es: Size | 4, a: V128): V128 {
  return swizzle($, a, turned($, 1 << es));
}
/** Elements in the other order, the bytes of each as they are. */
function reversedElements($: Sem, es: Size, a: V128): V128 {
  return reversedBytes($, es, swizzle($, a, turned($, 16)));
}

const letters = { 1: 'H', 2: 'F', 3: 'G' } as const;
const opcodes = { 1: 0xe601, 2: 0xe603, 3: 0xe602 } as const;

function elementRows(es: Size): Row[] {
  const letter = letters[es];
  const op = opcodes[es];
  return [
    insn(`VLEBR${letter}`, { op, fmt: 'VRX', title: title('LOAD BYTE REVERSED ELEMENT'), facility }, ($, f) => {
      vectorInstruction($);
      requireElement($, es, f.m3);
      const value = reversedInteger($, es, fetchElement($, es, $.address2(f)));
      $.setVr(f.v1, withElement($, es, $.vr(f.v1), $.field(f.m3), value));
    }),
    insn(
      `VSTEBR${letter}`,
      { op: op + 8, fmt: 'VRX', title: title('STORE BYTE REVERSED ELEMENT'), facility },
      ($, f) => {
        vectorInstruction($);
        requireElement($, es, f.m3);
        const value = element($, es, $.vr(f.v1), $.field(f.m3));
        storeElement($, es, $.address2(f), reversedInteger($, es, value));
      },
    ),
  ];
}

/** Loads and stores with reversal. */
export const reversedRows: readonly Row[] = [
  ...sizes.flatMap((es) => elementRows(es)),
  insn('VLLEBRZ', { op: 0xe604, fmt: 'VRX', title: title('LOAD BYTE REVERSED ELEMENT AND ZERO'), facility }, ($, f) => {
    vectorInstruction($);
    const put = (value: I64): void => $.setVr(f.v1, pair($, value, $.i64(0)));
    // With size code 6 a word goes to the left of its doubleword.
    byElement($, f.m3, [1, 2, 3, 6] as const, (code) => {
      const es = code === 6 ? 2 : code;
      const value = reversedInteger($, es, fetchElement($, es, $.address2(f)));
      put(code === 6 ? $.shl(value, 32) : value);
    });
  }),
  insn(
    'VLBRREP',
    { op: 0xe605, fmt: 'VRX', title: title('LOAD BYTE REVERSED ELEMENT AND REPLICATE'), facility },
    ($, f) => {
      vectorInstruction($);
      byElement($, f.m3, sizes, (es) =>
        $.setVr(f.v1, splat($, es, reversedInteger($, es, fetchElement($, es, $.address2(f))))),
      );
    },
  ),
  insn('VLBR', { op: 0xe606, fmt: 'VRX', title: title('LOAD BYTE REVERSED ELEMENTS'), facility }, ($, f) => {
    vectorInstruction($);
    byElement($, f.m3, [1, 2, 3, 4] as const, (es) => $.setVr(f.v1, reversedBytes($, es, $.fetch128($.address2(f)))));
  }),
  insn('VSTBR', { op: 0xe60e, fmt: 'VRX', title: title('STORE BYTE REVERSED ELEMENTS'), facility }, ($, f) => {
    vectorInstruction($);
    byElement($, f.m3, [1, 2, 3, 4] as const, (es) => $.store128($.address2(f), reversedBytes($, es, $.vr(f.v1))));
  }),
  insn('VLER', { op: 0xe607, fmt: 'VRX', title: title('LOAD ELEMENTS REVERSED'), facility }, ($, f) => {
    vectorInstruction($);
    byElement($, f.m3, sizes, (es) => $.setVr(f.v1, reversedElements($, es, $.fetch128($.address2(f)))));
  }),
  insn('VSTER', { op: 0xe60f, fmt: 'VRX', title: title('STORE ELEMENTS REVERSED'), facility }, ($, f) => {
    vectorInstruction($);
    byElement($, f.m3, sizes, (es) => $.store128($.address2(f), reversedElements($, es, $.vr(f.v1))));
  }),
];
