import { expect, test } from 'vitest';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { describeWithTools } from '../../support/tools.ts';
import { casesOf, compareWith } from './comparison.ts';
import { unexplained } from './known-difference.ts';
import { knownDifferences, missingThere } from './known-differences.ts';
import { qemuOracle } from './qemu.ts';
import { named, report } from './report.ts';
import type { OracleResult } from './result.ts';

/** `ORACLE_LONG=1`: ten times as many cases. `ORACLE_SEED=n`: other ones. `ORACLE_CASE=MNEMONIC:number`: that one alone, as a failure names it. */
const only = process.env.ORACLE_CASE;
const atLeast = process.env.ORACLE_LONG === '1' ? 320_000 : 32_000;
const perRow = Math.max(30, Math.ceil(atLeast / instructionTable.filter((row) => row.body !== undefined).length));

describeWithTools(['qemu-system-s390x', 's390x-linux-gnu-gcc'], 'compared with QEMU', () => {
  test('every row does the same on random operands, or the table of known differences says why not', async () => {
    const cases = casesOf(instructionTable, perRow, missingThere, only);
    const found = await compareWith(qemuOracle, instructionTable, cases);
    console.log(report('QEMU', found));
    expect(named(found)).toBe('');
    if (only !== undefined) return;
    expect(found.cases).toBeGreaterThanOrEqual(30_000);
    expect([...found.missing].filter((row) => !missingThere.has(row))).toEqual([]);
  });
});

test('rows of the table of known differences match instructions that exist', () => {
  const names = instructionTable.map((row) => row.mnemonic);
  expect(knownDifferences.filter(({ rows }) => !names.some((n) => rows.test(n))).map((k) => k.why)).toEqual([]);
  expect([...missingThere].filter((name) => !names.includes(name))).toEqual([]);
});

test('a wrong result is not explained away', () => {
  const [of] = casesOf(instructionTable, 1, missingThere, 'AGR:0');
  if (of === undefined) throw new Error('no case');
  const right: OracleResult = {
    gr: of.gr,
    fpr: of.vr.slice(0, 16).map((v) => v >> 64n),
    vr: [],
    cr: [],
    ar: of.ar,
    fpc: 0,
    pgm: 0,
    ilc: 2,
    dxc: 0,
    teid: 0n,
    monitor: '',
    accessIds: 0,
    pswMask: of.pswMask,
    address: 0x20806n,
    storage: { zero: 1n },
  };
  const wrong = (part: Partial<OracleResult>, name: Parameters<typeof unexplained>[1]['parts']) => [
    ...unexplained(knownDifferences, { of, there: right, here: { ...right, ...part }, parts: name }),
  ];
  expect(wrong({ gr: of.gr.with(3, 0x1234n) }, new Set(['gr']))).toEqual(['gr']);
  expect(wrong({ pgm: 6, ilc: 4 }, new Set(['pgm', 'ilc']))).toEqual(['pgm', 'ilc']);
  expect(wrong({ storage: { zero: 2n } }, new Set(['storage']))).toEqual(['storage']);
});
