import { describe, expect, it } from 'vitest';
import { KnownWords } from '../../../../../src/arch/ppc64/cpu/known-words.ts';

describe('instructions whose entries are known', () => {
  const entries = (): Uint32Array => Uint32Array.from({ length: 64 }, (_, i) => (0x1111_1111 * i) >>> 0);

  it('are filled in elsewhere, with the count of arrivals there', () => {
    const memory = entries();
    memory[4] = 0x5504_1234;
    memory[16] = 0x7700_0000;
    const known = new KnownWords(memory);
    known.keep(16, 0x3860_0001);
    expect(known.fill(64, 0x3860_0001)).toBe(true);
    expect([...memory.subarray(16, 20)]).toEqual([0x7704_1234, ...memory.subarray(5, 8)]);
    expect(memory.subarray(20)).toEqual(entries().subarray(20));
  });

  it('are those with the same word, and zero is none', () => {
    const memory = entries();
    const known = new KnownWords(memory);
    for (const word of [0, 0x3860_0002]) expect(known.fill(64, word)).toBe(false);
    known.keep(16, 0x3860_0001);
    for (let word = 0x3860_0002; word < 0x3862_0000; word++) expect(known.fill(64, word)).toBe(false);
    expect(memory).toEqual(entries());
  });
});
