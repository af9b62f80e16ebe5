import { s390xWing } from '../../../../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../../../../src/arch/s390x/guest.ts';
import { toBigEndian } from '../../../../../src/bits/hex.ts';
import { assemble } from '../../../../../src/cli/assemble.ts';
import type { Catches } from '../../../../../src/debug/catches.ts';

const MIB = 1 << 20;

/** A whole machine at rest, and what its monitor says. */
export interface Console {
  readonly guest: S390xGuest;
  readonly catches: Catches;
  /** The lines of an answer. */
  ask(line: string, vcpu?: number): string[];
  /** The lines that show a name, without it. */
  value(line: string, name: string, vcpu?: number): string[];
  /** The answer as a script reads it. */
  json(line: string): Record<string, unknown>;
  /** Stores doublewords one behind the other, as a device does. */
  store(at: number, ...values: readonly bigint[]): void;
}

/** A machine of 4 MiB and two vCPUs, of a CPU model if that matters. */
export function makeConsole(cpu?: string): Console {
  const { guest, monitor, target } = assemble(s390xWing, {
    memory: 4 * MIB,
    vcpus: 2,
    ...(cpu === undefined ? {} : { cpu }),
    clock: 'virtual',
    now: () => 0,
    console: () => undefined,
  });
  const ask = (line: string, vcpu = 0): string[] => [...monitor.execute(line, vcpu)];
  return {
    guest,
    catches: target.catches,
    ask,
    value: (line, name, vcpu) =>
      ask(line, vcpu).flatMap((text) => {
        const [found, ...rest] = text.split(' = ');
        return found?.replace(/\[\d+\]$/, '') === name ? [rest.join(' = ')] : [];
      }),
    json: (line) => {
      const parsed: unknown = JSON.parse(ask(`${line} --json`).join('\n'));
      return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
    },
    store: (at, ...values) => {
      for (const [i, value] of values.entries()) {
        if (!guest.storage.write(at + i * 8, toBigEndian(value, 8))) throw new Error(`nothing at ${at}`);
      }
    },
  };
}
