import { expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

/** Words written by themselves, all of a register, bytes, upper halves, and accesses that may have to be done by the interpreter. */
const code = [
  encode('AHI', { r1: 1, i2: 7 }),
  encode('LGR', { r1: 2, r2: 1 }),
  encode('SLL', { r1: 1, b2: 0, d2: 3 }),
  encode('XR', { r1: 1, r2: 2 }),
  encode('SLLG', { r1: 3, r3: 1, b2: 0, d2: 5 }),
  encode('STG', { r1: 3, x2: 0, b2: 9, d2: 16 }),
  encode('AR', { r1: 3, r2: 1 }),
  encode('XR', { r1: 3, r2: 2 }),
  encode('IIHF', { r1: 3, i2: 0x1234 }),
  encode('STG', { r1: 3, x2: 0, b2: 9, d2: 0 }),
  encode('IC', { r1: 3, x2: 0, b2: 9, d2: 3 }),
  encode('TMLL', { r1: 3, i2: 1 }),
  encode('BRC', { m1: 8, ri2: 10 }),
  encode('AGR', { r1: 4, r2: 3 }),
  encode('SR', { r1: 4, r2: 2 }),
  encode('ST', { r1: 4, x2: 0, b2: 9, d2: 8 }),
  encode('AR', { r1: 4, r2: 1 }),
  encode('LG', { r1: 5, x2: 0, b2: 9, d2: 4 }),
  encode('ST', { r1: 4, x2: 0, b2: 9, d2: 12 }),
  encode('LR', { r1: 5, r2: 4 }),
  encode('SR', { r1: 5, r2: 1 }),
  encode('AGHI', { r1: 9, i2: 24 }),
];
const back = -code.reduce((bytes, text) => bytes + text.length, 0);
const loop = [...code, encode('BRC', { m1: 15, ri2: back })];

test('registers written by halves are the same wherever a run ends, and where an access crosses pages', () => {
  const gr = { 1: 0x89ab_cdef_0123_4567n, 3: -1n, 4: 0x7fff_ffff_ffff_fff0n, 5: 0xfedc_ba98_0000_0001n, 9: 0x2fe0n };
  const benches = [new Bench('interpreter'), new Bench('first'), new Bench('blocks')];
  for (let steps = 1; steps < 150; steps++) {
    const [plain, ...translated] = benches.map((bench) => {
      const { gr: after, address, vcpu } = bench.run({ code: loop, steps, gr });
      return { gr: after, address, count: vcpu.icount };
    });
    for (const t of translated) expect(t, `${steps} instructions`).toEqual(plain);
  }
});
