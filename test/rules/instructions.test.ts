import { expect, test } from 'vitest';
import { promised } from '../../scripts/instructions.ts';
import { instructionTable } from '../../src/arch/s390x/isa/table.ts';
import { sources } from '../support/sources.ts';

test('every instruction that a guest is promised is implemented', () => {
  const all = promised();
  const missing = all.filter((row) => row.body === undefined).map((row) => row.mnemonic);
  const done = all.length - missing.length;
  console.log(`implemented / promised: ${done} / ${all.length} = ${((100 * done) / all.length).toFixed(1)} %`);
  expect(missing).toEqual([]);
});

test('every implemented instruction is named by a vector', () => {
  const text = sources('test/isa/s390x')
    .map((file) => file.text)
    .join('\n');
  const words = new Set(text.split(/[^A-Z0-9]+/));
  const unnamed = instructionTable.filter((row) => row.body !== undefined && !words.has(row.mnemonic));
  expect(unnamed.map((row) => row.mnemonic)).toEqual([]);
});
