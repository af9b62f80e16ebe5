/** Encrypted keys: PCKMO makes them, and each instruction does the same with such a one as with the clear key. */

import { describe, expect, test } from 'vitest';
import { ecb3 } from '../../../../src/arch/s390x/sie/state-description.ts';
import type { Outcome } from '../../../support/s390x/isa.ts';
import { encode } from '../../../support/s390x/isa.ts';
import { bench, DECIPHER, hex, message, place, setup, toHex, type Vector } from './support.ts';

const both = ecb3.aes | ecb3.dea;
const ENCRYPTED = 8n;
const ciphers = [
  { name: 'DEA', code: 1n, key: 8, block: 8, pattern: 24 },
  { name: 'TDEA-128', code: 2n, key: 16, block: 8, pattern: 24 },
  { name: 'TDEA-192', code: 3n, key: 24, block: 8, pattern: 24 },
  { name: 'AES-128', code: 18n, key: 16, block: 16, pattern: 32 },
  { name: 'AES-192', code: 19n, key: 24, block: 16, pattern: 32 },
  { name: 'AES-256', code: 20n, key: 32, block: 16, pattern: 32 },
] as const;
type Cipher = (typeof ciphers)[number];
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

interface Seen {
  readonly output: string;
  readonly block: string;
  readonly cc: number;
  readonly pgm: Outcome['pgm'];
  readonly gr: readonly bigint[];
}
function run(mnemonic: string, vector: Vector, controls: number = both): Seen {
  const out = bench.run({ ...setup(mnemonic, vector), controls: { ecb3: controls } });
  const { cc, pgm, gr } = out;
  const output = out.storage(place.target, vector.data.length);
  return { output, block: out.storage(place.parameters, vector.parameters.length), cc, pgm, gr };
}
const none = new Uint8Array(0);
/** A key as PCKMO leaves it, with the pattern behind it. */
function wrap(c: Cipher, key: Uint8Array): Uint8Array {
  const out = run('PCKMO', { code: c.code, parameters: join(key, new Uint8Array(c.pattern)), data: none });
  expect(out.pgm).toBeUndefined();
  return hex(out.block);
}

const data = message(4096 + 48);

/** Instructions with what stands in front of the key, and behind it, in their parameter blocks. */
const forms = (c: Cipher) =>
  [
    { mnemonic: 'KM', front: none, data },
    { mnemonic: 'KMC', front: message(c.block), data },
    { mnemonic: 'KMO', front: message(c.block), data },
    { mnemonic: 'KMF', front: message(c.block), data, bits: 5n << 24n, length: 2000 },
    { mnemonic: 'KMCTR', front: none, data, counters: message(data.length).toReversed() },
    { mnemonic: 'KMAC', front: message(c.block), data },
    { mnemonic: 'PCC', front: join(Uint8Array.of(37), new Uint8Array(7), message(2 * c.block)), data: none },
  ] as const;

describe.each(ciphers)('$name', (c) => {
  const key = message(90).slice(50, 50 + c.key);
  const wrapped = wrap(c, key);

  test('PCKMO encrypts the key, and leaves the pattern of the wrapping key and the condition code', () => {
    expect(wrapped.slice(0, c.key)).not.toEqual(key);
    const other = wrap(c, key.toReversed());
    expect(other.slice(c.key)).toEqual(wrapped.slice(c.key));
    expect(other.slice(0, c.key)).not.toEqual(wrapped.slice(0, c.key));
    const parameters = join(key, new Uint8Array(c.pattern));
    const out = bench.run({
      ...setup('PCKMO', { code: c.code, parameters, data: none }),
      cc: 2,
      controls: { ecb3: both },
    });
    expect(out.cc).toBe(2);
  });

  test.each(forms(c))('$mnemonic does the same with it as with the clear key', (form) => {
    const { mnemonic, front } = form;
    const bits = 'bits' in form ? form.bits : 0n;
    const text = 'length' in form ? form.data.slice(0, form.length) : form.data;
    const counters = 'counters' in form ? { counters: form.counters } : {};
    for (const way of /KMAC|PCC/.test(mnemonic) ? [0n] : [0n, DECIPHER]) {
      const code = c.code | bits | way;
      const clear = run(mnemonic, { code, parameters: join(front, key), data: text, ...counters });
      const parameters = join(front, wrapped);
      const seen = run(mnemonic, { code: code + ENCRYPTED, parameters, data: text, ...counters });
      expect(seen.output).toBe(clear.output);
      expect(seen.block).toBe(clear.block.slice(0, 2 * front.length) + toHex(wrapped));
      expect(seen).toMatchObject({ cc: 0, pgm: undefined, gr: clear.gr.map((v, n) => (n === 0 ? v + ENCRYPTED : v)) });
    }
  });

  test.each(
    forms(c),
  )('$mnemonic tells by condition code 1 that another key has wrapped it, and does nothing', (form) => {
    const { mnemonic, front } = form;
    const parameters = join(front, wrapped.with(c.key + c.pattern - 1, 0));
    const code = (c.code + ENCRYPTED) | ('bits' in form ? form.bits : 0n);
    const text = form.data.slice(0, 80);
    const seen = run(mnemonic, { code, parameters, data: text, counters: text });
    expect(seen).toMatchObject({ cc: 1, pgm: undefined, block: toHex(parameters), output: '00'.repeat(text.length) });
    expect([seen.gr[2], seen.gr[3]]).toEqual([BigInt(place.source), BigInt(text.length)]);
  });
});

describe.each([
  { c: ciphers[3], code: 50n },
  { c: ciphers[5], code: 52n },
])('XTS with $c.name', ({ c, code }) => {
  const key = message(99).slice(60, 60 + c.key);
  const wrapped = wrap(c, key);
  test('KM has the XTS parameter behind the pattern, and makes the next of it', () => {
    const parameter = message(16);
    const clear = run('KM', { code, parameters: join(key, parameter), data });
    const seen = run('KM', { code: code + ENCRYPTED, parameters: join(wrapped, parameter), data });
    expect(seen.output).toBe(clear.output);
    expect(seen.block).toBe(toHex(wrapped) + clear.block.slice(2 * c.key));
  });
  test('PCC has tweak and block number behind the pattern', () => {
    const rest = join(message(16), new Uint8Array(15), Uint8Array.of(77), new Uint8Array(32));
    const clear = run('PCC', { code, parameters: join(key, rest), data: none });
    const seen = run('PCC', { code: code + ENCRYPTED, parameters: join(wrapped, rest), data: none });
    expect(seen).toMatchObject({ cc: 0, block: toHex(wrapped) + clear.block.slice(2 * c.key) });
  });
});

test.each(ciphers.slice(3))('KMA with $name', (c) => {
  const key = message(70).slice(20, 20 + c.key);
  const wrapped = wrap(c, key);
  const ask = (code: bigint, keyed: Uint8Array) => {
    const parameters = join(message(80), keyed);
    const out = bench.run({
      code: [encode('KMA', { r1: 4, r2: 2, r3: 6 })],
      controls: { ecb3: both },
      gr: {
        0: code | 0x300n,
        1: BigInt(place.parameters),
        2: BigInt(place.source),
        3: 48n,
        4: BigInt(place.target),
        6: 0n,
        7: 0n,
      },
      storage: { [place.parameters]: parameters, [place.source]: message(48) },
    });
    return {
      cc: out.cc,
      output: out.storage(place.target, 48),
      block: out.storage(place.parameters, parameters.length),
    };
  };
  const clear = ask(c.code, key);
  const seen = ask(c.code + ENCRYPTED, wrapped);
  expect([seen.cc, seen.output, seen.block]).toEqual([0, clear.output, clear.block.slice(0, 160) + toHex(wrapped)]);
  const foreign = ask(c.code + ENCRYPTED, wrapped.with(c.key, 0x55));
  expect([foreign.cc, foreign.output]).toEqual([1, '00'.repeat(48)]);
});

describe('a guest that may not wrap keys', () => {
  const query = (mnemonic: string, controls: number): string =>
    run(mnemonic, { code: 0n, parameters: new Uint8Array(16), data: none }, controls).block;
  test('has the functions neither in the queries nor otherwise', () => {
    expect([0, ecb3.dea, ecb3.aes, both].map((controls) => query('PCKMO', controls))).toEqual(
      ['80', 'f0', '80003800', 'f0003800'].map((bits) => bits.padEnd(32, '0')),
    );
    expect([0, ecb3.aes].map((controls) => query('KM', controls).slice(0, 16))).toEqual([
      'f000380000002800',
      'f000383800002828',
    ]);
    expect(query('KMC', both).slice(0, 8)).toBe('f0703838');
    const asked = (mnemonic: string, code: bigint, controls: number) =>
      run(mnemonic, { code, parameters: message(96), data: none }, controls).pgm?.code;
    expect([asked('PCKMO', 18n, ecb3.dea), asked('PCKMO', 1n, ecb3.aes), asked('KM', 26n, ecb3.dea)]).toEqual([
      6, 6, 6,
    ]);
  });
});
