import { expect, test } from 'vitest';
import { copyOf, type Input, InputLog } from '../../../src/machine/inputs.ts';

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
