import { PAGE_BYTES } from '../../../machine/layout.ts';
import { type Answer, type CommandRow, command, item, optional, range, words } from '../../../monitor/command.ts';
import { gpa } from '../dat/address.ts';
import type { S390xGuest } from '../guest.ts';
import { USAGE } from '../kvm/usage-state.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { rangeText, runs } from './show.ts';

const names = ['stable', 'unused', 'potentially volatile', 'volatile'] as const;

/** `cmma`: usage states of blocks. */
export const cmma: CommandRow<S390xGuest> = command(
  'cmma',
  {
    words: words(optional(range)),
    usage: '[RANGE]',
    summary: 'show what the guest says of its blocks (collaborative memory management): counts, and a range in runs',
    details: ['It is there when the CPU model has cmm=on. RANGE is of absolute addresses.'],
  },
  function* ({ guest }, [given]): Answer {
    const { vm } = guest;
    const { enabled, used, migrating, listed } = vm.cmma;
    yield item('enabled', enabled);
    if (!enabled) return undefined;
    yield item('used', used);
    yield item('migrating', migrating);
    yield item('waitForRelease', listed);
    const all = [...blocks(vm, 0, Number.MAX_SAFE_INTEGER)];
    const counts = names.map((name, state) => [name, all.filter((b) => (b.state & USAGE.mask) === state).length]);
    yield item(
      'blocks',
      Object.fromEntries(counts),
      counts.map(([name, n]) => `${name}: ${n}`),
    );
    if (given === undefined) return undefined;
    const found = runs(
      blocks(vm, Number(given.first), Number(given.last)),
      (a, b) => b.address === a.address + PAGE_BYTES && a.state === b.state && a.resident === b.resident,
    );
    yield item(
      'states',
      found.map(({ first, count }) => ({
        first: BigInt(first.address),
        blocks: count,
        usage: nameOf(first.state),
        resident: first.resident,
        zero: (first.state & USAGE.zero) !== 0,
      })),
      found.map(({ first, count }) => `${rangeText(first.address, count * PAGE_BYTES)} ${describe(first)}`),
    );
    return undefined;
  },
);

interface ShownBlock {
  readonly address: number;
  readonly state: number;
  readonly resident: boolean;
}

function nameOf(state: number): string {
  return names[state & USAGE.mask] ?? '';
}
function describe({ state, resident }: ShownBlock): string {
  const away = (state & USAGE.zero) !== 0 ? ', zero' : ', preserved';
  return `${nameOf(state)}${resident ? '' : away}`;
}

function* blocks(vm: KvmVm, first: number, last: number): Iterable<ShownBlock> {
  for (const slot of vm.slots().sort((a, b) => a.guest - b.guest)) {
    const from = Math.max(slot.guest, first - (first % PAGE_BYTES));
    const to = Math.min(slot.guest + slot.bytes - 1, last);
    for (let address = from; address <= to; address += PAGE_BYTES) {
      const state = vm.cmma.stateOf(gpa(address));
      if (state !== undefined) yield { address, state, resident: vm.gmap.isPopulated(gpa(address)) };
    }
  }
}
