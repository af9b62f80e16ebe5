import { expect, test } from 'vitest';
import type { BoundHelper } from '../../src/arch/s390x/isa/helper.ts';
import type { Row } from '../../src/arch/s390x/isa/row.ts';
import { instructionTable } from '../../src/arch/s390x/isa/table.ts';
import { interceptRows } from '../../src/arch/s390x/kvm/intercept/instruction.ts';
import { sources } from '../support/sources.ts';

/** The helpers that a recorded body calls, wherever in it they stand. */
function helpersOf(body: unknown, found = new Set<object>(), seen = new Set<object>()): Set<object> {
  if (typeof body !== 'object' || body === null || seen.has(body)) return found;
  seen.add(body);
  if ('run' in body && 'effects' in body) found.add(body);
  for (const part of Object.values(body)) helpersOf(part, found, seen);
  return found;
}

const intercepts = (row: Row): boolean =>
  [...helpersOf(row.body)].some((helper) => (helper as BoundHelper).intercepts === true);

/** Handed over by a control when they end with condition code 1: SIE looks at them itself. */
const unequal = ['TS', 'CS', 'CSY', 'CSG', 'CDS', 'CDSY', 'CDSG'];
const byName = new Set(instructionTable.filter((row) => !row.implemented).map((row) => row.mnemonic));

test('every instruction that SIE may hand over has a handler, and every handler has such an instruction', () => {
  const handed = instructionTable.filter(intercepts).map((row) => row.mnemonic);
  expect(handed.length).toBeGreaterThan(60);
  const handled = interceptRows.map((row) => row.mnemonic).filter((mnemonic) => !byName.has(mnemonic));
  expect(handled.sort()).toEqual([...handed, ...unequal].sort());
});

test('handlers get their operands by the format of their instruction', () => {
  for (const { mnemonic, format } of interceptRows) {
    expect([mnemonic, instructionTable.find((row) => row.mnemonic === mnemonic)?.formatName]).toEqual([
      mnemonic,
      format,
    ]);
  }
});

test('a helper that hands its instruction over says so', () => {
  for (const { path, text } of sources('src/arch/s390x/isa')) {
    // What stands in front of the first helper defines none.
    for (const part of text.split(/\bhelper\(/).slice(1)) {
      if (/\.intercept\(|kind: 'intercept'/.test(part))
        expect([path, part.includes('intercepts: true')]).toEqual([path, true]);
    }
  }
});
