import { describe, expect, test } from 'vitest';
import { InstructionCount } from '../../../src/machine/instruction-count.ts';
import { engineState } from '../../../src/machine/layout.ts';

const WORD = 0x1_0000_0000n;

function counting(value: bigint): { readonly count: InstructionCount; begin(n: number): void } {
  const view = new DataView(new ArrayBuffer(0x1000));
  const count = new InstructionCount(view, 0x100);
  count.value = value;
  const at = 0x100 + engineState.remaining.offset;
  return { count, begin: (n) => view.setUint32(at, view.getUint32(at, true) - n, true) };
}

describe('the words of the count', () => {
  test.each([0n, 1n, WORD - 1n, WORD, WORD + 7n, 5n * WORD - 3n, 2n ** 63n])('a run of 10 from %s on', (from) => {
    const { count, begin } = counting(from);
    count.allow(10);
    expect([count.value, count.until(from + 10n)]).toEqual([from, 10]);
    begin(4);
    expect([count.value, count.until(from + 10n), count.until(from + 4n), count.until(from)]).toEqual([
      from + 4n,
      6,
      0,
      0,
    ]);
    expect((BigInt(count.high) << 32n) | BigInt(count.low)).toBe(from + 4n);
    count.end(1);
    expect(count.value).toBe(from + 4n);
    count.endBehindNext();
    expect(count.value).toBe(from + 4n);
    begin(1);
    expect(count.value).toBe(from + 5n);
  });

  test('a run has an end, however far the limit is', () => {
    const { count } = counting(WORD - 1n);
    count.allow(count.until(2n ** 64n - 1n));
    expect([count.value, count.until(2n ** 62n) > 2 ** 61]).toEqual([WORD - 1n, true]);
  });
});
