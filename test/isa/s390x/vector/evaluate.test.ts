import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { join, operands, run, signed, split } from './model.ts';

/** Registers as strings of bits, leftmost first. */
const bitsOf = (v: bigint): string => v.toString(2).padStart(128, '0');
const vectorOf = (bits: string): bigint => BigInt(`0b${bits}`);

function triples(count: number, stream: number): [bigint, bigint, bigint][] {
  const values = [...operands(count * 3, stream)];
  return Array.from({ length: count }, (_, i) => values.slice(3 * i, 3 * i + 3) as [bigint, bigint, bigint]);
}

describe('masks and functions', () => {
  test('VEVAL looks three bits up in its immediate operand', () => {
    for (const [n, [a, b, c]] of triples(256, 0x7000).entries()) {
      const table = n.toString(2).padStart(8, '0');
      const [x, y, z] = [bitsOf(a), bitsOf(b), bitsOf(c)];
      const wanted = [...x].map((bit, i) => table[Number.parseInt(`${bit}${y[i]}${z[i]}`, 2)]).join('');
      expect(run('VEVAL', { i5: n }, [a, b, c]).vr[1]).toBe(vectorOf(wanted));
    }
  });
  test.each([0, 1, 2, 3, 4])('VGEM: the leftmost bits tell which elements are ones, size code %i', (es) => {
    for (const a of operands(64, 0x7100 + es)) {
      const leftmost = [...bitsOf(a).slice(0, 16 >> es)];
      const wanted = vectorOf(leftmost.map((bit) => bit.repeat(8 << es)).join(''));
      expect(run('VGEM', { m3: es }, [a], { first: 5n }).vr[1]).toBe(wanted);
    }
  });
  test.each([0, 1, 2, 3, 4])('VBLEND chooses elements by the leftmost bits of those of V4, size code %i', (es) => {
    const bits = 8 << es;
    for (const [a, b, c] of triples(32, 0x7200 + es)) {
      const [x, y, by] = [split(a, bits), split(b, bits), signed(split(c, bits), bits)];
      const wanted = join(
        by.map((v, i) => (v < 0n ? x[i] : y[i]) ?? 0n),
        bits,
      );
      expect(run('VBLEND', { m5: es }, [a, b, c]).vr[1]).toBe(wanted);
    }
  });
  test.each([
    ['VGEM', 'm3'],
    ['VBLEND', 'm5'],
    ['VD', 'm4'],
    ['VDL', 'm4'],
    ['VR', 'm4'],
    ['VRL', 'm4'],
  ])('%s: another size is a specification exception, and changes nothing', (mnemonic, field) => {
    for (const es of mnemonic === 'VGEM' || mnemonic === 'VBLEND' ? [5, 15] : [0, 1, 5]) {
      const { pgm, vr } = run(mnemonic, { [field]: es }, [1n, 2n, 3n], { first: 0x77n });
      expect([pgm?.code, vr[1]]).toEqual([PGM.specification, 0x77n]);
    }
  });
});

/** Long division by subtraction of the divisor, bit by bit. */
function divided(a: bigint, b: bigint): readonly [quotient: bigint, remainder: bigint] {
  let [quotient, rest] = [0n, 0n];
  for (const bit of a.toString(2)) {
    rest = rest * 2n + BigInt(bit);
    quotient = quotient * 2n + (rest >= b ? 1n : 0n);
    if (rest >= b) rest -= b;
  }
  return [quotient, rest];
}

/** One element; undefined where there is no quotient. */
function model(mnemonic: string, bits: number, a: bigint, b: bigint): bigint | undefined {
  const isSigned = !mnemonic.endsWith('L');
  const [x, y] = isSigned ? [BigInt.asIntN(bits, a), BigInt.asIntN(bits, b)] : [a, b];
  if (y === 0n) return undefined;
  const [quotient, remainder] = divided(x < 0n ? -x : x, y < 0n ? -y : y);
  const result = x < 0n === y < 0n ? quotient : -quotient;
  if (isSigned && BigInt.asIntN(bits, result) !== result) return undefined;
  // The remainder has the sign of the dividend.
  return mnemonic.startsWith('VR') ? (x < 0n ? -remainder : remainder) : result;
}

describe.each(['VD', 'VDL', 'VR', 'VRL'])('%s', (mnemonic) => {
  test.each([2, 3, 4])('on elements of size code %i, on paper', (es) => {
    const bits = 8 << es;
    const [least, all] = [1n << BigInt(bits - 1), (1n << BigInt(bits)) - 1n];
    const seen = { done: 0, refused: 0 };
    for (const [n, [x, y, c]] of triples(80, 0x7300 + es).entries()) {
      // Divisors that are small, zero and minus one are worth more tries than they have by chance.
      const small = split(y, bits).map(
        (v, i) => [v, v >> (c % BigInt(bits)), all, 0n, (c >> 8n) % 7n][(n + i) % 5] ?? v,
      );
      const a = n % 4 === 0 ? join(split(x, bits).fill(least), bits) : x;
      const b = n % 3 === 0 ? y : join(small, bits);
      const wanted = split(a, bits).map((v, i) => model(mnemonic, bits, v, split(b, bits)[i] ?? 0n));
      const zeros = join(
        wanted.map((v) => v ?? 0n),
        bits,
      );
      const lenient = run(mnemonic, { m4: es, m5: 8 }, [a, b], { first: 0x77n, cc: 2 });
      expect([lenient.pgm, lenient.vr[1], lenient.cc]).toEqual([undefined, zeros, 2]);
      const strict = run(mnemonic, { m4: es, m5: 0 }, [a, b], { first: 0x77n, cc: 2 });
      const refused = wanted.includes(undefined);
      expect([strict.pgm?.code, strict.vr[1], strict.cc]).toEqual(
        refused ? [PGM.fixedPointDivide, 0x77n, 2] : [undefined, zeros, 2],
      );
      seen[refused ? 'refused' : 'done']++;
    }
    expect(Math.min(seen.done, seen.refused)).toBeGreaterThan(5);
  });
});
