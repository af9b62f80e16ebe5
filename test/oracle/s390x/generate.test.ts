import { expect, test } from 'vitest';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { makeCase, subjectsOf } from './generate.ts';

test('EXECUTE finds what is done again by a register that this does not change', () => {
  const all = subjectsOf(instructionTable);
  const execute = all.find(({ row }) => row.mnemonic === 'EX');
  const repeated = all.filter(({ row }) => row.mnemonic === 'MVCLE' || row.mnemonic === 'CKSM');
  if (execute === undefined) throw new Error('no EX');
  const cases = Array.from({ length: 400 }, (_, n) => makeCase(execute, n, repeated));
  const wrong = cases.filter(({ text, operands }) => {
    const base = Number(/b2=(\d+)/.exec(text)?.[1]);
    return [operands.r1, operands.r2, operands.r3].some((r) => r !== undefined && (r === base || r + 1 === base));
  });
  expect(wrong.map(({ text }) => text)).toEqual([]);
  expect(cases.some(({ text }) => text.includes('b2=13'))).toBe(true);
});
