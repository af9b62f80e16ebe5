/** PoP, "General Instructions": COMPARE AND FORM CODEWORD and UPDATE TREE, by which sorting and merging is done. */

import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { lengthIn, operandOf, setLength } from './operands.ts';

function requireMultiples(vcpu: Vcpu, mask: bigint, ...registers: readonly number[]): void {
  if (registers.some((r) => (vcpu.gr(r) & mask) !== 0n)) vcpu.raise(PGM.specification);
}

/** Access register of both records. */
const records = operandOf(1);

const formCodeword = helper(
  'formCodeword',
  { params: ['i32'], result: 'i32', effects: { fetches: true, faults: true } },
  (vcpu, operand) => {
    requireMultiples(vcpu, 1n, 1, 2, 3);
    const bytes = vcpu.in64BitMode ? 6 : 2;
    const width = vcpu.in64BitMode ? 64n : 32n;
    const last = BigInt(operand & 0x7ffe);
    for (;;) {
      const index = vcpu.gr(2) & 0xffffn;
      if (index > last) {
        setLength(vcpu, 2, lengthIn(vcpu, 3) | (1n << (width - 1n)));
        return 0;
      }
      const part = (r: number): bigint => {
        const address = (vcpu.gr(r) + index) & vcpu.amask;
        return bigEndian(vcpu.core.access.read(vcpu, address, bytes, records));
      };
      const [first, third] = [part(1), part(3)];
      // Up to here the unit of operation can be nullified.
      setLength(vcpu, 2, lengthIn(vcpu, 2) + BigInt(bytes));
      if (first !== third) return unequal(vcpu, { first, third, bits: 8 * bytes, descending: (operand & 1) !== 0 });
    }
  },
);

interface Unequal {
  readonly first: bigint;
  readonly third: bigint;
  readonly bits: number;
  readonly descending: boolean;
}

/** The codeword: where they differ, and the lower one or what the higher one lacks. Out of sequence they change places. */
function unequal(vcpu: Vcpu, { first, third, bits, descending }: Unequal): number {
  const [lower, higher] = first < third ? [first, third] : [third, first];
  const data = descending ? lower : BigInt.asUintN(bits, ~higher);
  setLength(vcpu, 2, (lengthIn(vcpu, 2) << BigInt(bits)) | data);
  if (first < third !== descending) return 1;
  const old = lengthIn(vcpu, 1);
  setLength(vcpu, 1, lengthIn(vcpu, 3));
  setLength(vcpu, 3, old);
  return 2;
}

/** Access register of the tree. */
const tree = operandOf(4);

const updateTree = helper(
  'updateTree',
  { params: [], result: 'i32', effects: { fetches: true, stores: true, faults: true } },
  (vcpu) => {
    const half = vcpu.in64BitMode ? 8 : 4;
    const mask = BigInt(2 * half - 1);
    requireMultiples(vcpu, mask, 4, 5);
    for (;;) {
      const index = (lengthIn(vcpu, 5) >> 1n) & ~mask;
      if (index === 0n) {
        setLength(vcpu, 5, index);
        return 1;
      }
      const code = lengthIn(vcpu, 0);
      if (code >> BigInt(8 * half - 1) !== 0n) {
        setLength(vcpu, 5, index);
        return 3;
      }
      const address = (vcpu.gr(4) + index) & vcpu.amask;
      const node = bigEndian(vcpu.core.access.read(vcpu, address, 2 * half, tree));
      const width = BigInt(8 * half);
      const nodeCode = node >> width;
      const nodeData = node & ((1n << width) - 1n);
      if (nodeCode === code) {
        setLength(vcpu, 5, index);
        setLength(vcpu, 2, nodeCode);
        setLength(vcpu, 3, nodeData);
        return 0;
      }
      if (nodeCode > code) {
        const mine = (code << width) | lengthIn(vcpu, 1);
        vcpu.core.access.write(vcpu, address, toBigEndian(mine, 2 * half), tree);
        setLength(vcpu, 0, nodeCode);
        setLength(vcpu, 1, nodeData);
      }
      setLength(vcpu, 5, index);
    }
  },
);

/** Instructions for sorting. */
export const sortRows: readonly Row[] = [
  insn('UPT', { op: 0x0102, fmt: 'E', title: 'UPDATE TREE', facility: 'zarch' }, ($) => $.setCc($.call(updateTree))),
  insn('CFC', { op: 0xb21a, fmt: 'S', title: 'COMPARE AND FORM CODEWORD', facility: 'zarch' }, ($, f) =>
    $.setCc($.call(formCodeword, $.wrap($.address2(f).at))),
  ),
];
