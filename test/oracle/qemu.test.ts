import { expect, test } from 'vitest';
import { programInterruptionName } from '../../src/arch/s390x/cpu/interruption-codes.ts';
import { instructionTable } from '../../src/arch/s390x/isa/table.ts';
import { describeWithTools } from '../support/tools.ts';
import { oracleSeed } from './chance.ts';
import { type Comparison, casesOf, compareWithQemu } from './comparison.ts';
import { knownDifferences, missingThere, unexplained } from './known-differences.ts';
import type { OracleResult } from './result.ts';

/** `ORACLE_LONG=1`: ten times as many cases. `ORACLE_SEED=n`: other ones. `ORACLE_CASE=MNEMONIC:number`: that one alone, as a failure names it. */
const only = process.env.ORACLE_CASE;
const atLeast = process.env.ORACLE_LONG === '1' ? 320_000 : 32_000;
const perRow = Math.max(30, Math.ceil(atLeast / instructionTable.filter((row) => row.body !== undefined).length));

function report(c: Comparison): string {
  const ends = [...c.ends].sort(([a], [b]) => a - b);
  return [
    `${c.cases} cases of ${c.rows.size} rows compared with QEMU, ORACLE_SEED=${oracleSeed}`,
    `ended: ${ends.map(([code, n]) => `${code === 0 ? 'completed' : programInterruptionName(code)} ${n}`).join(', ')}`,
    `not in QEMU: ${c.missing.size} rows`,
    ...[...c.leftOut].map(([why, rows]) => `left out, ${why}: ${rows.length} rows`),
    ...[...c.explained].map(([known, n]) => `${n} times: ${known.why} ("${known.heading}")`),
  ].join('\n');
}

describeWithTools(['qemu-system-s390x', 's390x-linux-gnu-gcc'], 'compared with QEMU', () => {
  test('every row does the same on random operands, or the table of known differences says why not', async () => {
    const cases = casesOf(instructionTable, perRow, only);
    const found = await compareWithQemu(instructionTable, cases);
    console.log(report(found));
    const named = found.unexplained.map(
      (words) => `${words}\n  again: ORACLE_SEED=${oracleSeed} ORACLE_CASE=${words.split(' ')[0]}`,
    );
    expect(named.slice(0, 20).join('\n')).toBe('');
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
  const [of] = casesOf(instructionTable, 1, 'AGR:0');
  if (of === undefined) throw new Error('no case');
  const right: OracleResult = {
    gr: of.gr,
    fpr: of.fpr,
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
  const wrong = (part: Partial<OracleResult>, name: Parameters<typeof unexplained>[0]['parts']) => [
    ...unexplained({ of, qemu: right, here: { ...right, ...part }, parts: name }),
  ];
  expect(wrong({ gr: of.gr.with(3, 0x1234n) }, new Set(['gr']))).toEqual(['gr']);
  expect(wrong({ pgm: 6, ilc: 4 }, new Set(['pgm', 'ilc']))).toEqual(['pgm', 'ilc']);
  expect(wrong({ storage: { zero: 2n } }, new Set(['storage']))).toEqual(['storage']);
});
