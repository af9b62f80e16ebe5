import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as librarySign,
  verify as libraryVerify,
} from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hex, message, run, toHex } from './support.ts';

/** Published in RFC 8032, 7.1 test 3 and 7.4 "1 octet": keys, message and signature as they stand there. */
const published = [
  {
    curve: 'Ed25519',
    codes: { verify: 32n, sign: 40n },
    field: 32,
    secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
      '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
  {
    curve: 'Ed448',
    codes: { verify: 36n, sign: 44n },
    field: 64,
    secret:
      'c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e',
    key: '43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480',
    message: '03',
    signature:
      '26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd77980' +
      '5e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00',
  },
] as const;
type Published = (typeof published)[number];

/** A number as the parameter block has it: big endian, in a field. */
const inField = ({ field }: Published, text: string): Uint8Array => {
  const out = new Uint8Array(field);
  const value = hex(text).reverse();
  out.set(value, field - value.length);
  return out;
};
const halves = (p: Published): Uint8Array[] => {
  const { length } = p.signature;
  return [inField(p, p.signature.slice(0, length / 2)), inField(p, p.signature.slice(length / 2))];
};
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

describe.each(published)('KDSA, $curve', (p) => {
  const zeros = new Uint8Array(p.field);
  test('signs', () => {
    const block = join(zeros, zeros, inField(p, p.secret), new Uint8Array(16));
    const out = run('KDSA', { code: p.codes.sign, parameters: block, data: hex(p.message) });
    expect([out.cc, out.block.slice(0, 4 * p.field)]).toEqual([0, toHex(join(...halves(p)))]);
    expect(out.gr.slice(2, 4)).toEqual([BigInt(0x100000 + p.message.length / 2), 0n]);
  });
  test('verifies, and does not what is not signed', () => {
    const verify = (key: string, message: string) =>
      run('KDSA', { code: p.codes.verify, parameters: join(...halves(p), inField(p, key)), data: hex(message) }).cc;
    expect(verify(p.key, p.message)).toBe(0);
    expect(verify(p.key, `${p.message}00`)).toBe(2);
  });
});

/** The host library's names of the curves, with the functions and the bytes of a field. */
const nist = [
  { curve: 'prime256v1', hash: 'sha256', verify: 1n, sign: 9n, field: 32 },
  { curve: 'secp384r1', hash: 'sha384', verify: 2n, sign: 10n, field: 48 },
  { curve: 'secp521r1', hash: 'sha512', verify: 3n, sign: 11n, field: 80 },
] as const;
const DETERMINED = 0x80n;

describe.each(nist)('KDSA, $curve', ({ curve, hash, verify, sign, field }) => {
  const inBlock = (bytes: Uint8Array): Uint8Array => {
    const out = new Uint8Array(field);
    out.set(bytes, field - bytes.length);
    return out;
  };
  const ecdh = createECDH(curve);
  ecdh.setPrivateKey(message(field + 7).slice(7 + field - (field === 80 ? 65 : field)));
  // A private key is as long as it is, a public one has a byte in front.
  const secret = inBlock(ecdh.getPrivateKey());
  const point = ecdh.getPublicKey().subarray(1);
  const half = point.length / 2;
  const key = [inBlock(point.subarray(0, half)), inBlock(point.subarray(half))];
  const jwk = {
    kty: 'EC',
    crv: { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }[curve],
    x: point.subarray(0, half).toString('base64url'),
    y: point.subarray(half).toString('base64url'),
  };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const privateKey = createPrivateKey({
    key: { ...jwk, d: Buffer.from(secret.slice(field - half)).toString('base64url') },
    format: 'jwk',
  });
  const text = Buffer.from(message(100));
  const digest = inBlock(createHash(hash).update(text).digest());
  const zeros = new Uint8Array(field);
  const none = new Uint8Array(0);
  const signed = (code: bigint, random: Uint8Array, d = secret) =>
    run('KDSA', { code, parameters: join(zeros, zeros, digest, d, random), data: none });
  const verified = (r: Uint8Array, s: Uint8Array, [x = zeros, y = zeros] = key) =>
    run('KDSA', { code: verify, parameters: join(r, s, digest, x, y), data: none }).cc;
  const signature = (block: string) => {
    const part = (at: number) => hex(block.slice(at * 2 * field, (at + 1) * 2 * field));
    return { r: part(0), s: part(1) };
  };

  test('what it signs the host library verifies', () => {
    const random = inBlock(message(half - 1));
    for (const code of [sign, sign | DETERMINED]) {
      const out = signed(code, random);
      const { r, s } = signature(out.block);
      const plain = Buffer.concat([r.subarray(field - half), s.subarray(field - half)]);
      expect([out.cc, libraryVerify(hash, text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, plain)]).toEqual([
        0,
        true,
      ]);
      expect(verified(r, s)).toBe(0);
    }
  });

  test('verifies what the host library signs, and no other digest, signature or key', () => {
    const plain = librarySign(hash, text, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const [r, s] = [inBlock(plain.subarray(0, half)), inBlock(plain.subarray(half))];
    expect(verified(r, s)).toBe(0);
    expect([verified(s, r), verified(zeros, s), verified(r, zeros)]).toEqual([2, 2, 2]);
    const [x = zeros, y = zeros] = key;
    expect(verified(r, s, [y, x])).toBe(1);
  });

  test('a private key that is none has condition code 1, a secret number that is none 2: nothing is stored', () => {
    const ones = new Uint8Array(field).fill(0xff);
    expect(signed(sign, zeros, zeros)).toMatchObject({ cc: 1, block: toHex(join(zeros, zeros, digest, zeros, zeros)) });
    expect([signed(sign, zeros, ones).cc, signed(sign | DETERMINED, zeros).cc]).toEqual([1, 2]);
    expect(signed(sign | DETERMINED, ones).cc).toBe(2);
  });
});

test('KDSA with a given secret number makes the signature that is published in RFC 6979, A.2.5', () => {
  const zeros = new Uint8Array(32);
  const out = run('KDSA', {
    code: 9n | DETERMINED,
    parameters: join(
      zeros,
      zeros,
      createHash('sha256').update('sample').digest(),
      hex('C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721'),
      hex('A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60'),
    ),
    data: new Uint8Array(0),
  });
  expect(out.block.slice(0, 128)).toBe(
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
      'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  );
});

test('KDSA tells its functions, and refuses others, the modifier and an odd register', () => {
  const query = run('KDSA', { code: 0n, parameters: new Uint8Array(16), data: new Uint8Array(0) });
  expect(query.block).toBe('f0700000888800000000000000000000');
  const refused = (code: bigint) => run('KDSA', { code, parameters: new Uint8Array(16), data: new Uint8Array(0) }).pgm;
  expect(refused(17n)).toMatchObject({ code: 6 });
  expect(refused(0xa0n)).toMatchObject({ code: 6 });
  expect(refused(0x81n)).toMatchObject({ code: 6 });
});
