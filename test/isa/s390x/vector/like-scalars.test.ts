/** Elements of vectors by WebAssembly's arithmetic or exactly: what the scalar instructions make of the same numbers, flags included. */

import { describe, expect, test } from 'vitest';
import { long } from '../../../../src/soft-float/format.ts';
import { Operands } from '../../../support/s390x/bfp.ts';
import { Bench, encode } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';

const CONTROL = { 0: 0x60000n };
const SINGLE = 8;
/** Nothing flagged; inexact flagged; other rounding. No masks: what interrupts differs between scalars and vectors. */
const fpcs = [0, 0x80000, 0x80000, 1, 0x80002, 0x80003] as const;
const methods = [0, 0, 1, 3, 4, 5, 6, 7] as const;

const rows = [
  { vector: 'VCDG', scalar: 'CDGBRA', from: 'gr', to: 'fpr' },
  { vector: 'VCDLG', scalar: 'CDLGBR', from: 'gr', to: 'fpr' },
  { vector: 'VCGD', scalar: 'CGDBRA', from: 'fpr', to: 'gr' },
  { vector: 'VCLGD', scalar: 'CLGDBR', from: 'fpr', to: 'gr' },
  { vector: 'VFI', scalar: 'FIDBRA', from: 'fpr', to: 'fpr' },
  { vector: 'VFSQ', scalar: 'SQDBR', from: 'fpr', to: 'fpr' },
] as const;

describe.each(['interpreter', 'first'] as const)('in the mode %s', (mode) => {
  const bench = new Bench(mode);

  test.each(rows)('$vector is $scalar of each element', ({ vector, scalar, from, to }) => {
    const operands = new Operands(randomWords(0xe1e));
    const rounded = vector !== 'VFSQ';
    // Integers among the numbers, of which few have fractions otherwise.
    const draw = (): bigint => {
      const n = operands.draw(long);
      return from === 'gr' || operands.below(2) === 0 ? n >> BigInt(operands.below(60)) : n;
    };
    for (let i = 0; i < 250; i++) {
      const [first, second] = [draw(), draw()];
      const fpc = fpcs[operands.below(fpcs.length)] ?? 0;
      const m5 = rounded ? (methods[operands.below(methods.length)] ?? 0) : 0;
      const m4 = operands.below(3) === 0 ? SINGLE : rounded && operands.below(6) === 0 ? 4 : 0;
      const one = (value: bigint, flags: number): { readonly value: bigint; readonly fpc: number } => {
        const fields = rounded ? { m3: m5, m4: m4 & 4 } : {};
        const code = [encode(scalar, { r1: 1, r2: 2, ...fields })];
        const out = bench.run({
          code,
          cr: CONTROL,
          fpc: flags,
          ...(from === 'gr' ? { gr: { 2: value } } : { fpr: { 2: value } }),
        });
        return { value: (to === 'gr' ? out.gr[1] : out.fpr[1]) ?? 0n, fpc: out.fpc };
      };
      const left = one(first, fpc);
      const right = m4 === SINGLE ? { value: 0n, fpc: left.fpc } : one(second, left.fpc);
      const code = [encode(vector, { v1: 3, v2: 2, m3: 3, m4, ...(rounded ? { m5 } : {}) })];
      const out = bench.run({ code, cr: CONTROL, fpc, vr: { 2: (first << 64n) | second, 3: 0n } });
      const label = `${first.toString(16)} ${second.toString(16)} fpc ${fpc.toString(16)} m4 ${m4} m5 ${m5}`;
      expect({ label, vr: out.vr[3], fpc: out.fpc }).toEqual({
        label,
        vr: (left.value << 64n) | right.value,
        fpc: right.fpc,
      });
    }
  });

  test.each([
    [2, 0x8000_0000_8000_0000_8000_0000_8000_0000n, (1n << 32n) - 1n, 96n],
    [3, 0x8000_0000_0000_0000_8000_0000_0000_0000n, (1n << 64n) - 1n, 64n],
    [4, 1n << 127n, (1n << 128n) - 1n, 0n],
  ])('VFPSO of format %i changes signs alone', (m3, mask, element, at) => {
    const operands = new Operands(randomWords(0x516));
    for (let i = 0; i < 60; i++) {
      const value = (operands.draw(long) << 64n) | operands.draw(long);
      const [m5, m4] = [i % 3, operands.below(2) * SINGLE];
      const whole = [value ^ mask, value | mask, value & ~mask][m5] ?? 0n;
      const code = [encode('VFPSO', { v1: 3, v2: 2, m3, m4, m5 })];
      const out = bench.run({ code, cr: CONTROL, vr: { 2: value } });
      expect(out.vr[3]).toBe(m4 === SINGLE ? whole & (element << at) : whole);
    }
  });
});
