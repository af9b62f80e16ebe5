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
import type { KvmVcpu } from '../kvm/vcpu.ts';
import { clockItems } from './clock-items.ts';
import { describeControlRegister } from './control-registers.ts';
import { pendingInterruptions } from './pending.ts';
import { inBrackets, pswItem } from './show.ts';
import { stateDescription } from './sie.ts';
import { vcpuOf } from './vcpu-of.ts';

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
    const v = given === undefined ? vcpuOf(guest, selected) : guest.vm.vcpus[given];
    if (v === undefined)
      return mistake(`there is no CPU ${given ?? selected}: there are 0 to ${guest.vm.vcpus.length - 1}`);
    yield item('vcpu', v.id);
    yield item('cpuAddress', v.cpuAddress);
    yield item('state', v.stopped ? 'stopped' : v.waiting ? 'wait' : 'running');
    yield pswItem('psw', v.psw);
    yield* controlRegisters(v);
    yield item('prefix', BigInt(v.vcpu.prefix));
    yield* clockItems(v);
    yield item('lastBreak', v.vcpu.big(slots.bea));
    yield item('programParameter', v.vcpu.big(slots.programParameter));
    yield item('pending', pendingInterruptions(v));
    yield* stateDescription(v.block, 'sie.', elsewhere);
    return undefined;
  },
);

function* controlRegisters(v: KvmVcpu): Iterable<Item> {
  for (let n = 0; n < 16; n++) {
    const value = v.vcpu.cr(n);
    yield item(`cr${n}`, value, `${hex(value, 16)}${inBrackets(describeControlRegister(n, value))}`);
  }
}

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
