import { hex } from '../../../bits/hex.ts';
import {
  type Answer,
  address,
  type CommandRow,
  command,
  either,
  item,
  mistake,
  oneOf,
  optional,
  value64,
  words,
} from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';
import { describeAsce } from './space.ts';
import { vcpuOf } from './vcpu-of.ts';

/** `break-asce`: breakpoints that count in one address space. */
export const breakAsce: CommandRow<S390xGuest> = command(
  'break-asce',
  {
    words: words(optional(address), optional(either(oneOf('current', 'any'), { ...value64, form: 'ASCE' }))),
    usage: '[ADDR [ASCE|current|any]]',
    summary: 'limit breakpoints at an address to one address space, such as that of one process',
    details: [
      'ADDR is where gdb has a breakpoint, or will have one. current, the default: the space that the selected CPU',
      'executes in; any: no limit any more. Spaces are told apart by the origins of their tables. Without words: the limits.',
    ],
  },
  function* ({ guest, vcpu }, [at, space]): Answer {
    const { limits } = guest.stops;
    if (at !== undefined && space === 'any') limits.delete(at);
    else if (at !== undefined) {
      const asce = typeof space === 'bigint' ? space : vcpuOf(guest, vcpu).vcpu.instructionAsce();
      if (asce === undefined) return mistake('the selected CPU executes real addresses: there is no current space');
      limits.set(at, asce);
    }
    const found = [...limits];
    yield item(
      'limits',
      found.map(([address, asce]) => ({ address, asce })),
      found.map(([address, asce]) => `${hex(address)} in ${hex(asce, 16)} (${describeAsce(asce)})`),
    );
    return undefined;
  },
);
