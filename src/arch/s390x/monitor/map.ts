import { hex } from '../../../bits/hex.ts';
import { type Answer, type CommandRow, command, item, optional, words } from '../../../monitor/command.ts';
import { type MappedRange, mappedRanges } from '../gdb/mapped.ts';
import type { S390xGuest } from '../guest.ts';
import { asceOf, describeAsce, space } from './space.ts';
import { cpuOf } from './vcpu-of.ts';

/** Ranges that are listed; what is left out is counted. */
const MOST_SHOWN = 4096;

/** `map`: what an address space maps. */
export const map: CommandRow<S390xGuest> = command(
  'map',
  {
    words: words(optional(space)),
    usage: '[primary|secondary|home|real|ASCE]',
    summary: 'list what is mapped in an address space, in runs that lie together in storage',
    details: [
      'A run is mapped to absolute addresses one after another, with the same rights by its table entries.',
      'Without a space: the one that operands are in. Nothing changes.',
    ],
  },
  function* ({ guest, vcpu }, [of]): Answer {
    const cpu = cpuOf(guest, vcpu);
    const asce = asceOf(cpu, of);
    yield item(
      'asce',
      asce ?? null,
      asce === undefined ? 'none: real addresses' : `${hex(asce)} (${describeAsce(asce)})`,
    );
    const found = [...mappedRanges(guest.vm, cpu, asce)];
    const bytes = found.reduce((sum, range) => sum + range.bytes, 0n);
    yield item('mapped', bytes, `${bytes >> 10n} KiB in ${found.length} run${found.length === 1 ? '' : 's'}`);
    const shown = found.slice(0, MOST_SHOWN);
    yield item(
      'runs',
      shown.map(({ from, bytes: length, absolute, writable, executable }) => ({
        ...{ first: from, bytes: length, absolute: BigInt(absolute), writable, executable },
      })),
      shown.map(line),
    );
    if (found.length > shown.length) yield item('more', found.length - shown.length);
    return undefined;
  },
);

function line({ from, bytes, absolute, writable, executable }: MappedRange): string {
  const rights = `r${writable ? 'w' : '-'}${executable ? 'x' : '-'}`;
  return `${hex(from)}-${hex(from + bytes - 1n)} ${rights} at absolute ${hex(absolute)}`;
}
