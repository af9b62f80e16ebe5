import { describe, expect, test } from 'vitest';
import { copyOf, type Input, InputLog, type LoggedInput } from '../../../src/machine/inputs.ts';

test('a copy of an input is equal to it, and has nothing that its giver can change', () => {
  const data = Buffer.from('abc');
  const step = { kind: 'step', mode: 'into' } as const;
  const range = { kind: 'range', start: 1n, end: 5n, mode: 'over' } as const;
  const plans = [[0, step] as const, [1, 'continue'] as const, [2, range] as const];
  const given: readonly Input[] = [
    { kind: 'device-input', device: 3, data },
    { kind: 'write-memory', vcpu: 1, address: 0x10n, data },
    { kind: 'plug', device: 'disk' },
    { kind: 'resume', plans },
    { kind: 'resume', plans: undefined },
    { kind: 'forget' },
  ];
  const copies = given.map(copyOf);
  expect(copies).toEqual(given.map((input) => ('data' in input ? { ...input, data: new Uint8Array(data) } : input)));
  data.fill(0);
  plans.pop();
  Object.assign(step, { mode: 'mask' });
  const [first, , , resumed] = copies;
  expect(first).toMatchObject({ data: Uint8Array.of(0x61, 0x62, 0x63) });
  expect(resumed).toMatchObject({
    plans: [
      [0, { mode: 'into' }],
      [1, 'continue'],
      [2, { start: 1n }],
    ],
  });
});

test('steps in a row are one object in the log, and nothing else is', () => {
  const log = new InputLog();
  const step = (vcpu: number, mode: 'into' | 'over'): Input => ({
    kind: 'resume',
    plans: [[vcpu, { kind: 'step', mode }]],
  });
  const enter = (input: Input): Input => {
    const own = log.ownOf(input);
    expect(own).toEqual(input);
    expect(own).not.toBe(input);
    log.add({ at: 0n, order: 0, phase: 'settled', input: own });
    return own;
  };
  const first = enter(step(0, 'into'));
  expect(enter(step(0, 'into'))).toBe(first);
  for (const other of [step(1, 'into'), step(1, 'over'), { kind: 'resume', plans: [[1, 'continue']] } as const]) {
    expect(enter(other)).not.toBe(first);
  }
  const all = enter({ kind: 'resume', plans: undefined });
  expect(enter({ kind: 'resume', plans: undefined })).not.toBe(all);
});

describe('the log, far beyond what it has room for', () => {
  const input = (n: number, bytes: number): LoggedInput => ({
    ...{ at: BigInt(n), order: n % 3, phase: 'settled' },
    input: { kind: 'console-input', data: new Uint8Array(bytes).fill(n) },
  });
  const MOST = 1 << 16;

  test('keeps the latest 65,536, whole and in their order, and counts what it has lost', () => {
    const log = new InputLog();
    const heard: bigint[] = [];
    log.subscribe(({ at }) => heard.push(at));
    // Past the place where what was forgotten is cut off, more than once.
    const all = 3 * MOST + 12_345;
    for (let n = 0; n < all; n++) log.add(input(n, 1));
    const { kept } = log;
    expect(kept).toHaveLength(MOST);
    expect(log.lost).toBe(all - MOST);
    expect(kept.every(({ at }, i) => at === BigInt(all - MOST + i))).toBe(true);
    expect(kept.at(-1)).toEqual(input(all - 1, 1));
    expect(heard).toHaveLength(all);
    log.clear();
    log.add(input(7, 1));
    expect([log.kept.length, log.lost]).toEqual([1, 0]);
  });

  test('keeps 16 MiB of data, however few inputs that are, and one that is larger not at all', () => {
    const log = new InputLog();
    const big = 3 << 20;
    for (let n = 0; n < 100; n++) log.add(input(n, big));
    expect(log.kept.map(({ at }) => at)).toEqual([95n, 96n, 97n, 98n, 99n]);
    expect(log.lost).toBe(95);
    log.add(input(100, 17 << 20));
    expect([log.kept.length, log.lost]).toEqual([0, 101]);
    log.add(input(101, big));
    expect(log.kept.map(({ at }) => at)).toEqual([101n]);
  });
});
