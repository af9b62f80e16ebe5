import { describe, expect, test } from 'vitest';
import { hex, run, toHex } from './support.ts';

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
    expect(verify(p.key, `${p.message}00`)).toBe(1);
  });
});

test('KDSA tells its functions, and refuses others, the modifier and an odd register', () => {
  const query = run('KDSA', { code: 0n, parameters: new Uint8Array(16), data: new Uint8Array(0) });
  expect(query.block).toBe('80000000888800000000000000000000');
  const refused = (code: bigint) => run('KDSA', { code, parameters: new Uint8Array(16), data: new Uint8Array(0) }).pgm;
  expect(refused(1n)).toMatchObject({ code: 6 });
  expect(refused(0xa0n)).toMatchObject({ code: 6 });
});
