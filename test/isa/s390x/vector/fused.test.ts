/** Fused products of long numbers: in translated code, which takes the host's own where it has one, they are what the interpreter makes of them. */

import { expect, test } from 'vitest';
import { hostFuses } from '../../../../src/engine/translator/host-fuses.ts';
import * as soft from '../../../../src/soft-float/arithmetic.ts';
import { rounding } from '../../../../src/soft-float/environment.ts';
import { long } from '../../../../src/soft-float/format.ts';
import { Operands } from '../../../support/s390x/bfp.ts';
import { Bench, encode } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';

const plain = new Bench('interpreter');
const translated = new Bench('first');
const CONTROL = { 0: 0x60000n };
const near = { masks: 0, rounding: rounding.nearestEven, inexactSuppressed: false };
const few = [0n, 1n << 63n, 0x3ff0n << 48n, 0xbff0n << 48n, 0x4008n << 48n, 0x7ff0n << 48n, 0x0010n << 48n, 1n];

/** An addend anywhere, near the product, or its contrary; numbers with few bits among the factors. */
function terms(operands: Operands): readonly [bigint, bigint, bigint] {
  const draw = (): bigint => (operands.below(3) === 0 ? (few[operands.below(few.length)] ?? 0n) : operands.draw(long));
  const [a, b] = [draw(), draw()];
  const product = soft.multiply(long, near, a, b).value;
  const step = BigInt(operands.below(3) - 1);
  const c = [draw(), product + step, product ^ (1n << 63n), draw()][operands.below(4)] ?? 0n;
  return [a, b, BigInt.asUintN(64, c)];
}

test.each([
  ['VFMA', { m5: 0, m6: 3 }],
  ['VFMS', { m5: 0, m6: 3 }],
  ['VFMA', { m5: 8, m6: 3 }],
  ['MADBR', undefined],
  ['MSDBR', undefined],
] as const)('%s %o, by the host or otherwise', (mnemonic, controls) => {
  const operands = new Operands(randomWords(0xf0));
  const vector = controls !== undefined;
  const code = [
    vector ? encode(mnemonic, { v1: 1, v2: 2, v3: 3, v4: 4, ...controls }) : encode(mnemonic, { r1: 4, r2: 3, r3: 2 }),
  ];
  for (let i = 0; i < 700; i++) {
    const [first, second] = [terms(operands), terms(operands)];
    const vr = Object.fromEntries(
      first.map((left, n) => [n + 2, (left << 64n) | (operands.below(3) === 0 ? left : (second[n] ?? 0n))]),
    );
    const fpc = [0, 0, 0x80000, 0x80000, 0x80001, 0x0800_0000, 0xf800_0000][operands.below(7)] ?? 0;
    const seen = (bench: Bench) => {
      const out = bench.run({ code, cr: CONTROL, vr, fpc });
      return { vr: out.vr, fpc: out.fpc, pgm: out.pgm };
    };
    const label = `${Object.values(vr).map((v) => v.toString(16))} fpc ${fpc.toString(16)}`;
    expect({ label, ...seen(translated) }).toEqual({ label, ...seen(plain) });
  }
});

test('whether the host has it is found out by doing it', () => {
  expect([true, false]).toContain(hostFuses());
});
