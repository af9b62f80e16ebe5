import { expect, test } from 'vitest';
import { cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import { Bench } from '../../support/ppc64/isa.ts';
import { describeWithTools } from '../../support/tools.ts';
import { caseOf, comparable, differences, runHere } from './case.ts';
import { knownDifferences } from './known-differences.ts';
import { QemuPpc64 } from './qemu.ts';

/** `ORACLE_LONG=1`: twenty times as many cases. `ORACLE_ROWS`: rows whose mnemonics match. `ORACLE_SEED=n`: other ones. `ORACLE_CASE=MNEMONIC:number`: that one alone. */
const only = process.env.ORACLE_CASE?.split(':');
const perRow = process.env.ORACLE_LONG === '1' ? 400 : 20;

describeWithTools(['qemu-system-ppc64'], 'compared with QEMU', () => {
  test.each(
    Object.values(cpuModels),
  )('every row of $name does the same on random operands, or the table of known differences says why not', async (model) => {
    const chosen = new RegExp(process.env.ORACLE_ROWS ?? '');
    const rows = comparable[model.name].filter((row) =>
      only === undefined ? chosen.test(row.mnemonic) : row.mnemonic === only[0],
    );
    const numbers = only === undefined ? Array.from({ length: perRow }, (_, n) => n) : [Number(only[1])];
    const cases = rows.flatMap((row) => numbers.map((n) => caseOf(row, n)));
    const qemu = await QemuPpc64.start(model.name.toUpperCase());
    try {
      const there = await qemu.run(cases);
      const bench = new Bench(undefined, model);
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
  const names = Object.values(comparable).flatMap((rows) => rows.map((row) => row.mnemonic));
  expect(knownDifferences.filter(({ rows }) => !names.some((n) => rows.test(n))).map((k) => k.why)).toEqual([]);
});
