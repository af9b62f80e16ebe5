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
import { slots } from '../cpu/state-layout.ts';
import type { S390xGuest } from '../guest.ts';
import { interceptName } from '../kvm/intercept-log.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';
import {
  cpuflags,
  eca,
  ecb,
  ecb2,
  ictl,
  isBigField,
  type SieBlock,
  type SieField,
  sieFieldNames,
  sieFields,
} from '../sie/state-description.ts';
import { clockItems } from './clock-items.ts';
import { describeControlRegister } from './control-registers.ts';
import { pendingInterruptions } from './pending.ts';
import { flagsItem, inBrackets, pswItem } from './show.ts';

/** `vcpu`: all of a vCPU that a debugger's registers do not show. */
export const vcpu: CommandRow<S390xGuest> = command(
  'vcpu',
  {
    words: words(optional(number('N', 0xffff))),
    usage: '[N]',
    summary: 'show PSW, control registers, clocks, pending interruptions and SIE state description',
    details: [
      'Without N, the vCPU that the debugger has selected. The state description is that of the last exit from SIE.',
    ],
  },
  function* ({ guest, vcpu: selected }, [given]): Answer {
    const v = guest.vm.vcpus[given ?? selected];
    if (v === undefined)
      return mistake(`there is no CPU ${given ?? selected}: there are 0 to ${guest.vm.vcpus.length - 1}`);
    yield item('vcpu', v.id);
    yield item(
      'cpuAddress',
      v.block.peek(() => v.cpuAddress),
    );
    yield item('state', v.stopped ? 'stopped' : v.waiting ? 'wait' : 'running');
    yield pswItem('psw', v.psw);
    yield* controlRegisters(v);
    yield item('prefix', BigInt(v.vcpu.prefix));
    yield* clockItems(v);
    yield item('lastBreak', v.vcpu.big(slots.bea));
    yield item('programParameter', v.vcpu.big(slots.programParameter));
    yield item('pending', pendingInterruptions(v));
    yield* stateDescription(v.block);
    return undefined;
  },
);

function* controlRegisters(v: KvmVcpu): Iterable<Item> {
  for (let n = 0; n < 16; n++) {
    const value = v.vcpu.cr(n);
    yield item(`cr${n}`, value, `${hex(value, 16)}${inBrackets(describeControlRegister(n, value))}`);
  }
}

const flags: Partial<Record<SieField, Readonly<Record<string, number>>>> = { cpuflags, ictl, eca, ecb, ecb2 };
/** Shown above, from the registers themselves. */
const elsewhere: ReadonlySet<string> = new Set([
  'gpsw',
  'gpswAddress',
  'gcr',
  'prefix',
  'cputm',
  'ckc',
  'epoch',
  'pp',
  'gbea',
]);

function* stateDescription(block: SieBlock): Iterable<Item> {
  for (const name of sieFieldNames) {
    const [, bytes] = sieFields[name];
    if (elsewhere.has(name)) continue;
    const value = block.peek((it) => readField(it, name));
    const bits = Object.entries(flags).find(([field]) => field === name)?.[1];
    if (bits !== undefined) yield flagsItem(`sie.${name}`, Number(value), bytes * 2, bits);
    else if (name === 'icptcode')
      yield item(`sie.${name}`, value, `${hex(value, 2)} (${interceptName(Number(value))})`);
    else yield item(`sie.${name}`, value, hex(value, bytes * 2));
  }
}

function readField(block: SieBlock, name: SieField): bigint {
  return isBigField(name) ? block.big(name) : BigInt(block.get(name));
}
