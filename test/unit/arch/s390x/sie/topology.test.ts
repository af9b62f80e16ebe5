/** PERFORM TOPOLOGY FUNCTION of a guest's guest by its system control area, and what is left to its hypervisor. */

import { beforeEach, describe, expect, test } from 'vitest';
import { ecb, ecb2, icpt, type SieBlock } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { encode } from '../kvm/harness.ts';
import { DIAG, INNER, NestedBench } from './nested.ts';

const n = new NestedBench();
const { bench } = n;
beforeEach(() => {
  bench.fresh();
});

const SCA = 0x7_0000;
const UTILITY = SCA + 0x38;
const PTF = encode('PTF', { r1: 4, r2: 0 });

/** The guest's condition code behind the function, undefined when that was handed over. */
function asks(code: bigint, utility: string, change: (b: SieBlock) => void = () => undefined): bigint | undefined {
  bench.put(UTILITY, Buffer.from(utility, 'hex'));
  n.describeGuest((b) => {
    b.change('ecb', ecb.ptf);
    b.set('scaol', SCA);
    change(b);
  });
  n.inner([PTF, DIAG]);
  n.interpret(3, { gr: { 4: code } });
  const [how, , text, at] = n.ended();
  if (text === 'b9a200400000') {
    expect([how, at]).toEqual([icpt.instruction, INNER + 4]);
    return undefined;
  }
  return (n.told().big('gpsw') >> 44n) & 3n;
}

describe.each([
  ['basic', 0],
  ['extended', ecb2.esca],
])('a system control area, %s', (_, format) => {
  const of = (b: SieBlock): void => b.change('ecb2', format);
  test('a report that waits is told once', () => {
    expect([asks(2n, 'ffff', of), bench.hex(UTILITY, 2)]).toEqual([1n, '7fff']);
    expect([asks(2n, '7fff', of), bench.hex(UTILITY, 2)]).toEqual([0n, '7fff']);
  });
});

test.each<[string, bigint, (b: SieBlock) => void]>([
  ['without its control', 2n, (b) => b.change('ecb', 0, ecb.ptf)],
  ['without an area', 2n, (b) => b.set('scaol', 0)],
  ['horizontal polarization', 0n, () => undefined],
  ['vertical polarization', 1n, () => undefined],
  ['a function that is none', 3n, () => undefined],
  ['bits in front of the function', 1n << 32n, () => undefined],
])('%s: handed over, nothing done', (_, code, change) => {
  expect([asks(code, '8000', change), bench.hex(UTILITY, 2)]).toEqual([undefined, '8000']);
});
