import { expect, test } from 'vitest';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { describeWithTools } from '../../support/tools.ts';
import { compareWith } from './comparison.ts';
import { herculesOracle } from './hercules.ts';
import { herculesDifferences } from './hercules-differences.ts';
import { spaceDifferences } from './hercules-space-differences.ts';
import { named, report } from './report.ts';
import { spaceCase, spaceRows } from './spaces.ts';

/** `ORACLE_LONG`, `ORACLE_SEED` and `ORACLE_CASE` as in the comparison with QEMU; a case has the name of its row in lower case here. */
const only = process.env.ORACLE_CASE;
const perRow = process.env.ORACLE_LONG === '1' ? 5000 : 400;
const rows = instructionTable.filter(({ mnemonic }) => spaceRows.includes(mnemonic));
const oracle = { ...herculesOracle, differences: [...spaceDifferences, ...herculesDifferences] };
/** Of the cases of every row, this many in a hundred are completed at the least. */
const LEAST_PERCENT = 10;

describeWithTools(
  ['hercules', 's390x-linux-gnu-gcc'],
  'other address spaces and tracing, compared with Hercules',
  () => {
    test('tables of spaces, of programs and of traces make the same of an instruction', async () => {
      const all = rows.flatMap((row) => Array.from({ length: perRow }, (_, i) => spaceCase(row, i)));
      const cases = all.filter((c) => only === undefined || only === `${c.mnemonic.toLowerCase()}:${c.number}`);
      if (cases.length === 0) return;
      const found = await compareWith(oracle, rows, cases);
      console.log(report('Hercules', found));
      expect(named(found)).toBe('');
      if (only !== undefined) return;
      expect(rows.length).toBe(spaceRows.length);
      const rarely = spaceRows.filter((name) => (found.completed.get(name) ?? 0) < (perRow * LEAST_PERCENT) / 100);
      expect(rarely).toEqual([]);
    });
  },
);

test('rows of the table match instructions that are compared', () => {
  expect(spaceDifferences.filter((d) => !spaceRows.some((name) => d.rows.test(name)))).toEqual([]);
});
