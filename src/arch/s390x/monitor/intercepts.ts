import { bytesToHex, hex, toBigEndian } from '../../../bits/hex.ts';
import {
  type Answer,
  type CommandRow,
  command,
  either,
  item,
  number,
  oneOf,
  optional,
  words,
} from '../../../monitor/command.ts';
import type { S390xCore } from '../cpu/core.ts';
import { programInterruptionName } from '../cpu/interruption-codes.ts';
import type { S390xGuest } from '../guest.ts';
import { instructionLength } from '../isa/decoder.ts';
import { interceptName, type LoggedIntercept } from '../kvm/intercept-log.ts';
import { vcpuOf } from './vcpu-of.ts';

const SHOWN = 16;

/** `intercepts`: why the hypervisor was called. */
export const intercepts: CommandRow<S390xGuest> = command(
  'intercepts',
  {
    words: words(optional(either(oneOf('reset'), number('COUNT', 64)))),
    usage: '[reset|COUNT]',
    summary: 'count why SIE came back, on all vCPUs, and show the last times on the selected one',
    details: [
      'COUNT is how many of the last ones to show: 16 unless given, 64 at most. reset forgets all.',
      'The PSW address is the one that SIE stored: past the instruction unless it shall be done again.',
    ],
  },
  function* ({ guest, vcpu }, [wanted]): Answer {
    const { vm } = guest;
    if (wanted === 'reset') {
      for (const v of vm.vcpus) v.intercepts.reset();
      return undefined;
    }
    const counts = new Map<number, number>();
    for (const v of vm.vcpus)
      for (const [code, n] of v.intercepts.counts) counts.set(code, (counts.get(code) ?? 0) + n);
    yield item(
      'total',
      [...counts.values()].reduce((a, b) => a + b, 0),
    );
    const byKind = [...counts].sort(([a], [b]) => a - b);
    yield item(
      'kinds',
      byKind.map(([code, count]) => ({ code: BigInt(code), name: interceptName(code), count })),
      byKind.map(([code, count]) => `${hex(code, 2)} ${interceptName(code)}: ${count}`),
    );
    const all = vcpuOf(guest, vcpu).intercepts.last();
    const last = all.slice(Math.max(0, all.length - (wanted ?? SHOWN)));
    yield item(
      'last',
      last.map((one) => ({
        instruction: String(one.icount),
        code: BigInt(one.code),
        name: interceptName(one.code),
        address: one.address,
        ...cause(vm.core, one),
      })),
      last.map((one) => {
        const why = Object.values(cause(vm.core, one)).join(' ');
        return `at ${one.icount}: ${hex(one.code, 2)} ${interceptName(one.code)}${why === '' ? '' : ` ${why}`}, PSW address ${hex(one.address)}`;
      }),
    );
    return undefined;
  },
);

function cause(core: S390xCore, { ipa, ipb, pgm }: LoggedIntercept): Readonly<Record<string, string>> {
  if (pgm !== 0) return { program: programInterruptionName(pgm) };
  if (ipa === 0) return {};
  const bytes = toBigEndian((BigInt(ipa) << 32n) | BigInt(ipb), 6);
  const text = bytes.subarray(0, instructionLength(ipa >>> 8));
  const mnemonic = core.rowOf(text)?.mnemonic ?? 'unknown';
  return { mnemonic, text: bytesToHex(text) };
}
