import { expect, test } from 'vitest';
import { AccessStep } from '../../../src/debug/access-step.ts';
import type { StopReason } from '../../../src/machine/exit.ts';

const watchpoint: StopReason = { kind: 'watchpoint', access: 'write', address: 0n };

test('a step of the vCPU that met a watchpoint goes nowhere, once', () => {
  const step = new AccessStep(() => true);
  step.stopped({ vcpu: 1, reason: watchpoint });
  expect([step.takes(1), step.takes(1)]).toEqual([true, false]);
});

test.each([
  ['of another vCPU', watchpoint, true, 0],
  ['that goes on', watchpoint, true, undefined],
  ['behind another stop', { kind: 'step' } as const, true, 1],
  ['where debuggers do not expect it', watchpoint, false, 1],
])('one %s goes on, and so does what follows', (_, reason, expected, stepped) => {
  const step = new AccessStep(() => expected);
  step.stopped({ vcpu: 1, reason });
  expect([step.takes(stepped), step.takes(1)]).toEqual([false, false]);
});
