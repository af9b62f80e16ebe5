import { createECDH, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hex, message, run, toHex } from './support.ts';

const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const inField = (field: number, bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(field);
  out.set(bytes, field - bytes.length);
  return out;
};
const multiply = (code: bigint, ...fields: readonly Uint8Array[]) =>
  run('PCC', { code, parameters: join(...fields), data: new Uint8Array(0) });

describe.each([
  { curve: 'prime256v1', code: 64n, field: 32 },
  { curve: 'secp384r1', code: 65n, field: 48 },
  { curve: 'secp521r1', code: 66n, field: 80 },
])('PCC, scalar multiplication on $curve', ({ curve, code, field }) => {
  const pair = (seed: number) => {
    const ecdh = createECDH(curve);
    ecdh.setPrivateKey(message(field + seed).slice(seed + field - (field === 80 ? 65 : field)));
    const point = ecdh.getPublicKey().subarray(1);
    const half = point.length / 2;
    return {
      ecdh,
      scalar: inField(field, ecdh.getPrivateKey()),
      x: inField(field, point.subarray(0, half)),
      y: inField(field, point.subarray(half)),
    };
  };
  const zeros = new Uint8Array(field);
  const [one, other] = [pair(3), pair(50)];
  test('both sides come to the point that the host library has the coordinate of', () => {
    const mine = multiply(code, zeros, zeros, other.x, other.y, one.scalar);
    const theirs = multiply(code, zeros, zeros, one.x, one.y, other.scalar);
    expect([mine.cc, theirs.cc]).toEqual([0, 0]);
    const common = inField(field, one.ecdh.computeSecret(other.ecdh.getPublicKey()));
    expect(mine.block.slice(0, 2 * field)).toBe(toHex(common));
    expect(mine.block.slice(0, 4 * field)).toBe(theirs.block.slice(0, 4 * field));
  });
  test('a point of another place has condition code 1, no multiple 2: nothing is stored', () => {
    expect(multiply(code, zeros, zeros, other.y, other.x, one.scalar).cc).toBe(1);
    const out = multiply(code, zeros, zeros, other.x, other.y, zeros);
    expect([out.cc, out.block.slice(0, 4 * field)]).toEqual([2, toHex(join(zeros, zeros))]);
  });
});

/** The scalar of a private key is in its hash; here it is the other way: RFC 7748's base points and multiples of them. */
describe.each([
  { curve: 'x25519', code: 80n, field: 32, bytes: 32, base: 9 },
  { curve: 'x448', code: 81n, field: 64, bytes: 56, base: 5 },
] as const)('PCC, scalar multiplication on $curve', ({ curve, code, field, bytes, base }) => {
  const little = (value: Uint8Array): Uint8Array => inField(field, value.slice().reverse());
  const pair = (seed: number) => {
    const secret = message(bytes + seed).slice(seed);
    // As decodeScalar25519 and decodeScalar448 do it.
    secret[0] = (secret[0] ?? 0) & (curve === 'x25519' ? 0xf8 : 0xfc);
    secret[bytes - 1] = curve === 'x25519' ? ((secret[bytes - 1] ?? 0) & 0x7f) | 0x40 : (secret[bytes - 1] ?? 0) | 0x80;
    const prefix = { x25519: '302e020100300506032b656e04220420', x448: '3046020100300506032b656f043a0438' }[curve];
    const key = createPrivateKey({ key: Buffer.concat([hex(prefix), secret]), format: 'der', type: 'pkcs8' });
    const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
    return { secret, key, public: Uint8Array.from(der.subarray(der.length - bytes)) };
  };
  const zeros = new Uint8Array(field);
  const [one, other] = [pair(1), pair(77)];
  test('multiples of the base point, and of another', () => {
    const mine = multiply(code, zeros, inField(field, Uint8Array.of(base)), little(one.secret));
    expect([mine.cc, mine.block.slice(0, 2 * field)]).toEqual([0, toHex(little(one.public))]);
    const common = diffieHellman({ privateKey: one.key, publicKey: createPublicKey(other.key) });
    const shared = multiply(code, zeros, little(other.public), little(one.secret));
    expect([shared.cc, shared.block.slice(0, 2 * field)]).toEqual([0, toHex(little(common))]);
  });
  test('a coordinate that is too large, and a product of zero', () => {
    expect(multiply(code, zeros, new Uint8Array(field).fill(0xff), little(one.secret)).cc).toBe(1);
    expect(multiply(code, zeros, zeros, little(one.secret)).cc).toBe(2);
  });
});

/** RFC 8032, 5.1 and 5.2: base points; 5.1.7 makes multiples of them. Multiples of sums are sums of multiples. */
describe.each([
  {
    curve: 'Ed25519',
    code: 72n,
    field: 32,
    x: '216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a',
    y: '6666666666666666666666666666666666666666666666666666666666666658',
    order: 2n ** 252n + 27742317777372353535851937790883648493n,
  },
  {
    curve: 'Ed448',
    code: 73n,
    field: 64,
    x: '4f1970c66bed0ded221d15a622bf36da9e146570470f1767ea6de324a3d3a46412ae1af72ab66511433b80e18b00938e2626a82bc70cc05e',
    y: '693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14',
    order: 2n ** 446n - 13818066809895115352007386748515426880336692474882178609894547503885n,
  },
])('PCC, scalar multiplication on $curve', ({ code, field, x, y, order }) => {
  const zeros = new Uint8Array(field);
  const number = (value: bigint): Uint8Array => inField(field, hex(value.toString(16).padStart(2 * field, '0')));
  const base = [inField(field, hex(x)), inField(field, hex(y))];
  const times = (scalar: bigint, [px = zeros, py = zeros] = base): { cc: number; point: Uint8Array[] } => {
    const { cc, block } = multiply(code, zeros, zeros, px, py, number(scalar));
    return { cc, point: [hex(block.slice(0, 2 * field)), hex(block.slice(2 * field, 4 * field))] };
  };
  test('a multiple of a multiple is the multiple of the product', () => {
    const [a, b] = [0x1234_5678_9abc_def1n ** 3n, 0x0fed_cba9_8765_4321n ** 3n];
    expect(times(a, times(b).point)).toEqual(times((a * b) % order));
    expect(times(1n)).toEqual({ cc: 0, point: base });
    expect(times(order + 1n)).toEqual({ cc: 0, point: base });
  });
  test('zero times a point is the neutral one, and what is no point has condition code 1', () => {
    expect(times(order)).toEqual({ cc: 0, point: [zeros, number(1n)] });
    expect(times(3n, [base[0] ?? zeros, base[0] ?? zeros]).cc).toBe(1);
  });
});
