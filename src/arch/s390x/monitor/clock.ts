import { type Answer, type CommandRow, command, item, words } from '../../../monitor/command.ts';
import { slots } from '../cpu/state-layout.ts';
import type { S390xGuest } from '../guest.ts';
import { clockItems } from './clock-items.ts';
import { vcpuOf } from './vcpu-of.ts';

/** `clock`: what time it is for the guest. */
export const clock: CommandRow<S390xGuest> = command(
  'clock',
  {
    words: words(),
    usage: '',
    summary: 'show TOD clock, clock comparator, CPU timer and instruction count',
  },
  function* ({ guest, vcpu }): Answer {
    const v = vcpuOf(guest, vcpu);
    yield item('vcpu', v.id);
    yield* clockItems(v);
    yield item('epoch', v.vcpu.big(slots.epoch));
    yield item('epoch-index', v.vcpu.num(slots.epochIndex));
    return undefined;
  },
);
