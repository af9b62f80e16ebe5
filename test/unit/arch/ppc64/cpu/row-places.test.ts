import { describe, expect, it } from 'vitest';
import { isOrdered, RowPlaces } from '../../../../../src/arch/ppc64/cpu/row-places.ts';
import { instructionTable } from '../../../../../src/arch/ppc64/isa/table.ts';
import { leavesFirst } from '../../../../../src/engine/interpreter/leaves-first.ts';

/** Whether two recorded bodies are made of the same parts: shared ones are compared once. */
function isSame(a: unknown, b: unknown, known = new Map<unknown, unknown>()): boolean {
  if (a === b || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (known.has(a)) return known.get(a) === b;
  known.set(a, b);
  const others = new Map(Object.entries(b));
  const parts = Object.entries(a);
  return parts.length === others.size && parts.every(([name, part]) => isSame(part, others.get(name), known));
}

describe.each(['big', 'little'] as const)('the places of rows, with storage in %s-endian order,', (order) => {
  const places = new RowPlaces(instructionTable, order);

  it('are one for what means the same in both byte orders', () => {
    const rows = instructionTable.filter((row) => row.implemented && !isOrdered(row));
    const others = rows.filter((row) => !isSame(row.body(false, order)?.statements, row.body(true, order)?.statements));
    expect(others.map((row) => row.mnemonic)).toEqual([]);
    for (const [index, row] of instructionTable.entries()) {
      const [big, little] = [places.placeOf(index, false), places.placeOf(index, true)];
      expect([places.rows[big], places.rows[little]]).toEqual([
        { row, little: false, name: row.mnemonic },
        isOrdered(row) ? { row, little: true, name: `${row.mnemonic} le` } : places.rows[big],
      ]);
    }
  });

  it('are the first ones for rows that can be given up until they change something', () => {
    const common = places.rows.slice(0, places.common);
    expect(common.map(({ name }) => name)).toContain(order === 'big' ? 'ld' : 'ld le');
    for (const { row, little, name } of common) {
      const body = row.body(little, order);
      expect([name, body !== undefined && leavesFirst(body)]).toEqual([name, true]);
    }
  });
});
