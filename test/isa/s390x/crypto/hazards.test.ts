import { describe, expect, test } from 'vitest';
import { encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { bench, hex, message, operands, place, run, setup, toHex, type Vector } from './support.ts';

/** The functions of every instruction: what its query tells. */
const functions: readonly (readonly [string, readonly number[]])[] = [
  ['KM', [0, 1, 2, 3, 18, 19, 20, 50, 52, 82, 84]],
  ['KMC', [0, 1, 2, 3, 18, 19, 20, 67]],
  ['KMF', [0, 1, 2, 3, 18, 19, 20]],
  ['KMO', [0, 1, 2, 3, 18, 19, 20]],
  ['KMCTR', [0, 1, 2, 3, 18, 19, 20]],
  ['KMAC', [0, 1, 2, 3, 18, 19, 20]],
  ['KIMD', [0, 1, 2, 3, 32, 33, 34, 35, 36, 37, 65]],
  ['KLMD', [0, 1, 2, 3, 32, 33, 34, 35, 36, 37]],
  ['PCC', [0, 1, 2, 3, 18, 19, 20, 50, 52, 64, 65, 66, 72, 73, 80, 81]],
  ['PRNO', [0, 3, 112, 114]],
];

describe('function codes', () => {
  test.each(functions)('%s: the query tells of exactly those that there are', (mnemonic, known) => {
    const out = run(mnemonic, { code: 0n, parameters: new Uint8Array(16).fill(0xff), data: message(5) });
    let bits = 0n;
    for (const code of known) bits |= 1n << BigInt(127 - code);
    expect(out.block).toBe(bits.toString(16).padStart(32, '0'));
    expect(out).toMatchObject({ cc: 0, pgm: undefined });
    // The operands are not looked at, odd length or not.
    expect(out.gr.slice(2, 5)).toEqual([BigInt(place.source), 5n, BigInt(place.target)]);
  });

  test.each(functions)('%s: any other is a specification exception', (mnemonic, known) => {
    for (let code = 0; code < 128; code++) {
      if (known.includes(code)) continue;
      const out = bench.run({ code: [encode(mnemonic, operands[mnemonic])], gr: { 0: BigInt(code) } });
      expect([code, out.pgm?.code]).toEqual([code, 6]);
    }
  });

  test.each(['KMAC', 'KIMD', 'KLMD', 'PCC'])('%s has no modifier bit', (mnemonic) => {
    const out = bench.run({ code: [encode(mnemonic, operands[mnemonic])], gr: { 0: 0x81n } });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
  });

  test.each(['KM', 'KMC', 'KMF', 'KMO', 'KMCTR', 'PRNO'])('%s: the query ignores the modifier bit', (mnemonic) => {
    const out = run(mnemonic, { code: 0x80n, parameters: new Uint8Array(16), data: message(5) });
    expect(out.pgm).toBe(undefined);
    expect(out.block).not.toBe('00'.repeat(16));
  });

  test('other bits of general register 0 say nothing', () => {
    const out = run('KIMD', { code: 0xffff_ffff_ffff_ff00n, parameters: new Uint8Array(16), data: message(0) });
    expect(out.block).toBe('f0000000fc0000004000000000000000');
  });

  test('a query into storage that is not there', () => {
    const out = bench.run({ code: [encode('KM', operands.KM)], gr: { 1: (4n << 20n) - 15n } });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect(out.storage((4 << 20) - 15, 15)).toBe('00'.repeat(15));
  });
});

describe('registers', () => {
  const bad = Object.entries(operands).flatMap(([mnemonic, fields]) =>
    // The one that has R1 for some functions alone does not look at it in a query.
    Object.keys(mnemonic === 'KLMD' ? { r2: 2 } : fields).flatMap((field) =>
      [0, 3].map((r) => [mnemonic, field, r] as const),
    ),
  );
  test.each(bad)('%s: %s naming register %i is a specification exception, even of a query', (mnemonic, field, r) => {
    const out = bench.run({ code: [encode(mnemonic, { ...operands[mnemonic], [field]: r })], gr: { 1: 0x2000n } });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
    expect(out.storage(0x2000, 16)).toBe('00'.repeat(16));
  });

  test.each(['KMAC', 'KIMD', 'KLMD'])('%s does not look at R1', (mnemonic) => {
    const out = bench.run({ code: [encode(mnemonic, { r1: 3, r2: 2 })], gr: { 1: 0x2000n } });
    expect(out).toMatchObject({ pgm: undefined, cc: 0 });
  });

  const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
  const vector: Vector = { code: 18n, parameters: key, data: message(32) };
  const wanted = run('KM', vector).output;

  test('one register for both operands: in place', () => {
    const base = setup('KM', vector);
    const out = bench.run({ ...base, code: [encode('KM', { r1: 2, r2: 2 })], steps: 1 });
    expect(out.storage(place.source, 32)).toBe(wanted);
    expect(out.gr.slice(2, 4)).toEqual([BigInt(place.source + 32), 0n]);
  });

  test('31-bit mode: bits 0-31 of addresses and lengths stay and do not count', () => {
    const base = setup('KM', vector);
    const high = 0xdead_beef_0000_0000n;
    const gr = Object.fromEntries(
      Object.entries(base.gr ?? {}).map(([n, value]) => [n, n === '0' ? value : high | value]),
    );
    const out = bench.run({
      ...base,
      mask: 0x8000_0000n,
      gr: { ...gr, 2: high | 0x8000_0000n | BigInt(place.source) },
    });
    expect(out.storage(place.target, 32)).toBe(wanted);
    expect(out.gr.slice(2, 5)).toEqual([high | BigInt(place.source + 32), high, high | BigInt(place.target + 32)]);
  });

  test('24-bit mode: bits 0-39 of addresses stay and do not count', () => {
    const base = setup('KM', vector);
    const gr = { ...base.gr, 2: 0xff_0000_0000n | BigInt(place.source), 4: 0xaa00_0000n | BigInt(place.target) };
    const out = bench.run({ ...base, mask: 0n, gr });
    expect(out.storage(place.target, 32)).toBe(wanted);
    expect(out.gr.slice(2, 5)).toEqual([
      0xff_0000_0000n | BigInt(place.source + 32),
      0n,
      0xaa00_0000n | BigInt(place.target + 32),
    ]);
  });
});

describe('operands', () => {
  const key = message(16);
  const end = 4 << 20;
  const whole = (mnemonic: string): Vector => {
    const chained = ['KMC', 'KMF', 'KMO', 'KMAC'].includes(mnemonic);
    const parameters = chained ? Uint8Array.from([...message(16), ...key]) : key;
    return { code: mnemonic === 'KMF' ? 0x1000_0012n : 18n, parameters, data: message(96), counters: message(96) };
  };
  const all = ['KM', 'KMC', 'KMF', 'KMO', 'KMCTR', 'KMAC'];
  const two = all.filter((m) => m !== 'KMAC');

  test.each(all)('%s: a length that is no multiple of the block is a specification exception', (mnemonic) => {
    const out = run(mnemonic, { ...whole(mnemonic), data: message(97) });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
    expect(out.gr[3]).toBe(97n);
  });

  test.each(all)('%s: nothing to do needs no parameter block', (mnemonic) => {
    const base = setup(mnemonic, { ...whole(mnemonic), data: message(0) });
    const out = bench.run({ ...base, gr: { ...base.gr, 1: 5n << 20n, 2: 5n << 20n, 4: 5n << 20n } });
    expect(out).toMatchObject({ cc: 0, pgm: undefined });
  });

  test.each(all)('%s: a parameter block that is not all there', (mnemonic) => {
    const base = setup(mnemonic, whole(mnemonic));
    const at = end - whole(mnemonic).parameters.length + 1;
    const out = bench.run({ ...base, steps: 1, gr: { ...base.gr, 1: BigInt(at) } });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect(out.storage(place.target, 96)).toBe('00'.repeat(96));
    expect(out.gr[3]).toBe(96n);
  });

  test.each(['KMC', 'KMF', 'KMO', 'KMAC'])('%s: a chaining value that cannot be stored', (mnemonic) => {
    const base = setup(mnemonic, whole(mnemonic));
    const keys = { 0x10000: 0x90, [place.parameters]: 0x80, [place.source]: 0x90, [place.target]: 0x90 };
    const out = bench.run({ ...base, steps: 1, mask: MASK_64 | (9n << 52n), keys });
    expect(out.pgm).toMatchObject({ code: 4, ilc: 4 });
    expect(out.storage(place.target, 96)).toBe('00'.repeat(96));
    expect(out.storage(place.parameters, 32)).toBe(toHex(whole(mnemonic).parameters));
    expect(out.gr[3]).toBe(96n);
  });

  test('KM and KMCTR store nothing into a parameter block that is a key alone', () => {
    for (const mnemonic of ['KM', 'KMCTR']) {
      const base = setup(mnemonic, whole(mnemonic));
      const keys = { 0x10000: 0x90, [place.parameters]: 0x80, [place.target]: 0x90 };
      const out = bench.run({ ...base, steps: 1, mask: MASK_64 | (9n << 52n), keys });
      expect(out).toMatchObject({ cc: 0, pgm: undefined });
    }
  });

  const sides = two.flatMap((m) => (m === 'KMCTR' ? [2, 4, 6] : [2, 4]).map((r) => [m, r] as const));
  test.each([
    ...sides,
    ['KMAC', 2] as const,
  ])('%s: whole blocks before the end of storage are done, then register %i names none', (mnemonic, register) => {
    const vector = whole(mnemonic);
    const base = setup(mnemonic, vector);
    // Two blocks and a half.
    const start = end - 40;
    const storage = { ...base.storage, ...(register === 2 ? { [start]: vector.data.slice(0, 40) } : {}) };
    const at = { ...base, storage, gr: { ...base.gr, [register]: BigInt(start) } };
    const once = bench.run({ ...at, steps: 1 });
    expect(once).toMatchObject({ cc: 3, pgm: undefined });
    expect(once.gr[3]).toBe(64n);
    expect(once.gr[register]).toBe(BigInt(start + 32));
    const short = run(mnemonic, { ...vector, data: vector.data.slice(0, 32) });
    if (register === 2) {
      expect(once.storage(place.target, 48)).toBe(short.output.padEnd(96, '0'));
      expect(once.storage(place.parameters, vector.parameters.length)).toBe(short.block);
    }
    // With the branch back: the fault, and nothing more has changed.
    const fault = bench.run({ ...at, steps: 3 });
    expect(fault.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect(fault.gr).toEqual(once.gr);
    expect(fault.storage(place.parameters, 32)).toBe(once.storage(place.parameters, 32));
    expect(fault.storage(place.target, 96)).toBe(once.storage(place.target, 96));
  });

  test.each(two)('%s: blocks, parameters and counters across page boundaries', (mnemonic) => {
    const vector = whole(mnemonic);
    const base = setup(mnemonic, vector);
    const shift = 4096 - 7;
    const out = bench.run({
      ...base,
      gr: {
        ...base.gr,
        1: BigInt(place.parameters + shift),
        2: BigInt(place.source + shift),
        4: BigInt(place.target + shift),
        6: BigInt(place.counters + shift),
      },
      storage: {
        [place.parameters + shift]: vector.parameters,
        [place.source + shift]: vector.data,
        [place.counters + shift]: message(96),
      },
    });
    const plain = run(mnemonic, vector);
    expect(out.storage(place.target + shift, 96)).toBe(plain.output);
    expect(out.storage(place.parameters + shift, vector.parameters.length)).toBe(plain.block);
    expect(out.cc).toBe(0);
  });

  test.each(['KM', 'KMC', 'KMO', 'KMCTR', 'KMAC'])('%s does 4 KiB at a time', (mnemonic) => {
    const vector = { ...whole(mnemonic), data: message(8192), counters: message(8192) };
    const out = bench.run({ ...setup(mnemonic, vector), steps: 1 });
    expect(out.cc).toBe(3);
    expect(out.gr.slice(2, 4)).toEqual([BigInt(place.source + 4096), 4096n]);
  });

  test('KMF does 512 segments at a time; a segment of no bytes, or longer than a block, is a specification exception', () => {
    const vector = { ...whole('KMF'), data: message(1024) };
    const segments = (size: bigint) =>
      bench.run({ ...setup('KMF', { ...vector, code: (size << 24n) | 18n }), steps: 1 });
    expect(segments(1n)).toMatchObject({ cc: 3, pgm: undefined });
    expect(segments(1n).gr[3]).toBe(512n);
    for (const size of [0n, 17n, 255n]) expect(segments(size).pgm).toMatchObject({ code: 6 });
  });
});
