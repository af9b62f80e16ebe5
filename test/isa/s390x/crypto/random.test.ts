import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Bench, encode, type Setup } from '../../../support/s390x/isa.ts';
import { bench, DECIPHER, hex, message, place, toHex } from './support.ts';

const GENERATE = 3n;
const SEED = 3n | DECIPHER;
const prno = encode('PRNO', { r1: 4, r2: 2 });

function setup(code: bigint, parameters: Uint8Array, target: number, source: Uint8Array): Setup {
  return {
    code: [prno],
    gr: {
      0: code,
      1: BigInt(place.parameters),
      2: BigInt(place.source),
      3: BigInt(source.length),
      4: BigInt(place.target),
      5: BigInt(target),
    },
    storage: { [place.parameters]: parameters, [place.source]: source },
  };
}
const block = (out: { storage(address: number, length: number): string }): string => out.storage(place.parameters, 240);
const fresh = new Uint8Array(240);

describe('SHA-512-DRNG', () => {
  // NIST's test vector for Hash_DRBG with SHA-512, count 0: the seed, V and C, and the second 256 bytes.
  const seed = hex(`6b50a7d8f8a55d7a3df8bb40bcc3b722d8708de67fda010b03c4c84d72096f8c
    3ec649cc6256d9fa31db7a2904aaf025`);
  const v = hex(`00ade36f9a01c776613435f54e247422219a2989c7932e601ee814248dd503f1655d082272d5ad95
    e1231e8aa713d92b5ebcbb80ab8de579ab5b474eddee6b038f0f5c5ea91a83ddd388b2754bce8336574bf15cca7e09c0
    d389c6e0dac4817e5bf9e101c19205eaf52fc6c6c78fbcf4`);
  const c = hex(`00f4a3e5a0726395c64f48d08b5b5f8e6b961f16edbc66944531d7477322a586cec04cac63b83950
    bfe6596c3858991f27a79d712ab37bf9fb1786aa9981aa43e437d31e6ee5e6eec2ed954f530e468acc45a5db690d81c9
    3292bc8f33e6f6097c8e05190df1b6ccf302219025eced0e`);
  const second = `95b7f17e9802d3577392c6a9c08083b67dd1292265b5f42d237f1c55bb9b10bf
    cfd82c77a378b8266a0099143b3c2d64611eeeb69acdc055957c139e8b190c7a`;

  const seeded = bench.run(setup(SEED, fresh, 0, seed));
  const state = hex(block(seeded));

  test('a generator whose reseed counter is zero is instantiated', () => {
    expect(block(seeded)).toBe(`${'00000000 00000001'.replace(' ', '')}${'00'.repeat(8)}${toHex(v)}${toHex(c)}`);
    expect(seeded).toMatchObject({ cc: 0, pgm: undefined });
    expect(seeded.gr.slice(2, 4)).toEqual([BigInt(place.source), 48n]);
  });

  test('generates what the algorithm asks for, and moves on', () => {
    const once = bench.run(setup(GENERATE, state, 256, seed));
    expect(block(once).slice(8, 32)).toBe(`00000002${'100'.padStart(16, '0')}`);
    const twice = bench.run(setup(GENERATE, hex(block(once)), 256, seed));
    expect(twice.storage(place.target, 64)).toBe(second.replaceAll(/\s/g, ''));
    expect(twice.storage(place.target + 224, 32)).toBe(
      '6e819ac381226c1321e4b08644f6727c368c5a9f7a4b3ee2'.padStart(64, '63b403ddf88e121b'),
    );
    expect(twice).toMatchObject({ cc: 0, pgm: undefined });
    // The operand is filled from its right end: only the length says what is left.
    expect(twice.gr.slice(4, 6)).toEqual([BigInt(place.target), 0n]);
    expect(block(twice).slice(8, 32)).toBe(`00000003${'200'.padStart(16, '0')}`);
  });

  test('a generation that was interrupted is as one that was not', () => {
    const length = 4096 + 4096 + 10;
    const whole = bench.run({
      ...setup(GENERATE, state, length, seed),
      code: [prno, encode('BRC', { m1: 1, ri2: -4 })],
      steps: 4,
    });
    const first = bench.run(setup(GENERATE, state, length, seed));
    expect(first.cc).toBe(3);
    // The short block at the right end and 64 whole ones make up the first unit.
    expect(first.gr.slice(4, 6)).toEqual([BigInt(place.target), BigInt(length - 10 - 64 * 64)]);
    expect(first.storage(place.target, length - 10 - 64 * 64)).toBe('00'.repeat(length - 10 - 64 * 64));
    expect(block(first).slice(0, 16)).toBe('0000000000000001');
    expect(block(first).slice(32)).toBe(toHex(state.slice(16)));
    // Block 128 is the hash of V + 128.
    const last = BigInt(`0x${toHex(v)}`) + 128n;
    const hash = createHash('sha512')
      .update(hex(last.toString(16).padStart(222, '0')))
      .digest('hex');
    expect(whole.storage(place.target + 8192, 10)).toBe(hash.slice(0, 20));
    expect(whole.cc).toBe(0);
    expect(block(whole).slice(8, 32)).toBe(`00000002${length.toString(16).padStart(16, '0')}`);
    const short = bench.run(setup(GENERATE, state, 64, seed));
    expect(whole.storage(place.target, 64)).toBe(short.storage(place.target, 64));
    expect(block(whole).slice(32)).toBe(block(short).slice(32));
  });

  test('a reseeding mixes with what there was and starts counting anew', () => {
    const once = bench.run(setup(GENERATE, state, 256, seed));
    const out = bench.run(setup(SEED, hex(block(once)), 0, message(512)));
    expect(out).toMatchObject({ cc: 0, pgm: undefined });
    const old = hex(block(once)).slice(17, 128);
    const derive = (...parts: readonly Uint8Array[]): Buffer =>
      Buffer.concat(
        [1, 2].map((counter) =>
          createHash('sha512')
            .update(Buffer.concat([Uint8Array.of(counter, 0, 0, 3, 0x78), ...parts]))
            .digest(),
        ),
      ).subarray(0, 111);
    const next = derive(Uint8Array.of(1), old, message(512));
    expect(block(out)).toBe(
      `0000000000000001${'00'.repeat(9)}${toHex(next)}00${toHex(derive(Uint8Array.of(0), next))}`,
    );
  });

  test('a seed of more than 512 bytes is a specification exception', () => {
    const out = bench.run(setup(SEED, state, 0, message(513)));
    expect(out.pgm).toMatchObject({ code: 6 });
    expect(block(out)).toBe(toHex(state));
  });

  test('a target that ends in storage that is not there gets nothing; one that begins there gets its right end', () => {
    const base = setup(GENERATE, state, 128, seed);
    const behind = bench.run({ ...base, gr: { ...base.gr, 4: (4n << 20n) - 127n } });
    expect(behind.pgm).toMatchObject({ code: 5 });
    expect(block(behind)).toBe(toHex(state));
    expect(behind.gr[5]).toBe(128n);
    // Protected on its left: the block at the right end is done, and the next execution meets the fault.
    const mask = 0x0000_0001_8000_0000n | (9n << 52n);
    const keys = { 0x10000: 0x90, [place.parameters]: 0x90, [place.target]: 0x90 };
    const before = { ...base, mask, keys, gr: { ...base.gr, 4: BigInt(place.target - 64) } };
    const half = bench.run(before);
    expect(half).toMatchObject({ cc: 3, pgm: undefined });
    expect(half.gr[5]).toBe(64n);
    const fault = bench.run({ ...before, code: [prno, prno] });
    expect(fault.pgm).toMatchObject({ code: 4 });
    expect(fault.gr[5]).toBe(64n);
    expect(block(fault)).toBe(block(half));
  });
});

describe('true random numbers', () => {
  const TRNG = 114n;
  const numbers = (bytes: number, machine = new Bench()): string =>
    machine.run(setup(TRNG, fresh, bytes, new Uint8Array(0))).storage(place.target, bytes);

  test('are the same in every run of a machine, and no two of them', () => {
    // SplitMix64 from zero on.
    expect(numbers(16)).toBe('e220a8397b1dcdaf6e789e6aa1b965f4');
    const machine = new Bench();
    expect([numbers(12, machine), numbers(8, machine)]).toEqual(['e220a8397b1dcdaf6e789e6a', '06c45d188009454f']);
  });

  test('fill the raw and the conditioned operand and pass them', () => {
    const base = setup(TRNG, fresh, 20, new Uint8Array(0));
    const out = bench.run({ ...base, gr: { ...base.gr, 3: 9n } });
    expect(out).toMatchObject({ cc: 0, pgm: undefined });
    expect(out.gr.slice(2, 6)).toEqual([BigInt(place.source + 9), 0n, BigInt(place.target + 20), 0n]);
    expect(out.storage(place.target, 20)).not.toMatch(/^0+$/);
    expect(out.storage(place.source, 9)).not.toMatch(/^0+$/);
    expect(out.storage(place.target + 20, 4) + out.storage(place.source + 9, 4)).toBe('00'.repeat(8));
  });

  test('a unit at a time, over both operands', () => {
    const base = setup(TRNG, fresh, 4000, new Uint8Array(0));
    const once = bench.run({ ...base, gr: { ...base.gr, 3: 200n } });
    expect(once.cc).toBe(3);
    expect(once.gr.slice(2, 6)).toEqual([BigInt(place.source + 96), 104n, BigInt(place.target + 4000), 0n]);
    const twice = bench.run({ ...base, code: [prno, prno], gr: { ...base.gr, 3: 200n } });
    expect(twice.cc).toBe(0);
    expect(twice.gr[3]).toBe(0n);
  });

  test('what can be stored is stored before the fault', () => {
    const base = setup(TRNG, fresh, 100, new Uint8Array(0));
    const near = { ...base, gr: { ...base.gr, 4: (4n << 20n) - 40n } };
    const out = bench.run(near);
    expect(out).toMatchObject({ cc: 3, pgm: undefined });
    expect(out.gr.slice(4, 6)).toEqual([4n << 20n, 60n]);
    expect(bench.run({ ...near, code: [prno, prno] }).pgm).toMatchObject({ code: 5 });
  });

  test('nothing asked for is nothing done', () => {
    expect(bench.run(setup(TRNG, fresh, 0, new Uint8Array(0)))).toMatchObject({ cc: 0, pgm: undefined });
  });

  test('the ratio of raw to conditioned bytes is one', () => {
    const out = bench.run(setup(112n, fresh, 0, new Uint8Array(0)));
    expect(block(out).slice(0, 32)).toBe('00000001000000010000000000000000');
    expect(out.cc).toBe(0);
  });
});
