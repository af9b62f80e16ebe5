import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encode } from '../../../support/s390x/isa.ts';
import { bench, DECIPHER, hex, message, place, toHex } from './support.ts';

const [LAST_TEXT, LAST_AAD, SUBKEY] = [0x100n, 0x200n, 0x400n];
const AAD = 0x180000;
const ciphers = [
  { name: 'aes-128-gcm', code: 18n, key: message(16) },
  { name: 'aes-192-gcm', code: 19n, key: message(24) },
  { name: 'aes-256-gcm', code: 20n, key: message(32) },
] as const;
const iv = message(12);

const big = (value: number, bytes: number): Uint8Array => hex(value.toString(16).padStart(2 * bytes, '0'));
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** A parameter block as a program makes it for a 96-bit initialization vector. */
const parameters = (key: Uint8Array, aad: number, text: number, subkey = new Uint8Array(16)): Uint8Array =>
  join(
    new Uint8Array(12),
    big(1, 4),
    new Uint8Array(16),
    subkey,
    big(8 * aad, 8),
    big(8 * text, 8),
    iv,
    big(1, 4),
    key,
  );

interface Part {
  readonly code: bigint;
  readonly block: Uint8Array;
  readonly aad: Uint8Array;
  readonly text: Uint8Array;
}

function run({ code, block, aad, text }: Part, operands: Record<string, number> = { r1: 4, r2: 2, r3: 6 }) {
  const out = bench.run({
    code: [encode('KMA', operands), encode('BRC', { m1: 1, ri2: -4 })],
    steps: 2 * Math.max(1, Math.ceil(aad.length / 4096) + Math.ceil(text.length / 4096)),
    gr: {
      0: code,
      1: BigInt(place.parameters),
      2: BigInt(place.source),
      3: BigInt(text.length),
      4: BigInt(place.target),
      6: BigInt(AAD),
      7: BigInt(aad.length),
    },
    storage: { [place.parameters]: block, [place.source]: text, [AAD]: aad },
  });
  const changed = out.storage(place.parameters, block.length);
  return { ...out, output: out.storage(place.target, text.length), block: changed, tag: changed.slice(32, 64) };
}

function expected(
  name: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm',
  key: Uint8Array,
  aad: Uint8Array,
  text: Uint8Array,
) {
  const cipher = createCipheriv(name, key, iv);
  cipher.setAAD(aad);
  const output = toHex(cipher.update(text));
  cipher.final();
  return { output, tag: toHex(cipher.getAuthTag()) };
}

describe.each(ciphers)('KMA, $name', ({ name, code, key }) => {
  test.each([
    [0, 0],
    [0, 16],
    [20, 0],
    [16, 47],
    [4096 + 5, 8192 + 33],
  ])('%i bytes of additional data and %i of text, both ways', (aadBytes, textBytes) => {
    const [aad, text] = [message(aadBytes), message(textBytes)];
    const block = parameters(key, aadBytes, textBytes);
    const wanted = expected(name, key, aad, text);
    const out = run({ code: code | LAST_TEXT | LAST_AAD, block, aad, text });
    expect(out).toMatchObject({ ...wanted, cc: 0, pgm: undefined });
    const end = [place.source + textBytes, 0, place.target + textBytes, 0, AAD + aadBytes, 0].map(BigInt);
    expect(out.gr.slice(2, 8)).toEqual(end);
    const back = run({ code: code | DECIPHER | LAST_TEXT | LAST_AAD, block, aad, text: hex(out.output) });
    expect(back).toMatchObject({ output: toHex(text), tag: wanted.tag });
  });

  test('in parts, with the parameter block of one given to the next', () => {
    const [aad, text] = [message(40), message(100)];
    const first = run({ code, block: parameters(key, 40, 100), aad: aad.subarray(0, 32), text: new Uint8Array(0) });
    expect([first.cc, first.gr[0]]).toEqual([0, code | SUBKEY]);
    const second = run({
      code: code | SUBKEY | LAST_AAD,
      block: hex(first.block),
      aad: aad.subarray(32),
      text: text.subarray(0, 64),
    });
    const third = run({
      code: code | SUBKEY | LAST_AAD | LAST_TEXT,
      block: hex(second.block),
      aad: new Uint8Array(0),
      text: text.subarray(64),
    });
    const wanted = expected(name, key, aad, text);
    expect([second.output + third.output, third.tag]).toEqual([wanted.output, wanted.tag]);
  });
});

test('a published value: NIST, GCM specification, test case 3', () => {
  const key = hex('feffe9928665731c6d6a8f9467308308');
  const text = hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
  );
  const block = join(
    new Uint8Array(12),
    big(1, 4),
    new Uint8Array(32),
    big(0, 8),
    big(512, 8),
    hex('cafebabefacedbaddecaf888'),
    big(1, 4),
    key,
  );
  const out = run({ code: 18n | LAST_TEXT | LAST_AAD, block, aad: new Uint8Array(0), text });
  expect(out.tag).toBe('4d5c2af327cd64a62cf35abd2ba6fab4');
  expect(out.output.slice(0, 32)).toBe('42831ec2217774244b7221b784d0d49c');
});

describe('KMA refuses', () => {
  const block = parameters(message(16), 0, 0);
  const none = new Uint8Array(0);
  test.each([
    ['a function that there is not', 1n, none, none, {}],
    ['text that is not last and not whole', 18n | LAST_AAD, none, message(17), {}],
    ['additional data that are not last and not whole', 18n | LAST_TEXT, message(17), none, {}],
    ['an odd register', 18n, none, none, { r3: 7 }],
    ['register 0', 18n, none, none, { r2: 0 }],
    ['additional data where the text is', 18n, none, none, { r3: 2 }],
    ['additional data where the text goes', 18n, none, none, { r3: 4 }],
  ])('%s', (_, code, aad, text, operands) => {
    expect(run({ code, block, aad, text }, { r1: 4, r2: 2, r3: 6, ...operands }).pgm).toMatchObject({ code: 6 });
  });
  test('nothing in its query', () => {
    const out = run({ code: 0n, block: new Uint8Array(16), aad: none, text: none });
    expect([out.cc, out.block]).toEqual([0, '80003800000000000000000000000000']);
  });
});
