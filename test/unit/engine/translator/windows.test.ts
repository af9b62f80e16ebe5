import { expect, test } from 'vitest';
import { orderFlow } from '../../../../src/engine/translator/flow.ts';
import { loopsOf } from '../../../../src/engine/translator/loops.ts';
import { Bench, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';
import { DAT, EDAT, identity, PAGE_TABLE, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';

const MASK = 0xffff_ffff_ffff_ffffn;

/** Pages of segment 1, each in a frame as far from its neighbours' as can be; page 6 is not there. */
const pages = Object.fromEntries(
  Array.from({ length: 8 }, (_, i) => [i, i === 6 ? 0x400n : 0x30_0000n + BigInt((i * 5) % 8) * 0x1000n]),
);
const filled = Object.fromEntries(
  Array.from({ length: 8 }, (_, i) => [0x30_0000 + i * 0x1000, new Uint8Array(4096).fill(i + 1)]),
);

const space: Omit<Setup, 'code'> = {
  mask: MASK_64 | DAT,
  cr: { 0: EDAT, 1: BigInt(SEGMENT_TABLE) },
  storage: { ...identity({ 1: BigInt(PAGE_TABLE) }, pages), ...filled },
};

/** Goes through pages in steps, with a second access in the next page and a third by an index that moves. */
const through = [
  encode('AG', { r1: 2, b2: 3 }),
  encode('AG', { r1: 2, b2: 3, d2: 4000 }),
  encode('AG', { r1: 2, b2: 5, x2: 6 }),
  encode('STG', { r1: 2, b2: 5, x2: 6, d2: 8 }),
  encode('AGHI', { r1: 3, i2: 136 }),
  encode('AGHI', { r1: 6, i2: 136 }),
  encode('BRCTG', { r1: 1, ri2: -32 }),
  encode('BRC', { m1: 15 }),
];

const modes = ['interpreter', 'first'] as const;
const benches = modes.map((mode) => new Bench(mode));

function same(setup: Setup, on = benches) {
  const [plain, translated] = on.map((bench) => {
    const { gr, pgm, address, vcpu } = bench.run(setup);
    return { gr, pgm, address, count: vcpu.icount, storage: bench.complex.storage.read(0x30_0000, 0x8000) };
  });
  expect(translated).toEqual(plain);
  return translated;
}

test('an access that moves from page to page finds each where it is', () => {
  const out = same({ ...space, code: through, steps: 2000, gr: { 1: 140n, 3: 0x10_0000n, 5: 0x10_0000n, 6: 16n } });
  expect(out?.pgm).toBeUndefined();
  expect(out?.gr[1]).toBe(0n);
});

test('an access that moves into a page that is not there faults there', () => {
  const out = same({ ...space, code: through, steps: 2000, gr: { 1: 200n, 3: 0x10_0000n, 5: 0x10_0000n, 6: 16n } });
  expect(out?.pgm).toMatchObject({ teid: 0x10_6800n });
});

test('operands behind one register may lie in two pages', () => {
  const code = [
    encode('AG', { r1: 2, b2: 15, d2: 8 }),
    encode('AG', { r1: 2, b2: 15, d2: 40 }),
    encode('STG', { r1: 2, b2: 15, d2: 48 }),
    encode('BRCTG', { r1: 1, ri2: -18 }),
  ];
  same({ ...space, code, steps: 200, gr: { 1: 20n, 15: 0x10_1fe0n } });
});

test.each([
  ['a fetch', [encode('AG', { r1: 2, b2: 15 })]],
  ['a store', [encode('STG', { r1: 1, b2: 15, d2: 48 }), encode('STG', { r1: 1, b2: 15 })]],
  ['several registers', [encode('LMG', { r1: 7, r3: 10, b2: 15 }), encode('AGR', { r1: 2, r2: 7 })]],
  ['operands in storage', [encode('MVC', { l: 15, b1: 15, d1: 0, b2: 15, d2: 64 })]],
])('%s that ends in the page of the access before it, and begins in front of that', (_, texts) => {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const code = [encode('AG', { r1: 2, b2: 15, d2: 32 }), ...texts, encode('BRCTG', { r1: 1, ri2: -(6 + length) })];
  same({ ...space, code, steps: 400, gr: { 1: 60n, 15: 0x10_1ffcn } });
});

// Behind the first access the entry of its page does not allow the second kind: not yet, or not beside code.
test.each([
  ['a fetch', 'a page that was only stored into', 0x10_1200n, ['STG', 'AG']],
  ['a short fetch', 'a page that was only stored into', 0x10_1200n, ['STG', 'A']],
  ['a store', 'a page with code', 0xf200n, ['STG', 'STG']],
  ['a short store', 'a page with code', 0xf200n, ['STG', 'ST']],
] as const)('%s at any address in front of %s', (_, __, address, [before, access]) => {
  const code = [
    encode(before, { r1: 1, b2: 15, d2: 4000 }),
    encode(access, { r1: 1, b2: 15 }),
    encode('AGHI', { r1: 2, i2: 1 }),
  ];
  const length = code.reduce((sum, text) => sum + text.length, 0);
  code.push(encode('BRCTG', { r1: 1, ri2: -length }));
  for (let byte = 0; byte < 8; byte++) same({ ...space, code, steps: 20, gr: { 1: 4n, 15: address + BigInt(byte) } });
});

test.each(['AG', 'ST'])('%s at the end of all addresses, where the first entry is empty', (mnemonic) => {
  const access = encode(mnemonic, { r1: 2, b2: 15 });
  const code = [access, encode('BRCTG', { r1: 1, ri2: -access.length })];
  for (const byte of [1n, 3n, 7n, 8n])
    same(
      { code, mask: MASK_64, steps: 12, gr: { 1: 4n, 15: -byte & MASK } },
      modes.map((mode) => new Bench(mode)),
    );
});

test('a register that is loaded anew between two accesses is looked up anew', () => {
  const code = [
    encode('LG', { r1: 3, b2: 5 }),
    encode('AG', { r1: 2, b2: 3 }),
    encode('AG', { r1: 2, b2: 3, d2: 8 }),
    encode('LA', { r1: 5, b2: 5, d2: 8 }),
    encode('BRCTG', { r1: 1, ri2: -22 }),
  ];
  const list = new Uint8Array(160);
  const view = new DataView(list.buffer);
  for (let i = 0; i < 20; i++) view.setBigUint64(i * 8, 0x10_0000n + BigInt((i * 3) % 6) * 0x1000n + BigInt(i) * 8n);
  same({
    ...space,
    code,
    steps: 200,
    gr: { 1: 20n, 5: 0x18000n },
    storage: { ...space.storage, 0x18000: list },
  });
});

test('the smallest loop around a node is found, and the dispatcher is one when it is come back to', () => {
  // 1 enters; 2 is a loop around 3, which is a loop of itself; 4 is behind both.
  const successors = [[1], [2], [3], [3, 2, 4], []];
  const loops = loopsOf(successors, orderFlow(successors));
  expect([1, 2, 3, 4].map((n) => [...(loops.innermost(n) ?? [])].sort())).toEqual([[], [2, 3], [3], []]);
  const returns = loopsOf(successors, orderFlow(successors, true));
  expect([...(returns.innermost(4) ?? [])].sort()).toEqual([0, 1, 2, 3, 4]);
});
