import { describe, expect, test } from 'vitest';
import { join, operands, run, signed, split } from './model.ts';

type Model = (bits: number, a: bigint[], b: bigint[], c: bigint[]) => bigint[];

const each =
  (f: (a: bigint, b: bigint, bits: number, c: bigint) => bigint): Model =>
  (bits, a, b, c) =>
    a.map((x, i) => f(x, b[i] ?? 0n, bits, c[i] ?? 0n));
const eachSigned =
  (f: (a: bigint, b: bigint, bits: number, c: bigint) => bigint): Model =>
  (bits, a, b, c) =>
    each(f)(bits, signed(a, bits), signed(b, bits), signed(c, bits));
const yes = (condition: boolean): bigint => (condition ? -1n : 0n);
const ones = (v: bigint): bigint => BigInt([...v.toString(2)].filter((d) => d === '1').length);
const leading = (v: bigint, bits: number): bigint => BigInt(v === 0n ? bits : bits - v.toString(2).length);
const trailing = (v: bigint, bits: number): bigint =>
  v === 0n ? BigInt(bits) : leading(v & -v, bits) * -1n + BigInt(bits - 1);
const turn = (v: bigint, by: bigint, bits: number): bigint => {
  const n = by % BigInt(bits);
  return (v << n) | (v >> (BigInt(bits) - n));
};

/** Element by element: the size is in M3 of one operand, in M4 of two, in M5 of three. */
const models: Readonly<Record<string, readonly [sizes: readonly number[], field: 'm3' | 'm4' | 'm5', model: Model]>> = {
  VA: [[0, 1, 2, 3, 4], 'm4', each((a, b) => a + b)],
  VS: [[0, 1, 2, 3, 4], 'm4', each((a, b) => a - b)],
  VACC: [[0, 1, 2, 3, 4], 'm4', each((a, b, bits) => (a + b) >> BigInt(bits))],
  VSCBI: [[0, 1, 2, 3, 4], 'm4', each((a, b) => (a >= b ? 1n : 0n))],
  VAC: [[4], 'm5', each((a, b, _bits, c) => a + b + (c & 1n))],
  VACCC: [[4], 'm5', each((a, b, bits, c) => (a + b + (c & 1n)) >> BigInt(bits))],
  VSBI: [[4], 'm5', each((a, b, _bits, c) => a - b - 1n + (c & 1n))],
  VSBCBI: [[4], 'm5', each((a, b, _bits, c) => (a - b - 1n + (c & 1n) >= 0n ? 1n : 0n))],
  VAVG: [[0, 1, 2, 3, 4], 'm4', eachSigned((a, b) => (a + b + 1n) >> 1n)],
  VAVGL: [[0, 1, 2, 3, 4], 'm4', each((a, b) => (a + b + 1n) >> 1n)],
  VMX: [[0, 1, 2, 3, 4], 'm4', eachSigned((a, b) => (a > b ? a : b))],
  VMXL: [[0, 1, 2, 3, 4], 'm4', each((a, b) => (a > b ? a : b))],
  VMN: [[0, 1, 2, 3, 4], 'm4', eachSigned((a, b) => (a < b ? a : b))],
  VMNL: [[0, 1, 2, 3, 4], 'm4', each((a, b) => (a < b ? a : b))],
  VLC: [[0, 1, 2, 3, 4], 'm3', each((a) => -a)],
  VLP: [[0, 1, 2, 3, 4], 'm3', eachSigned((a) => (a < 0n ? -a : a))],
  VPOPCT: [[0, 1, 2, 3], 'm3', each(ones)],
  VCLZ: [[0, 1, 2, 3, 4], 'm3', each((a, _b, bits) => leading(a, bits))],
  VCTZ: [[0, 1, 2, 3, 4], 'm3', each((a, _b, bits) => trailing(a, bits))],
  VESLV: [[0, 1, 2, 3], 'm4', each((a, b, bits) => a << (b % BigInt(bits)))],
  VESRLV: [[0, 1, 2, 3], 'm4', each((a, b, bits) => a >> (b % BigInt(bits)))],
  VESRAV: [[0, 1, 2, 3], 'm4', (bits, a, b) => signed(a, bits).map((x, i) => x >> ((b[i] ?? 0n) % BigInt(bits)))],
  VERLLV: [[0, 1, 2, 3], 'm4', each((a, b, bits) => turn(a, b, bits))],
  VML: [[0, 1, 2, 3, 4], 'm4', each((a, b) => a * b)],
  VMH: [[0, 1, 2, 3, 4], 'm4', eachSigned((a, b, bits) => (a * b) >> BigInt(bits))],
  VMLH: [[0, 1, 2, 3, 4], 'm4', each((a, b, bits) => (a * b) >> BigInt(bits))],
  VMAL: [[0, 1, 2, 3, 4], 'm5', each((a, b, _bits, c) => a * b + c)],
  VMAH: [[0, 1, 2, 3, 4], 'm5', eachSigned((a, b, bits, c) => (a * b + c) >> BigInt(bits))],
  VMALH: [[0, 1, 2, 3, 4], 'm5', each((a, b, bits, c) => (a * b + c) >> BigInt(bits))],
};

describe('element by element', () => {
  for (const [mnemonic, [sizes, field, model]] of Object.entries(models)) {
    test.each(sizes)(`${mnemonic} on elements of size code %i`, (es) => {
      const bits = 8 << es;
      const values = [...operands(36, 0x1000 + es)];
      for (let i = 0; i + 2 < values.length; i += 3) {
        const [a = 0n, b = 0n, c = 0n] = values.slice(i, i + 3);
        const wanted = join(model(bits, split(a, bits), split(b, bits), split(c, bits)), bits);
        expect(run(mnemonic, { [field]: es }, [a, b, c], { first: ~0n }).vr[1]?.toString(16)).toBe(wanted.toString(16));
      }
    });
    test(`${mnemonic}: another size is a specification exception, and changes nothing`, () => {
      const other = [0, 1, 2, 3, 4, 5, 15].find((es) => !sizes.includes(es)) ?? 15;
      const { pgm, vr } = run(mnemonic, { [field]: other }, [1n, 2n, 3n], { first: 0x77n });
      expect([pgm?.code, vr[1]]).toEqual([6, 0x77n]);
    });
  }
});

/** Even and odd elements, from the left. */
const products: Readonly<Record<string, readonly [parity: 0 | 1, isSigned: boolean, adds: boolean]>> = {
  VME: [0, true, false],
  VMO: [1, true, false],
  VMLE: [0, false, false],
  VMLO: [1, false, false],
  VMAE: [0, true, true],
  VMAO: [1, true, true],
  VMALE: [0, false, true],
  VMALO: [1, false, true],
};

describe('products twice as wide', () => {
  for (const [mnemonic, [parity, isSigned, adds]] of Object.entries(products)) {
    test.each([0, 1, 2, 3])(`${mnemonic} on elements of size code %i`, (es) => {
      const bits = 8 << es;
      for (const [a, b, c] of triples(12, 0x2000 + es)) {
        const of = (v: bigint): bigint[] =>
          (isSigned ? signed(split(v, bits), bits) : split(v, bits)).filter((_, i) => i % 2 === parity);
        const sums = of(a).map((x, i) => x * (of(b)[i] ?? 0n) + (adds ? (split(c, bits * 2)[i] ?? 0n) : 0n));
        const { vr } = run(mnemonic, { [adds ? 'm5' : 'm4']: es }, [a, b, c]);
        expect(vr[1]?.toString(16)).toBe(join(sums, bits * 2).toString(16));
      }
    });
  }
});

function triples(count: number, stream: number): [bigint, bigint, bigint][] {
  const values = [...operands(count * 3, stream)];
  return Array.from({ length: count }, (_, i) => [
    values[3 * i] ?? 0n,
    values[3 * i + 1] ?? 0n,
    values[3 * i + 2] ?? 0n,
  ]);
}

function carryless(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let i = 0n; b >> i !== 0n; i++) if (((b >> i) & 1n) !== 0n) product ^= a << i;
  return product;
}

describe('products of polynomials', () => {
  test.each([0, 1, 2, 3])('VGFM and VGFMA on elements of size code %i', (es) => {
    const bits = 8 << es;
    for (const [a, b, c] of triples(8, 0x3000 + es)) {
      const p = split(a, bits).map((x, i) => carryless(x, split(b, bits)[i] ?? 0n));
      const sums = p.flatMap((x, i) => (i % 2 === 0 ? [x ^ (p[i + 1] ?? 0n)] : []));
      const wanted = join(sums, bits * 2);
      expect(run('VGFM', { m4: es }, [a, b]).vr[1]?.toString(16)).toBe(wanted.toString(16));
      expect(run('VGFMA', { m5: es }, [a, b, c]).vr[1]?.toString(16)).toBe((wanted ^ c).toString(16));
    }
  });
  test('VMSL doubles the even product by bit 0 of M6 and the odd one by bit 1', () => {
    for (const [a, b, c] of triples(8, 0x3100)) {
      const [p = 0n, q = 0n] = split(a, 64).map((x, i) => x * (split(b, 64)[i] ?? 0n));
      for (const m6 of [0, 4, 8, 12]) {
        const sum = p * (m6 >= 8 ? 2n : 1n) + q * ((m6 & 4) !== 0 ? 2n : 1n) + c;
        expect(run('VMSL', { m5: 3, m6 }, [a, b, c]).vr[1]?.toString(16)).toBe(BigInt.asUintN(128, sum).toString(16));
      }
    }
  });
});

describe('sums across', () => {
  const across = (mnemonic: string, es: number, to: number) => {
    const bits = 8 << es;
    const per = to / bits;
    for (const [a, b] of triples(10, 0x4000 + es)) {
      const parts = split(a, bits);
      const last = split(b, bits);
      const sums = Array.from({ length: 128 / to }, (_, i) =>
        parts.slice(i * per, (i + 1) * per).reduce((s, v) => s + v, last[(i + 1) * per - 1] ?? 0n),
      );
      expect(run(mnemonic, { m4: es }, [a, b]).vr[1]?.toString(16)).toBe(join(sums, to).toString(16));
    }
  };
  test.each([
    ['VSUM', 0, 32],
    ['VSUM', 1, 32],
    ['VSUMG', 1, 64],
    ['VSUMG', 2, 64],
    ['VSUMQ', 2, 128],
    ['VSUMQ', 3, 128],
  ] as const)('%s adds the rightmost element of the other operand, size code %i', across);
  test('VCKSM brings carries in on the right, and clears the other words', () => {
    for (const [a, b] of triples(10, 0x4100)) {
      let sum = split(a, 32).reduce((s, v) => s + v, split(b, 32)[1] ?? 0n);
      while (sum >> 32n !== 0n) sum = (sum & 0xffff_ffffn) + (sum >> 32n);
      expect(run('VCKSM', {}, [a, b]).vr[1]).toBe(sum << 64n);
    }
  });
});

const all = (1n << 128n) - 1n;
describe('logic', () => {
  test.each([
    ['VN', (a: bigint, b: bigint) => a & b],
    ['VNC', (a: bigint, b: bigint) => a & ~b & all],
    ['VO', (a: bigint, b: bigint) => a | b],
    ['VNO', (a: bigint, b: bigint) => ~(a | b) & all],
    ['VX', (a: bigint, b: bigint) => a ^ b],
    ['VNX', (a: bigint, b: bigint) => ~(a ^ b) & all],
    ['VNN', (a: bigint, b: bigint) => ~(a & b) & all],
    ['VOC', (a: bigint, b: bigint) => (a | ~b) & all],
  ] as const)('%s', (mnemonic, model) => {
    for (const [a, b] of triples(4, 0x5000)) expect(run(mnemonic, {}, [a, b]).vr[1]).toBe(model(a, b));
  });
});

describe('comparisons', () => {
  test.each([
    ['VCEQ', false, (a: bigint, b: bigint) => a === b],
    ['VCH', true, (a: bigint, b: bigint) => a > b],
    ['VCHL', false, (a: bigint, b: bigint) => a > b],
  ] as const)('%s gives masks, and the condition code when M5 asks for it', (mnemonic, isSigned, holds) => {
    for (const es of [0, 1, 2, 3, 4]) {
      const bits = 8 << es;
      for (const [a, b, c] of triples(9, 0x6000 + es)) {
        const other = c % 3n === 0n ? a : b;
        const of = (v: bigint): bigint[] => (isSigned ? signed(split(v, bits), bits) : split(v, bits));
        const hits = of(a).map((x, i) => holds(x, of(other)[i] ?? 0n));
        const cc = hits.every((h) => h) ? 0 : hits.some((h) => h) ? 1 : 3;
        const set = run(mnemonic, { m4: es, m5: 1 }, [a, other], { cc: 2 });
        expect([set.vr[1], set.cc]).toEqual([join(hits.map(yes), bits), cc]);
        expect(run(mnemonic, { m4: es, m5: 0 }, [a, other], { cc: 2 }).cc).toBe(2);
      }
    }
  });
  test('VEC and VECL compare the rightmost elements of the left doublewords', () => {
    const cc = (mnemonic: string, es: number, first: bigint, second: bigint): number =>
      run(mnemonic, { m3: es }, [second], { first }).cc;
    const [low, high] = [0x1234_0000_0000_0080n << 64n, 0x4321_0000_0000_007fn << 64n];
    expect([cc('VEC', 0, low, high), cc('VECL', 0, low, high)]).toEqual([1, 2]);
    expect([cc('VEC', 1, low, high), cc('VECL', 2, low, high)]).toEqual([2, 2]);
    expect([cc('VEC', 3, low, high), cc('VECL', 3, high, low)]).toEqual([1, 2]);
    expect([cc('VEC', 3, low, low | 1n), cc('VECL', 0, high, high)]).toEqual([0, 0]);
  });
  test('VEC and VECL compare whole vectors as quadwords', () => {
    for (const [a, b, c] of triples(60, 0x6100)) {
      const other = c % 3n === 0n ? a : c % 3n === 1n ? (a & (all << 64n)) | (b >> 64n) : b;
      for (const [mnemonic, width] of [
        ['VEC', BigInt.asIntN],
        ['VECL', BigInt.asUintN],
      ] as const) {
        const [x, y] = [width(128, a), width(128, other)];
        expect(run(mnemonic, { m3: 4 }, [other], { first: a, cc: 3 }).cc).toBe(x === y ? 0 : x < y ? 1 : 2);
      }
    }
  });
  test('VTM: 0 without ones under the mask, 3 without zeros, 1 with both', () => {
    const cc = (first: bigint, mask: bigint): number => run('VTM', {}, [mask], { first, cc: 2 }).cc;
    expect([cc(0n, 0n), cc(5n, 0xan), cc(5n, 5n), cc(5n, 7n), cc(all, all)]).toEqual([0, 0, 3, 1, 3]);
  });
});
