import { expect, test } from 'vitest';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { describeWithTools } from '../../support/tools.ts';
import { casesOf, compareWith } from './comparison.ts';
import { herculesOracle } from './hercules.ts';
import { herculesDifferences, missingInHercules, settledByHercules } from './hercules-differences.ts';
import { missingThere } from './known-differences.ts';
import { named, report } from './report.ts';

/** `ORACLE_LONG`, `ORACLE_SEED` and `ORACLE_CASE` as in the comparison with QEMU. */
const only = process.env.ORACLE_CASE;
const perRow = process.env.ORACLE_LONG === '1' ? 2000 : 200;
const rows = instructionTable.filter(
  ({ mnemonic }) => settledByHercules.has(mnemonic) || (missingThere.has(mnemonic) && !missingInHercules.has(mnemonic)),
);
/** Privileged rows that are tried in the problem state alone, and one that would need ASN tables. */
const neverCompleted = 'ESEA TRACE TRACG STRAG PALB IVSK RRBM PFMF SIE PTF SSAR'.split(' ');
/** Of the cases of every other row, this many in a hundred are completed at the least. */
const LEAST_PERCENT = 8;

describeWithTools(['hercules', 's390x-linux-gnu-gcc'], 'compared with Hercules', () => {
  test('what QEMU does not have, or has otherwise, does the same, or the table of known differences says why not', async () => {
    // A case of another row is for the comparison with QEMU.
    if (only !== undefined && !rows.some(({ mnemonic }) => only.split(':')[0] === mnemonic)) return;
    const cases = casesOf(rows, perRow, herculesOracle.missing, only);
    const found = await compareWith(herculesOracle, rows, cases);
    console.log(report('Hercules', found));
    expect(named(found)).toBe('');
    if (only !== undefined) return;
    expect(found.cases).toBeGreaterThan(5000);
    expect([...found.missing]).toEqual([]);
    const rarely = rows
      .map((row) => row.mnemonic)
      .filter((name) => (found.completed.get(name) ?? 0) < (perRow * LEAST_PERCENT) / 100);
    expect(rarely.sort()).toEqual(neverCompleted.toSorted());
  });
});

test('rows of the table for Hercules match instructions that are compared with it', () => {
  const names = rows.map((row) => row.mnemonic);
  expect(herculesDifferences.filter((d) => !names.some((n) => d.rows.test(n))).map((d) => d.why)).toEqual([]);
  expect([...missingInHercules].filter((name) => !missingThere.has(name))).toEqual([]);
});
