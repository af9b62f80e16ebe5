import { expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../support/s390x/isa.ts';
import { DAT, EDAT, identity, PAGE_TABLE, SEGMENT_TABLE } from '../../support/s390x/tables.ts';

const at = Number(CODE);

/** r2 = sum of the doublewords behind r3, r1 of them; the store at the end goes where r4 points to. */
const loop = [
  encode('AG', { r1: 2, b2: 3 }),
  encode('AGHI', { r1: 3, i2: 8 }),
  encode('BRCTG', { r1: 1, ri2: -10 }),
  encode('STC', { r1: 2, b2: 4 }),
  encode('BRC', { m1: 15, ri2: -18 }),
];

const setup: Setup = {
  code: loop,
  steps: 100,
  gr: { 1: 20n, 3: 0x20000n, 4: 0x21000n },
  storage: { 0x20000: new Uint8Array(160).fill(1) },
};

test('a loop becomes one region, and its listing says what it does', () => {
  const bench = new Bench('first');
  const out = bench.run(setup);
  expect(out.gr[2]).toBe(20n * 0x0101_0101_0101_0101n);
  const lines = bench.translated?.listing(at) ?? [];
  expect(lines.slice(0, 5)).toEqual([
    'entered at +000',
    '+000 (a loop): 3 instructions',
    ' +000 AG',
    expect.stringMatching(/^ {3}t\d+ = fetch64\[gr3\]$/),
    expect.stringMatching(/^ {3}gr2 = \(gr2 \+ t\d+\)$/),
  ]);
});

test('additions are translated while their overflows interrupt nobody, and else left to the interpreter', () => {
  const text = (programMask: number): string => {
    const bench = new Bench('first');
    bench.run({ ...setup, programMask });
    return bench.translated?.listing(at)?.join('\n') ?? '';
  };
  expect(text(0)).not.toContain('leave');
  expect(text(0)).toContain('entered at +000');
  expect(text(8)).toBe('');
});

test('a store into the code of a region makes it anew, and one beside it does not', () => {
  for (const [where, dropped] of [
    [at + 0x200, 0],
    [at + 3, 1],
  ] as const) {
    const bench = new Bench('first');
    bench.run({ ...setup, gr: { ...setup.gr, 4: BigInt(where) } });
    expect(bench.translated?.counts.invalidated, `store at ${where}`).toBe(dropped);
  }
});

test('in another mode the code is interpreted, and does what it does there', () => {
  const bench = new Bench('first');
  const code = [encode('LA', { r1: 1, x2: 2, b2: 3 }), encode('BRC', { m1: 15, ri2: -4 })];
  const gr = { 2: 0x7fff_ffffn, 3: 1n };
  const wide = bench.run({ code, steps: 20, gr });
  expect(wide.gr[1]).toBe(0x8000_0000n);
  const narrow = bench.run({ code, steps: 20, gr, mask: 0x8000_0000n });
  expect(narrow.gr[1]).toBe(0n);
});

test('code that is new all the time does not pile up', () => {
  const bench = new Bench('first');
  for (let i = 0; i < 1200; i++) {
    const out = bench.run({ code: [encode('LGHI', { r1: 1, i2: i }), encode('BRC', { m1: 15, ri2: -4 })], steps: 4 });
    expect(out.gr[1]).toBe(BigInt(i));
  }
  expect(bench.translated?.counts.regions).toBeLessThanOrEqual(1);
});

test('code that is often come to while it waits is translated once', () => {
  const bench = new Bench('translator');
  const code = [encode('AGHI', { r1: 1, i2: 1 }), encode('BRC', { m1: 15, ri2: -4 })];
  bench.run({ code, steps: 400_000 });
  expect(bench.translated?.counts.translated).toBe(0);
  bench.goOn(400_000);
  expect(bench.complex.vcpus[0]?.gr(1)).toBe(400_000n);
  expect(bench.translated?.counts).toMatchObject({ regions: 1, translated: 2 });
});

test('an outer and an inner loop that become hot together are one region', () => {
  const bench = new Bench('translator');
  const code = [
    encode('LGHI', { r1: 1, i2: 3 }),
    encode('AGHI', { r1: 2, i2: 1 }),
    encode('BRCTG', { r1: 1, ri2: -4 }),
    encode('AGHI', { r1: 3, i2: 1 }),
    encode('BRC', { m1: 15, ri2: -16 }),
  ];
  bench.run({ code, steps: 400_000 });
  bench.goOn(400_000);
  expect(bench.translated?.counts).toMatchObject({ regions: 1, translated: 5 });
});

/** A loop of so many instructions, the last one of which leads back. */
function longLoop(length: number): Uint8Array[] {
  const body = Array.from({ length: length - 1 }, () => encode('AGHI', { r1: 1, i2: 1 }));
  return [...body, encode('BRCL', { m1: 15, ri2: -4 * (length - 1) })];
}

test('a long loop without branches is one region', () => {
  const bench = new Bench('translator');
  bench.run({ code: longLoop(401), steps: 60_000_000 });
  bench.goOn(1_000_000);
  expect(bench.translated?.counts).toMatchObject({ regions: 1, translated: 401 });
});

test('a loop that no region can hold is divided once, and then stays so', () => {
  const bench = new Bench('translator');
  bench.run({ code: longLoop(901), steps: 3_000_000 });
  for (let i = 0; i < 40; i++) bench.goOn(10_000_000);
  const rounds = Math.floor(403_000_000 / 901);
  expect(rounds).toBeGreaterThan(3 * 131_072);
  expect(bench.complex.vcpus[0]?.gr(1)).toBe(BigInt(403_000_000 - rounds));
  expect(bench.translated?.counts).toMatchObject({ regions: 2, translated: 901, replaced: 0 });
});

test('regions that execution goes to and fro between become one, which takes their place', () => {
  const bench = new Bench('translator');
  // The inner loop is hot long before the outer one.
  const code = [
    encode('LGHI', { r1: 1, i2: 300 }),
    encode('AGHI', { r1: 2, i2: 1 }),
    encode('BRCTG', { r1: 1, ri2: -4 }),
    encode('AGHI', { r1: 3, i2: 1 }),
    encode('BRC', { m1: 15, ri2: -16 }),
  ];
  bench.run({ code, steps: 100_000 });
  for (let i = 0; i < 2; i++) bench.goOn(100_000);
  expect(bench.translated?.counts).toMatchObject({ regions: 1, instructions: 2 });
  for (let i = 0; i < 60; i++) bench.goOn(1_000_000);
  expect(bench.translated?.counts).toMatchObject({ regions: 3, replaced: 0 });
  for (let i = 0; i < 4; i++) bench.goOn(25_000_000);
  expect(bench.translated?.counts).toMatchObject({ regions: 1, instructions: 5, replaced: 3 });
});

/** A function, and two loops that call it, the first of r1 and the second of r2 iterations. */
const callers = [
  encode('BRC', { m1: 15, ri2: 12 }),
  encode('AGHI', { r1: 3, i2: 1 }),
  encode('BCR', { m1: 15, r2: 14 }),
  encode('BCR', { m1: 0, r2: 0 }),
  encode('BRASL', { r1: 14, ri2: -8 }),
  encode('BRCTG', { r1: 1, ri2: -6 }),
  encode('BRASL', { r1: 14, ri2: -18 }),
  encode('BRCTG', { r1: 2, ri2: -6 }),
];

test('a region of which another takes a part keeps the rest, and is entered there', () => {
  const bench = new Bench('translator');
  const regions = (): unknown[] =>
    (bench.translated?.regions() ?? [])
      .map(({ address, entries, instructions }) => ({ offset: address - at, entries, instructions }))
      .sort((a, b) => a.offset - b.offset);
  bench.run({ code: callers, steps: 400_000, gr: { 1: 200_000n, 2: 10_000_000n } });
  bench.goOn(400_000);
  // Nobody knows by which register functions return: this one leads everywhere.
  const first = { offset: 4, entries: 3, instructions: 4 };
  expect(regions()).toEqual([first]);
  // The second loop is entered behind its call, too.
  for (let i = 0; i < 8; i++) bench.goOn(100_000);
  expect(regions()).toEqual([first, { offset: 22, entries: 2, instructions: 2 }]);
  for (let i = 0; i < 4; i++) bench.goOn(400_000);
  expect(regions()).toEqual([first, { offset: 28, entries: 3, instructions: 4 }]);
});

/** A loop over the end of the page at 0x11000, the first instruction behind which lies there with some of its bytes. */
const crossing = (over: number) => ({
  at: 0x11000n - BigInt(8 + over),
  code: [
    encode('AGHI', { r1: 1, i2: 1 }),
    encode('AGHI', { r1: 2, i2: 2 }),
    encode('AGFI', { r1: 3, i2: 3 }),
    encode('AGHI', { r1: 4, i2: 4 }),
    encode('BRC', { m1: 15, ri2: -18 }),
  ],
});

test.each([0, 2, 4])('a loop over two pages is one region, with %i bytes of an instruction on the first', (over) => {
  const bench = new Bench('translator');
  bench.run({ ...crossing(over), steps: 400_000 });
  bench.goOn(400_000);
  expect(bench.complex.vcpus[0]?.gr(3)).toBe(480_000n);
  expect(bench.translated?.counts).toMatchObject({ regions: 1, instructions: 5 });
  const entered = bench.translated?.regions()[0]?.entered ?? 0;
  bench.goOn(400_000);
  expect(bench.translated?.regions()[0]?.entered, 'it is not left where the page ends').toBe(entered);
  expect(bench.complex.vcpus[0]?.gr(4)).toBe(960_000n);
});

test('a store into either page of a loop over two makes it anew', () => {
  for (const [where, dropped] of [
    [0x10ffa, 1],
    [0x11001, 1],
    [0x11010, 0],
  ] as const) {
    const bench = new Bench('translator');
    bench.run({ ...crossing(2), steps: 400_000 });
    bench.goOn(400_000);
    bench.complex.storage.write(where, new Uint8Array([0]));
    bench.complex.frames.decodePages.invalidate(where, 1);
    expect(bench.translated?.counts.invalidated, `store at ${where}`).toBe(dropped);
  }
});

test('where another frame follows now, a loop over two pages does what stands there', () => {
  const bench = new Bench('translator');
  const { code, at } = crossing(2);
  const bytes = Buffer.concat([...code]);
  const other = Buffer.concat([...code.slice(0, 3), encode('AGHI', { r1: 5, i2: 1 }), ...code.slice(4)]);
  const first = 0x11000 - Number(at);
  const table = (frame: number): Record<number, string | Uint8Array> => ({
    ...identity(
      { 0: BigInt(PAGE_TABLE) },
      Object.fromEntries(Array.from({ length: 256 }, (_, i) => [i, BigInt(i === 0x11 ? frame : i) << 12n])),
    ),
  });
  bench.run({
    code: [],
    at,
    steps: 400_000,
    mask: MASK_64 | DAT,
    cr: { 0: EDAT, 1: BigInt(SEGMENT_TABLE) },
    storage: {
      ...table(0x11),
      [Number(at)]: bytes.subarray(0, first),
      0x11000: bytes.subarray(first),
      0x19000: other.subarray(first),
    },
  });
  bench.goOn(400_000);
  const vcpu = bench.complex.vcpus[0];
  expect([vcpu?.gr(4), vcpu?.gr(5)]).toEqual([640_000n, 0n]);
  const entry = table(0x19)[PAGE_TABLE + 0x11 * 8];
  bench.complex.storage.write(PAGE_TABLE + 0x11 * 8, Buffer.from(String(entry), 'hex'));
  bench.complex.flushTlbs();
  bench.goOn(400_000);
  expect([vcpu?.gr(4), vcpu?.gr(5)]).toEqual([640_000n, 80_000n]);
});
