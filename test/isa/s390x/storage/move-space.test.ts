import { describe, expect, test } from 'vitest';
import { Bench, encode, type Setup } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const TWO = { b1: 1, b2: 2 };
const DAT = 0x0400_0000_0000_0000n;
const MODE = 0x1_8000_0000n;
const SPACE = { primary: 0n, secondary: 0x8000_0000_0000n, ar: 0x4000_0000_0000n, home: 0xc000_0000_0000n };
const PROBLEM = 0x1_0000_0000_0000n;
const SECONDARY_SPACE = 0x0400_0000n;

const KEY = (n: number): bigint => BigInt(n) << 52n;

// Three spaces of 1 MiB by segment tables: page 0x20 of each is a frame of its own, the rest is mapped one to one.
const TABLES = { primary: 0x10_0000, secondary: 0x11_0000, home: 0x12_0000 } as const;
const FRAMES = { primary: 0x20_0000, secondary: 0x21_0000, home: 0x22_0000 } as const;

function table(segment: number, frame: number): Record<number, Uint8Array> {
  const entries = new Uint8Array(2048);
  const view = new DataView(entries.buffer);
  for (let page = 0; page < 256; page++) view.setBigUint64(page * 8, BigInt(page * 0x1000));
  view.setBigUint64(0x20 * 8, BigInt(frame));
  view.setBigUint64(0x21 * 8, BigInt(frame + 0x1000));
  view.setBigUint64(0x30 * 8, 0x400n);
  view.setBigUint64(0x31 * 8, BigInt(0x31000 | 0x200));
  const pages = segment + 0x8000;
  const top = new Uint8Array(8);
  new DataView(top.buffer).setBigUint64(0, BigInt(pages));
  const rest = new Uint8Array(2047 * 8);
  const restView = new DataView(rest.buffer);
  for (let i = 0; i < 2047; i++) restView.setBigUint64(i * 8, 0x20n);
  return { [segment]: top, [segment + 8]: rest, [pages]: entries };
}

const tables = {
  ...table(TABLES.primary, FRAMES.primary),
  ...table(TABLES.secondary, FRAMES.secondary),
  ...table(TABLES.home, FRAMES.home),
};

/** DAT on; CR1, 7 and 13 as above; low-level setup can be changed. */
function run(text: Uint8Array, setup: Partial<Setup> & { space?: bigint }) {
  const { space = SPACE.primary, cr, storage, mask, ...rest } = setup;
  return bench.run({
    code: [text],
    ...rest,
    mask: DAT | MODE | space | (mask ?? 0n),
    cr: { 0: SECONDARY_SPACE, 1: BigInt(TABLES.primary), 7: BigInt(TABLES.secondary), 13: BigInt(TABLES.home), ...cr },
    storage: { ...tables, ...storage },
  });
}

describe('MVCP and MVCS', () => {
  const mvcp = encode('MVCP', { r1: 4, r3: 5, ...TWO });
  const mvcs = encode('MVCS', { r1: 4, r3: 5, ...TWO });
  const gr = { 1: 0x2_0000n, 2: 0x2_0010n, 4: 3n };
  const storage = { [FRAMES.primary + 0x10]: 'a1a2a3a4', [FRAMES.secondary + 0x10]: 'b1b2b3b4' };
  test('MVCP fetches from the secondary space', () => {
    const out = run(mvcp, { gr, storage, cc: 1 });
    expect(out.storage(FRAMES.primary, 4)).toBe('b1b2b300');
    expect(out.storage(FRAMES.secondary, 4)).toBe('00000000');
    expect(out.cc).toBe(0);
  });
  test('MVCS stores into the secondary space, in secondary-space mode too', () => {
    for (const space of [SPACE.primary, SPACE.secondary]) {
      const out = run(mvcs, { gr, storage, space });
      expect(out.storage(FRAMES.secondary, 4)).toBe('a1a2a300');
    }
  });
  test('more than 256 bytes: 256 are moved, condition code 3', () => {
    const out = run(mvcp, {
      gr: { ...gr, 4: 0x1_0000_0000_0101n },
      storage: { [FRAMES.secondary + 0x10]: new Uint8Array(300).fill(7) },
    });
    expect(out.storage(FRAMES.primary, 257)).toBe(`${'07'.repeat(256)}00`);
    expect(out.cc).toBe(3);
  });
  test('length zero accesses nothing', () => {
    const out = run(mvcp, { gr: { 1: 0x3_0000n, 2: 0x3_0000n }, cc: 3 });
    expect([out.pgm, out.cc]).toEqual([undefined, 0]);
  });
  test.each([
    ['DAT off', { mask: 0n, off: true }],
    ['secondary-space control zero', { cr: { 0: 0n } }],
    ['access-register mode', { space: SPACE.ar }],
    ['home-space mode', { space: SPACE.home }],
  ])('%s is a special-operation exception', (_, setup) => {
    for (const text of [mvcp, mvcs]) {
      const out =
        'off' in setup ? bench.run({ code: [text], cr: { 0: SECONDARY_SPACE }, gr }) : run(text, { gr, ...setup });
      expect(out.pgm).toMatchObject({ code: 0x13, ilc: 6 });
    }
  });
  test('the key of R3 is used for the secondary space, and must be in the PSW-key mask in the problem state', () => {
    const keys = { [FRAMES.secondary]: 0x58, [FRAMES.primary]: 0x10 };
    const base = { gr: { ...gr, 5: 0x50n }, storage, keys, mask: KEY(1) };
    expect(run(mvcp, base).storage(FRAMES.primary, 3)).toBe('b1b2b3');
    expect(run(mvcp, { ...base, gr: { ...gr, 5: 0x10n } }).pgm?.code).toBe(4);
    expect(run(mvcp, { ...base, mask: KEY(1) | PROBLEM }).pgm).toMatchObject({ code: 2, ilc: 6 });
    expect(run(mvcp, { ...base, mask: KEY(1) | PROBLEM, cr: { 3: 0x0400_0000n } }).storage(FRAMES.primary, 3)).toBe(
      'b1b2b3',
    );
  });
});

describe('MVCK, MVCSK, MVCDK', () => {
  const keys = { 0x2000: 0x38, 0x3000: 0x10, 0x10000: 0x10 };
  const base = { mask: MODE | KEY(1), keys, storage: { 0x2000: '11223344', 0x3000: '55667788' } };
  test('MVCK fetches with the key of R3', () => {
    const text = encode('MVCK', { r1: 4, r3: 5, ...TWO });
    const good = bench.run({ code: [text], ...base, gr: { 1: 0x3000n, 2: 0x2000n, 4: 2n, 5: 0x35n } });
    expect([good.storage(0x3000, 4), good.cc]).toEqual(['11227788', 0]);
    const bad = bench.run({ code: [text], ...base, gr: { 1: 0x3000n, 2: 0x2000n, 4: 2n, 5: 0x15n } });
    expect([bad.pgm?.code, bad.storage(0x3000, 4)]).toEqual([4, '55667788']);
    const long = bench.run({ code: [text], ...base, gr: { 1: 0x3000n, 2: 0x2000n, 4: 257n, 5: 0x35n } });
    expect([long.cc, long.storage(0x3000, 4)]).toEqual([3, '11223344']);
  });
  test('MVCSK fetches and MVCDK stores with the key of register 1', () => {
    const source = bench.run({
      code: [encode('MVCSK', { b1: 3, b2: 2 })],
      ...base,
      gr: { 0: 0xff01n, 1: 0x3fn, 2: 0x2000n, 3: 0x3000n },
    });
    expect(source.storage(0x3000, 4)).toBe('11227788');
    const destination = bench.run({
      code: [encode('MVCDK', { b1: 3, b2: 2 })],
      ...base,
      gr: { 0: 0n, 1: 0x30n, 2: 0x3000n, 3: 0x2000n },
    });
    expect(destination.storage(0x2000, 4)).toBe('55223344');
    const wrong = bench.run({
      code: [encode('MVCDK', { b1: 3, b2: 2 })],
      ...base,
      gr: { 0: 0n, 1: 0x10n, 2: 0x3000n, 3: 0x2000n },
    });
    expect(wrong.pgm).toMatchObject({ code: 4, ilc: 6 });
  });
  test.each(['MVCK', 'MVCSK', 'MVCDK'])('%s in the problem state needs the key in the PSW-key mask', (mnemonic) => {
    const text = encode(mnemonic, mnemonic === 'MVCK' ? { r1: 4, r3: 1, b1: 3, b2: 2 } : { b1: 3, b2: 2 });
    const setup = {
      code: [text],
      mask: MODE | PROBLEM,
      keys: { 0x3000: mnemonic === 'MVCDK' ? 0x70 : 0 },
      gr: { 1: 0x70n, 2: 0x2000n, 3: 0x3000n, 4: 1n },
    };
    expect(bench.run({ ...setup, cr: { 3: 0xfeff_0000n } }).pgm?.code).toBe(2);
    expect(bench.run({ ...setup, cr: { 3: 0x0100_0000n } }).pgm).toBeUndefined();
  });
});

describe('MVCOS', () => {
  const mvcos = encode('MVCOS', { r3: 4, ...TWO });
  const storage = {
    [FRAMES.primary + 0x10]: 'a1a2a3a4',
    [FRAMES.secondary + 0x10]: 'b1b2b3b4',
    [FRAMES.home + 0x10]: 'c1c2c3c4',
  };
  const gr = { 1: 0x2_0000n, 2: 0x2_0010n, 4: 3n };
  // Operand-access controls: key, space, key validity, space validity.
  const oac = (space: number, key?: number): number => (space << 6) | 1 | (key === undefined ? 0 : (key << 12) | 2);
  const gr0 = (first: number, second: number): bigint => BigInt(first) * 0x10000n + BigInt(second);
  test.each([
    ['from secondary to the PSW space', 0, oac(2), FRAMES.primary, 'b1b2b300'],
    ['to secondary', oac(2), 0, FRAMES.secondary, 'a1a2a300'],
    ['from home to secondary', oac(2), oac(3), FRAMES.secondary, 'c1c2c300'],
    ['neither space is named', 0, 0, FRAMES.primary, 'a1a2a300'],
    ['a space without its validity bit does not count', 0x80, 0xc0, FRAMES.primary, 'a1a2a300'],
  ])('%s', (_, first, second, frame, result) => {
    const out = run(mvcos, { gr: { ...gr, 0: gr0(first, second) }, storage, cc: 2 });
    expect([out.storage(frame, 4), out.cc]).toEqual([result, 0]);
  });
  test('in home-space mode what names no space is home', () => {
    const out = run(mvcos, { gr: { ...gr, 0: gr0(oac(0), 0) }, storage, space: SPACE.home });
    expect(out.storage(FRAMES.primary, 4)).toBe('c1c2c300');
  });
  test('access registers name the space when the control says so', () => {
    const out = run(mvcos, { gr: { ...gr, 0: gr0(0, oac(1)) }, ar: { 2: 1 }, storage });
    expect(out.storage(FRAMES.primary, 4)).toBe('b1b2b300');
  });
  test('more than 4096 bytes: 4096 are moved, condition code 3', () => {
    const out = run(mvcos, {
      gr: { 0: gr0(0, oac(2)), 1: 0x2_0000n, 2: 0x2_0010n, 4: 0x1001n },
      storage: { [FRAMES.secondary + 0x10]: new Uint8Array(0x1800).fill(9) },
    });
    expect(out.storage(FRAMES.primary, 0x1001)).toBe(`${'09'.repeat(0x1000)}00`);
    expect(out.cc).toBe(3);
  });
  test('a fault stores nothing and says which space', () => {
    const out = run(mvcos, { gr: { 0: gr0(0, oac(2)), 1: 0x2_0000n, 2: 0x2_fff0n, 4: 0x20n }, cc: 1 });
    expect(out.pgm).toMatchObject({ code: 0x11, nullified: true });
    expect((out.pgm?.teid ?? 0n) & ~0xffcn).toBe(0x3_0002n);
    expect(out.storage(FRAMES.primary, 4)).toBe('00000000');
    expect(out.cc).toBe(1);
  });
  test('length zero accesses nothing', () => {
    const out = run(mvcos, { gr: { 0: 0n, 1: 0x3_0000n, 2: 0x3_0000n, 4: 0n }, cc: 3 });
    expect([out.pgm, out.cc]).toEqual([undefined, 0]);
  });
  test('keys by control', () => {
    const keys = { [FRAMES.secondary]: 0x58, [FRAMES.primary]: 0x68 };
    const move = (first: number, second: number) =>
      run(mvcos, { gr: { ...gr, 0: gr0(first, second) }, storage, keys, mask: KEY(1) });
    expect(move(oac(0, 6), oac(2, 5)).storage(FRAMES.primary, 3)).toBe('b1b2b3');
    expect(move(oac(0, 6), oac(2)).pgm?.code).toBe(4);
    expect(move(oac(0), oac(2, 5)).pgm?.code).toBe(4);
  });
  test.each([
    ['secondary space while the control is zero', gr0(0, oac(2)), { cr: { 0: 0n } }],
    ['home as the first space in the problem state', gr0(oac(3), 0), { mask: PROBLEM }],
  ])('%s is a special-operation exception', (_, control, setup) => {
    expect(run(mvcos, { gr: { ...gr, 0: control }, storage, ...setup }).pgm).toMatchObject({ code: 0x13, ilc: 6 });
  });
  test('DAT off is a special-operation exception', () => {
    expect(bench.run({ code: [mvcos], gr }).pgm?.code).toBe(0x13);
  });
  test('a key that the PSW-key mask lacks is a privileged operation in the problem state', () => {
    const move = (first: number, second: number) =>
      run(mvcos, {
        gr: { ...gr, 0: gr0(first, second) },
        storage,
        mask: PROBLEM,
        cr: { 3: 0xc000_0000n },
        keys: { [FRAMES.primary]: 0x10 },
      });
    expect(move(oac(0, 1), oac(0, 0)).pgm).toBeUndefined();
    expect(move(oac(0, 2), oac(0, 0)).pgm?.code).toBe(2);
    expect(move(oac(0, 1), oac(0, 3)).pgm?.code).toBe(2);
  });
});

describe('what the TLB keeps for MVCOS', () => {
  const toSecondary = encode('MVCOS', { r3: 4, b1: 1, b2: 2 });
  const control = (key: number): bigint => BigInt((((key << 12) | (2 << 6) | 3) * 0x1_0000) >>> 0);
  test('is kept apart by key: one that may not store is stopped behind one that may', () => {
    const out = run(toSecondary, {
      code: [toSecondary, encode('LR', { r1: 0, r2: 5 }), toSecondary],
      gr: { 0: control(5), 1: 0x2_0000n, 2: 0x2_0010n, 4: 2n, 5: control(4) },
      keys: { [FRAMES.secondary]: 0x50 },
      storage: { [FRAMES.primary + 0x10]: 'a1a2' },
    });
    expect(out.storage(FRAMES.secondary, 2)).toBe('a1a2');
    expect(out.pgm).toMatchObject({ code: 4, ilc: 6 });
  });
  test('does not let a store by where a fetch went', () => {
    // A fetch from the secondary space fills the TLB; the page is protected, which only the store minds.
    const out = run(toSecondary, {
      code: [toSecondary, encode('LR', { r1: 0, r2: 5 }), encode('MVCOS', { r3: 4, b1: 6, b2: 2 })],
      gr: { 0: 0x0081n, 1: 0x2_0000n, 2: 0x3_1000n, 4: 2n, 5: 0x0081_0000n, 6: 0x3_1000n },
    });
    expect(out.address - 0x10000n).toBe(14n);
    expect(out.pgm).toMatchObject({ code: 4, ilc: 6 });
  });
});

describe('MVPG', () => {
  const mvpg = encode('MVPG', { r1: 2, r2: 4 });
  const page = Uint8Array.from({ length: 4096 }, (_, i) => (i * 13) & 0xff);
  const hex = Buffer.from(page).toString('hex');
  test('moves a page, whatever the byte indexes', () => {
    const out = bench.run({ code: [mvpg], gr: { 2: 0x2_0123n, 4: 0x3_0fffn }, cc: 3, storage: { 0x30000: page } });
    expect(out.storage(0x20000, 4096)).toBe(hex);
    expect(out.cc).toBe(0);
    expect([out.gr[2], out.gr[4]]).toEqual([0x2_0123n, 0x3_0fffn]);
  });
  test('page translation: nullified with both register numbers', () => {
    const out = run(mvpg, { gr: { 2: 0x2_0000n, 4: 0x3_0000n } });
    expect(out.pgm).toMatchObject({ code: 0x11, nullified: true, operandAccessId: 0x24, ilc: 4 });
  });
  test('page translation with the condition-code option', () => {
    expect(run(mvpg, { gr: { 0: 0x100n, 2: 0x3_0000n, 4: 0x2_0000n } }).cc).toBe(1);
    expect(run(mvpg, { gr: { 0: 0x100n, 2: 0x2_0000n, 4: 0x3_0000n } }).cc).toBe(2);
    expect(run(mvpg, { gr: { 0: 0x100n, 2: 0x3_0000n, 4: 0x3_0000n } }).cc).toBe(2);
  });
  test('protection is an exception all the same', () => {
    const out = run(mvpg, { gr: { 0: 0x100n, 2: 0x3_1000n, 4: 0x2_0000n }, cc: 3 });
    expect([out.pgm?.code, out.cc]).toEqual([4, 3]);
  });
  test.each([0x1000n, 0x8000n, 0xc00n])('bits %x of register 0 are a specification exception', (control) => {
    expect(bench.run({ code: [mvpg], gr: { 0: control, 2: 0x2_0000n, 4: 0x3_0000n } }).pgm).toMatchObject({
      code: 6,
      ilc: 4,
    });
  });
  test('a key for one of the operands', () => {
    const setup = {
      code: [mvpg],
      mask: MODE | KEY(1),
      keys: { 0x10000: 0x10, 0x20000: 0x50, 0x30000: 0x60 },
      storage: { 0x30000: page },
    };
    expect(bench.run({ ...setup, gr: { 0: 0x850n, 2: 0x2_0000n, 4: 0x3_0000n } }).storage(0x20000, 4096)).toBe(hex);
    expect(bench.run({ ...setup, gr: { 0: 0x450n, 2: 0x2_0000n, 4: 0x3_0000n } }).pgm?.code).toBe(4);
    expect(bench.run({ ...setup, mask: MODE | PROBLEM, gr: { 0: 0x850n, 2: 0x2_0000n, 4: 0x3_0000n } }).pgm?.code).toBe(
      2,
    );
  });
});
