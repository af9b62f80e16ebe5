import { hex } from '../../../bits/hex.ts';
import {
  type Answer,
  type CommandRow,
  command,
  type Item,
  item,
  mistake,
  number,
  optional,
  words,
} from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import { interceptName } from '../kvm/intercept-log.ts';
import {
  cpuflags,
  eca,
  ecb,
  ecb2,
  ecb3,
  ictl,
  isBigField,
  type SieBlock,
  type SieField,
  sieFieldNames,
  sieFields,
} from '../sie/state-description.ts';
import { flagsItem } from './show.ts';
import { vcpuOf } from './vcpu-of.ts';

/** `sie`: a vCPU's state description. */
export const sie: CommandRow<S390xGuest> = command(
  'sie',
  {
    words: words(optional(number('N', 0xffff))),
    usage: '[N]',
    summary: "show a vCPU's SIE state description, field by field, with the names of the bits that are on",
    details: [
      'Without N, the vCPU that the debugger has selected. Control registers are gcr0 to gcr15.',
      'While the vCPU interprets a guest of its own, that one follows, as its state description has been since it was entered.',
    ],
  },
  function* ({ guest, vcpu: selected }, [given]): Answer {
    const v = given === undefined ? vcpuOf(guest, selected) : guest.vm.vcpus[given];
    if (v === undefined) return mistake(`there is no CPU ${given ?? selected}`);
    yield item('vcpu', v.id);
    yield* stateDescription(v.block, '', new Set(['gcr']));
    for (let n = 0; n < 16; n++) {
      const value = v.block.peek((block) => block.gcr(n));
      yield item(`gcr${n}`, value, hex(value, 16));
    }
    const { active, address, block } = v.interpretation;
    if (!active) return undefined;
    yield item('interprets', BigInt(address));
    yield* stateDescription(block, 'guest.', new Set(['gcr']));
    return undefined;
  },
);

const flags: Partial<Record<SieField, Readonly<Record<string, number>>>> = { cpuflags, ictl, eca, ecb, ecb2, ecb3 };

/** All fields of a state description but those that are shown elsewhere. */
export function* stateDescription(block: SieBlock, prefix: string, elsewhere: ReadonlySet<string>): Iterable<Item> {
  for (const name of sieFieldNames) {
    const [, bytes] = sieFields[name];
    if (elsewhere.has(name)) continue;
    const value = block.peek((it) => readField(it, name));
    const bits = Object.entries(flags).find(([field]) => field === name)?.[1];
    if (bits !== undefined) yield flagsItem(`${prefix}${name}`, Number(value), bytes * 2, bits);
    else if (name === 'icptcode')
      yield item(`${prefix}${name}`, value, `${hex(value, 2)} (${interceptName(Number(value))})`);
    else yield item(`${prefix}${name}`, value, hex(value, bytes * 2));
  }
}

function readField(block: SieBlock, name: SieField): bigint {
  return isBigField(name) ? block.big(name) : BigInt(block.get(name));
}
