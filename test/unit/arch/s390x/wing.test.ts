import { expect, test } from 'vitest';
import { s390xWing } from '../../../../src/arch/s390x/wing.ts';
import { buildInterpreter } from '../../../../src/engine/interpreter/interpreter.ts';

/** Microseconds since 1970 that a guest's clock shows when it begins. */
function clockOf(date?: number): bigint {
  const { guest } = s390xWing.build({
    memory: 1 << 20,
    vcpus: 2,
    engine: buildInterpreter,
    console: () => undefined,
    ...(date === undefined ? {} : { date }),
  });
  const [, second] = guest.vm.vcpus;
  if (second === undefined) throw new Error('there is no second vCPU');
  return (guest.vm.core.clock.tod(second.vcpu) - 0x7d91_048b_ca00_0000n) >> 12n;
}

test("a guest's clock shows the date that it was given, on every CPU, and else the same in every run", () => {
  const date = Date.UTC(2026, 10, 28, 19, 30);
  expect(clockOf(date)).toBe(BigInt(date) * 1000n);
  expect(clockOf()).toBe(BigInt(Date.UTC(2024, 0, 1)) * 1000n);
});
