import { expect, test } from 'vitest';
import { leftForLater, promised } from '../../scripts/instructions.ts';
import { instructionTable } from '../../src/arch/s390x/isa/table.ts';
import { sources } from '../support/sources.ts';

test('every instruction that a guest is promised is implemented', () => {
  const all = promised();
  const missing = all.filter((row) => row.body === undefined).map((row) => row.mnemonic);
  const done = all.length - missing.length;
  console.log(`implemented / promised: ${done} / ${all.length} = ${((100 * done) / all.length).toFixed(1)} %`);
  expect(missing).toEqual([]);
});

test('what is left for later is in the table, and not implemented after all', () => {
  for (const { what, rows } of leftForLater) {
    expect(rows.size, what).toBeGreaterThan(0);
    for (const name of rows) {
      const row = instructionTable.find((r) => r.mnemonic === name);
      expect(row, name).toBeDefined();
      expect(row?.body, name).toBeUndefined();
    }
  }
});

test('every implemented instruction is named by a vector', () => {
  const text = sources('test/isa/s390x')
    .map((file) => file.text)
    .join('\n');
  const words = new Set(text.split(/[^A-Z0-9]+/));
  const unnamed = instructionTable.filter((row) => row.body !== undefined && !words.has(row.mnemonic));
  expect(unnamed.map((row) => row.mnemonic)).toEqual([]);
});
