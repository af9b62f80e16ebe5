/** Read watchpoints of operands that an instruction changes: those that it fetches to do so count, those that it only fills do not. */

import { beforeEach, describe, expect, test } from 'vitest';
import { engineModes } from '../../../../src/engine/modes.ts';
import { CODE, encode } from './kvm/harness.ts';
import { WatchBench } from './watch-bench.ts';

/** The operand in question (general registers 2 and 3 name it), another one (4), a table (5) and a list of parameters (1). */
const OPERAND = 0x5040;
const OTHER = 0x7000;
const TABLE = 0x8000;
const LIST = 0x9000;

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

const two = { b1: 2, d1: 0, b2: 4, d2: 0 } as const;
const at = { b2: 2, d2: 0 } as const;
const swap = { r1: 6, r3: 8, ...at } as const;
const sizes = { l1: 0, l2: 0, ...two } as const;
/** In a packed number: 5 in one byte. */
const FIVE = '5c';

/** Instructions with what the operand holds before, when that matters; it changes by each. */
interface Case {
  readonly name: string;
  readonly text: Uint8Array;
  readonly before?: string;
}
const made = (name: string, text: Uint8Array, before = ''): Case => ({ name, text, before });
const updating: readonly Case[] = [
  ...(['NC', 'OC', 'XC', 'MVN', 'MVZ'] as const).map((name) => made(name, encode(name, { l: 0, ...two }))),
  made('XC of a field with itself', encode('XC', { l: 0, b1: 2, d1: 0, b2: 2, d2: 0 }), '55'),
  made('MVO', encode('MVO', sizes)),
  made('TR', encode('TR', { l: 0, b1: 2, d1: 0, b2: 5, d2: 0 })),
  made('TRE', encode('TRE', { r1: 2, r2: 5 }), '55'),
  made('NI', encode('NI', { b1: 2, d1: 0, i2: 0 }), '55'),
  made('XI', encode('XI', { b1: 2, d1: 0, i2: 1 })),
  made('AP', encode('AP', sizes), FIVE),
  made('SP', encode('SP', sizes), FIVE),
  made('MP', encode('MP', { l1: 1, l2: 0, ...two }), '005c'),
  made('DP', encode('DP', { l1: 1, l2: 0, ...two }), '005c'),
  made('SRP', encode('SRP', { l1: 1, b1: 2, d1: 0, b2: 0, d2: 1, i3: 0 }), '005c'),
  made('ED', encode('ED', { l: 0, ...two }), '40'),
  made('CS', encode('CS', swap)),
  made('CS of another value', encode('CS', swap), '00000001'),
  made('CSG', encode('CSG', swap)),
  made('CDS', encode('CDS', swap)),
  made('CDSG', encode('CDSG', swap)),
  made('CSP', encode('CSP', { r1: 6, r2: 2 })),
  made('TS', encode('TS', { b2: 2, d2: 0 })),
  made('LAA', encode('LAA', swap)),
  made('LAOG', encode('LAOG', swap)),
  made('ASI', encode('ASI', { b1: 2, d1: 0, i2: 1 })),
  made('AGSI', encode('AGSI', { b1: 2, d1: 0, i2: 1 })),
  made('CSST', encode('CSST', { r3: 6, b1: 2, d1: 0, b2: 4, d2: 0 })),
  made('PLO', encode('PLO', { r1: 6, r3: 8, b2: 2, d2: 0, b4: 4, d4: 0 })),
  made('IPTE', encode('IPTE', { r1: 10, r2: 11, r3: 0, m4: 0 })),
];

const filling: readonly Case[] = [
  made('MVC', encode('MVC', { l: 0, ...two })),
  made('MVCIN', encode('MVCIN', { l: 0, ...two })),
  made('ZAP', encode('ZAP', sizes)),
  made('PACK', encode('PACK', sizes)),
  made('UNPK', encode('UNPK', sizes)),
  made('STCM of three bytes', encode('STCM', { r1: 8, m3: 7, ...at })),
  made('STMG', encode('STMG', { r1: 8, r3: 9, ...at })),
  made('MVST', encode('MVST', { r1: 2, r2: 4 })),
];

describe.each(engineModes.filter((mode) => mode === 'interpreter' || mode === 'first'))('%s', (mode) => {
  const bench = new WatchBench(mode);

  beforeEach(() => {
    bench.fresh();
    bench.guest.vm.vcpus[0]?.vcpu.setCr(0, 0xe0n | (1n << 26n));
    const { storage } = bench.guest;
    storage.write(OTHER, hex(FIVE));
    storage.write(TABLE, new Uint8Array(256).fill(0x77));
    const registers = { 1: LIST, 2: OPERAND, 3: 1, 4: OTHER, 5: TABLE, 8: 9, 9: 9, 10: OPERAND & ~0x7ff };
    for (const [n, value] of Object.entries(registers)) bench.setGr(Number(n), value);
    // The entry of page 8 in a page table is the operand.
    bench.setGr(11, ((OPERAND & 0x7ff) / 8) << 12);
  });

  test.each(updating)('$name: the operand that it changes was read', async ({ text, before = '' }) => {
    bench.guest.storage.write(OPERAND, hex(before));
    bench.program([text]);
    bench.watch(OPERAND, { kind: 'read', length: 1 });
    expect([await bench.go(), bench.guest.vcpus[0]?.pc()]).toEqual(['watch 0x5040 on 0', BigInt(CODE + text.length)]);
    expect(await bench.go()).toBe('end');
  });

  test.each(filling)('$name: the operand that it fills was not', async ({ text }) => {
    bench.program([text]);
    bench.watch(OPERAND, { kind: 'read', length: 1 });
    expect(await bench.go()).toBe('end');
  });

  const accessing = [...updating, ...filling];
  test.each(accessing)('$name: accessed', async ({ text, before = '' }) => {
    bench.guest.storage.write(OPERAND, hex(before));
    bench.program([text]);
    bench.watch(OPERAND, { kind: 'access', length: 1 });
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0x5040 on 0', 'end']);
  });

  test('TRE and TROO fetch the character that ends them', async () => {
    bench.setGr(0, 0x55);
    bench.guest.storage.write(OPERAND, hex('0055'));
    bench.guest.storage.write(TABLE, hex('00'));
    bench.setGr(3, 2);
    bench.program([encode('TRE', { r1: 2, r2: 5 })]);
    bench.watch(OPERAND + 1, { kind: 'read', length: 1 });
    bench.watch(OPERAND + 1, { kind: 'write', length: 1 });
    expect([await bench.go(), await bench.go()]).toEqual(['watch 0x5041 on 0', 'end']);
  });
});
