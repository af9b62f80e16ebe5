import { PAGE_BYTES } from '../../../machine/layout.ts';
import {
  type Answer,
  type CommandRow,
  command,
  either,
  item,
  mistake,
  oneOf,
  range,
  words,
} from '../../../monitor/command.ts';
import { gpa } from '../dat/address.ts';
import type { S390xGuest } from '../guest.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { describeKey, keyAt } from './key.ts';
import { rangeText, runs } from './show.ts';

/** `skeys`: storage keys. */
export const skeys: CommandRow<S390xGuest> = command(
  'skeys',
  {
    words: words(either(oneOf('status'), range)),
    usage: 'status|RANGE',
    summary: 'show whether storage keys are in use, or those of a range of absolute addresses in runs of equal ones',
    details: [
      'RANGE is A-B with both ends, A+LENGTH, or one address.',
      "Keys are kept from the guest's first storage-key instruction on; reference bits as the machine needs them.",
    ],
  },
  function* ({ guest }, [wanted]): Answer {
    const { vm } = guest;
    if (wanted === 'status') {
      yield item('inUse', vm.usesKeys);
      yield item('enabled', vm.keysEnabled, `${vm.keysEnabled} time${vm.keysEnabled === 1 ? '' : 's'}`);
      return undefined;
    }
    const { first, last } = wanted;
    const pages = [...framesOf(vm, first, last)];
    if (pages.length === 0) return mistake('the range is not in the configuration');
    const unused = guest.restored
      ? 'no: dumps have no storage keys'
      : 'no: the guest has not used a storage-key instruction yet';
    yield item('inUse', vm.usesKeys, vm.usesKeys ? 'yes' : unused);
    const found = runs(pages, (a, b) => b.address === a.address + PAGE_BYTES && b.key === a.key);
    yield item(
      'keys',
      found.map((run) => ({ first: BigInt(run.first.address), pages: run.count, key: BigInt(run.first.key) })),
      found.map((run) => `${rangeText(run.first.address, run.count * PAGE_BYTES)} ${describeKey(run.first.key)}`),
    );
    return undefined;
  },
);

function* framesOf(
  vm: KvmVm,
  first: bigint,
  last: bigint,
): Iterable<{ readonly address: number; readonly key: number }> {
  for (const slot of vm.slots().sort((a, b) => a.guest - b.guest)) {
    const from = Math.max(slot.guest, Number(first & ~0xfffn));
    const to = Math.min(slot.guest + slot.bytes - 1, Number(last));
    for (let address = from; address <= to; address += PAGE_BYTES) {
      const host = vm.gmap.peek(gpa(address));
      if (host >= 0) yield { address, key: keyAt(vm, host) };
    }
  }
}
