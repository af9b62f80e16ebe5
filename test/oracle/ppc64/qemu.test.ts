import { expect, test } from 'vitest';
import { Bench } from '../../support/ppc64/isa.ts';
import { describeWithTools } from '../../support/tools.ts';
import { caseOf, comparable, differences, runHere } from './case.ts';
import { knownDifferences } from './known-differences.ts';
import { QemuPpc64 } from './qemu.ts';

/** `ORACLE_LONG=1`: ten times as many cases. `ORACLE_SEED=n`: other ones. `ORACLE_CASE=MNEMONIC:number`: that one alone. */
const only = process.env.ORACLE_CASE?.split(':');
const perRow = process.env.ORACLE_LONG === '1' ? 400 : 20;

describeWithTools(['qemu-system-ppc64'], 'compared with QEMU', () => {
  test('every row does the same on random operands, or the table of known differences says why not', async () => {
    const rows = comparable.filter((row) => only === undefined || row.mnemonic === only[0]);
    const numbers = only === undefined ? Array.from({ length: perRow }, (_, n) => n) : [Number(only[1])];
    const cases = rows.flatMap((row) => numbers.map((n) => caseOf(row, n)));
    const qemu = await QemuPpc64.start();
    try {
      const there = await qemu.run(cases);
      const bench = new Bench();
      const found = new Map<string, string[]>();
      let explained = 0;
      cases.forEach((of, i) => {
        const result = there[i];
        if (result === undefined) throw new Error('QEMU left no result');
        const all = differences(of, result, runHere(bench, of));
        const known = all.filter((d) => knownDifferences.some((k) => k.rows.test(of.mnemonic) && k.parts.test(d)));
        explained += known.length;
        const rest = all.filter((d) => !known.includes(d));
        if (rest.length > 0 && !found.has(of.mnemonic)) {
          found.set(of.mnemonic, [`${of.number} ${of.word.toString(16)} : qemu ${rest.join(', ')}`]);
        }
      });
      console.log(`QEMU: ${cases.length} cases of ${rows.length} rows, ${explained} differences explained`);
      expect([...found].map(([name, [text]]) => `${name}:${text ?? ''}`).join('\n')).toBe('');
    } finally {
      qemu.end();
    }
  });
});

test('rows of the table of known differences match instructions that exist', () => {
  const names = comparable.map((row) => row.mnemonic);
  expect(knownDifferences.filter(({ rows }) => !names.some((n) => rows.test(n))).map((k) => k.why)).toEqual([]);
});
