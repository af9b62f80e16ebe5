import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import type { Field } from '../../../src/ir/field.ts';
import { encode } from '../../support/s390x/isa.ts';
import { differences, TWIN_WINDOW, Twin, type TwinCase } from '../../support/s390x/oracle-twin.ts';

/** Cases of each row; more by `AGREEMENT_RUNS`. */
const runs = Number(process.env.AGREEMENT_RUNS ?? 20);

/** Rows that cannot be compared this way, each with the reason. */
const left: Readonly<Record<string, string>> = {};

const window = TWIN_WINDOW.end - TWIN_WINDOW.start;

/** Addresses in and near the window, often where a page ends. */
const address = fc.oneof(
  fc.nat(window + 64).map((n) => BigInt(TWIN_WINDOW.start + n)),
  fc
    .tuple(fc.constantFrom(0x11000, 0x12000, 0x13000, 0x14000, 0x15000), fc.integer({ min: -40, max: 8 }))
    .map(([page, n]) => BigInt(page + n)),
  fc.nat(window / 8).map((n) => BigInt(TWIN_WINDOW.start + n * 8)),
);

const doubleword = fc.oneof(
  { weight: 4, arbitrary: address },
  { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }) },
  { weight: 2, arbitrary: fc.nat(600).map(BigInt) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      0n,
      1n,
      0x7fff_ffffn,
      0x8000_0000n,
      0xffff_ffffn,
      0x7fff_ffff_ffff_ffffn,
      0x8000_0000_0000_0000n,
      0xffff_ffff_ffff_ffffn,
      0xffff_ffff_0000_0000n,
      0x1_0000_0001n,
    ),
  },
);

/** Vectors: of doublewords, of a few byte values, of anything. */
const vector = fc.oneof(
  fc.tuple(doubleword, doubleword).map(([a, b]) => (a << 64n) | b),
  fc
    .array(fc.constantFrom(0, 1, 0x41, 0xff), { minLength: 16, maxLength: 16 })
    .map((bytes) => bytes.reduce((v, byte) => (v << 8n) | BigInt(byte), 0n)),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
);

function operandOf(field: Field): fc.Arbitrary<number> {
  if (field.kind === 'rel') return fc.integer({ min: -0x4000, max: 0x4000 }).map((n) => n * 2);
  if (field.kind === 'vr') return fc.nat(31);
  if (field.kind === 'disp') return fc.oneof(fc.nat(15), fc.nat(0xfff), fc.constant(0));
  const top = 2 ** field.length - 1;
  return field.length > 4 ? fc.oneof(fc.nat(top), fc.nat(Math.min(top, 20)), fc.constant(top)) : fc.nat(top);
}

/** PSW bits 0-63: every addressing mode and space, both states, keys now and then, the condition code and the masks. */
const pswMask = fc
  .record({
    mode: fc.constantFrom(0n, 0x8000_0000n, 0x1_8000_0000n, 0x1_8000_0000n, 0x1_8000_0000n),
    dat: fc.boolean(),
    space: fc.constantFrom(0n, 0n, 0n, 1n, 2n, 3n),
    problem: fc.constantFrom(0n, 0n, 0n, 1n),
    key: fc.constantFrom(0n, 0n, 0n, 5n),
    cc: fc.bigInt({ min: 0n, max: 3n }),
    programMask: fc.bigInt({ min: 0n, max: 15n }),
  })
  .map(
    (p) =>
      p.mode |
      (p.dat ? (1n << 58n) | (p.space << 46n) : 0n) |
      (p.problem << 48n) |
      (p.key << 52n) |
      (p.cc << 44n) |
      (p.programMask << 40n),
  );

const patch = fc.record({
  offset: fc.oneof(fc.nat(window - 64), fc.constantFrom(0, 0xff0, 0xff8, 0x1000)),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 32 }),
    fc.nat(64).map((n) => new Uint8Array(n)),
    // Decimal digits with a sign.
    fc
      .array(fc.nat(99), { minLength: 1, maxLength: 8 })
      .map((d) => Uint8Array.from([...d.map((n) => Math.floor(n / 10) * 16 + (n % 10)), 0x1c])),
  ),
});

function caseOf(row: Row): fc.Arbitrary<TwinCase & { readonly operands: Readonly<Record<string, number>> }> {
  const operands = Object.fromEntries(Object.entries(row.format.fields).map(([name, f]) => [name, operandOf(f)]));
  return fc
    .record({
      operands: fc.record(operands),
      gr: fc.array(doubleword, { minLength: 16, maxLength: 16 }),
      fpr: fc.array(doubleword, { minLength: 16, maxLength: 16 }),
      vr: fc.array(vector, { minLength: 32, maxLength: 32 }),
      ar: fc.array(fc.constantFrom(0, 0, 0, 1, 2, 0x0100_0000), { minLength: 16, maxLength: 16 }),
      fpc: fc.constantFrom(0, 1, 2, 3, 0xf800_0000),
      mask: pswMask,
      patches: fc.array(patch, { maxLength: 2 }),
    })
    .map((c) => ({ ...c, text: encode(row.mnemonic, c.operands) }));
}

describe('the interpreter does what the evaluator says', () => {
  const rows = instructionTable.filter((row) => row.body !== undefined && !(row.mnemonic in left));
  const twin = new Twin(0x7e1);

  test.each(rows.map((row) => [row.mnemonic, row] as const))('%s', (_, row) => {
    fc.assert(
      fc.property(caseOf(row), (c) => {
        const found = differences(twin.interpret(c), twin.evaluate(c));
        if (found.length > 0) expect(found, 'interpreter, evaluator').toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  test('every row that is left out exists', () => {
    const known = instructionTable.map((row) => row.mnemonic);
    expect(Object.keys(left).filter((name) => !known.includes(name))).toEqual([]);
  });
});
