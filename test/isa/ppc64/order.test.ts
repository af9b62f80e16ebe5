import { describe, expect, test } from 'vitest';
import { cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import { engineModes } from '../../../src/engine/modes.ts';
import { Bench, encode, MSR_64, storageOrders } from '../../support/ppc64/isa.ts';

const OTHER = 0x20000;
const addi = (rt: number, ra: number, si: number): number => encode('addi', { rt, ra, si });
const rfid = encode('rfid');
const mtspr = (name: string, rs: number): number => encode(`mt${name}`, { rt: rs });

/** Branches while the last comparison was unequal. */
const bne = (distance: number): number => encode('bf', { bit: 2, bd: distance });

/** Instructions as they lie in the other byte order. */
function swapped(words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [i, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, 4 * i);
  return bytes.toString('hex');
}

// r10: the other order's MSR, r11: its code; r12 and r13 the way back. Both loops count in r3, down from r4.
const there = [mtspr('srr0', 11), mtspr('srr1', 10), rfid];
const back = [mtspr('srr0', 13), mtspr('srr1', 12), rfid];
const gpr = { 4: 400n, 10: MSR_64 | 1n, 11: BigInt(OTHER), 12: MSR_64, 13: 0x1000cn };
const again = [addi(4, 4, -1), encode('cmpdi', { bf: 0, ra: 4, si: 0 }), bne(-24)];

const ways = engineModes.flatMap((mode) => storageOrders.map((order) => [mode, order] as const));

describe.each(ways)('code in both byte orders, by %s in storage that is %s endian', (mode, order) => {
  test('each is executed in its own, as often as they call each other', () => {
    const bench = new Bench(mode, cpuModels.power7, order);
    const code = [...there, addi(3, 3, 1), ...again];
    const other = swapped([addi(3, 3, 2), ...back]);
    const { gpr: found, pc } = bench.run({ code, gpr, storage: { [OTHER]: other }, steps: 400 * 11 });
    expect([found[3], found[4], pc]).toEqual([1200n, 0n, 0x1001cn]);
  });

  test('code that is changed where it is executed in the other order is not what it was', () => {
    const bench = new Bench(mode, cpuModels.power7, order);
    // The instruction in r5, which adds 2, is stored over the next one, which adds 16.
    const first = addi(3, 3, 16);
    const other = swapped([encode('stw', { rt: 5, ra: 11, d: 4 }), first, ...back]);
    const setup = { ...gpr, 5: BigInt(addi(3, 3, 2)), 4: 3n };
    const code = [...there, addi(3, 3, 1), ...again];
    const { gpr: found } = bench.run({ code, gpr: setup, storage: { [OTHER]: other }, steps: 3 * 12 });
    expect(found[3]).toBe(9n);
  });

  test('who stays in the other order takes the rest along, and both are right when it goes back', () => {
    const bench = new Bench(mode, cpuModels.power7, order);
    // From page to page, 600 times, and then back.
    const next = OTHER + 0x1000;
    const jump = (from: number, to: number): number => encode('b', { li: to - from });
    const loop = [addi(3, 3, 1), jump(OTHER + 4, next)];
    const rest = [addi(6, 6, -1), encode('cmpdi', { bf: 0, ra: 6, si: 0 }), bne(16)];
    const nextCode = [...rest, ...back, jump(next + 24, OTHER)];
    const storage = { [OTHER]: swapped(loop), [next]: swapped(nextCode) };
    const code = [...there, addi(3, 3, 1), ...again];
    const setup = { ...gpr, 4: 1n, 6: 600n };
    const { gpr: found, pc } = bench.run({ code, gpr: setup, storage, steps: 3 + 600 * 6 - 1 + 3 + 4 });
    expect([found[3], found[6], pc]).toEqual([601n, 0n, 0x1001cn]);
  });
});
