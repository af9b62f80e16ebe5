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
  words,
} from '../../../monitor/command.ts';
import { spaceOf } from '../gdb/memory.ts';
import type { S390xGuest } from '../guest.ts';
import { asceOf, describeAsce, space } from './space.ts';
import { vcpuOf } from './vcpu-of.ts';

/** `break-asce`: breakpoints that count in one address space. */
export const breakAsce: CommandRow<S390xGuest> = command(
  'break-asce',
  {
    words: words(optional(address), optional(either(oneOf('current', 'any'), space))),
    usage: '[ADDR [current|primary|secondary|home|ASCE|any]]',
    summary: 'limit breakpoints at an address to one address space, such as that of one process',
    details: [
      'ADDR is where gdb has a breakpoint, or will have one. current, the default: the space that the selected CPU',
      'executes in; any: no limit any more. Spaces are told apart by the origins of their tables. Without words: the limits.',
      'In the kernel of Linux, secondary is the space of the process that it serves.',
    ],
  },
  function* ({ guest, debug, vcpu: id }, [at, where = 'current']): Answer {
    const { limits } = debug;
    const { vcpu } = vcpuOf(guest, id);
    if (at !== undefined && where === 'any') {
      limits.delete(at);
    } else if (at !== undefined && where !== 'any') {
      if (where === 'real') return mistake('real addresses are in no space of their own');
      const asce = where === 'current' ? vcpu.instructionAsce() : asceOf(vcpu, where);
      if (asce === undefined) return mistake('the selected CPU executes real addresses: there is no current space');
      limits.set(at, { space: spaceOf(asce), name: asce });
    }
    const found = [...limits].map(([address, { name }]): [bigint, bigint] => [address, name]);
    yield item(
      'limits',
      found.map(([address, asce]) => ({ address, asce })),
      found.map(([address, asce]) => `${hex(address)} in ${hex(asce, 16)} (${describeAsce(asce)})`),
    );
    return undefined;
  },
);
