import { expect, test } from 'vitest';
import { instructionTable } from '../../src/arch/s390x/isa/table.ts';
import { describeWithTools } from '../support/tools.ts';
import { casesOf, compareWith } from './comparison.ts';
import { herculesOracle } from './hercules.ts';
import { herculesDifferences, missingInHercules } from './hercules-differences.ts';
import { missingThere } from './known-differences.ts';
import { named, report } from './report.ts';

/** `ORACLE_LONG`, `ORACLE_SEED` and `ORACLE_CASE` as in the comparison with QEMU. */
const only = process.env.ORACLE_CASE;
const perRow = process.env.ORACLE_LONG === '1' ? 2000 : 200;
const rows = instructionTable.filter((row) => missingThere.has(row.mnemonic));

describeWithTools(['hercules', 's390x-linux-gnu-gcc'], 'compared with Hercules', () => {
  test('what QEMU does not have does the same, or the table of known differences says why not', async () => {
    const cases = casesOf(rows, perRow, herculesOracle.missing, only);
    const found = await compareWith(herculesOracle, rows, cases);
    console.log(report('Hercules', found));
    expect(named(found)).toBe('');
    if (only !== undefined) return;
    expect(found.cases).toBeGreaterThan(5000);
    expect([...found.missing].filter((row) => !missingInHercules.has(row))).toEqual([]);
  });
});

test('rows of the table for Hercules match instructions that QEMU does not have', () => {
  const names = rows.map((row) => row.mnemonic);
  expect(herculesDifferences.filter((d) => !names.some((n) => d.rows.test(n))).map((d) => d.why)).toEqual([]);
  expect([...missingInHercules].filter((name) => !names.includes(name))).toEqual([]);
});
