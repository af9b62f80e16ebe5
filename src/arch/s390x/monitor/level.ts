import { type Answer, type CommandRow, command, item, oneOf, optional, words } from '../../../monitor/command.ts';
import type { S390xGuest } from '../guest.ts';

/** `level`: which level of guests a debugger looks at. */
export const level: CommandRow<S390xGuest> = command(
  'level',
  {
    words: words(optional(oneOf('1', '2', 'any'))),
    usage: '[1|2|any]',
    summary: 'say, or choose, which level of guests registers, storage and breakpoints are of',
    details: [
      'A guest that is a hypervisor executes START INTERPRETIVE EXECUTION: its own guest runs at level 2.',
      'any: what a vCPU executes at the moment, and breakpoints stop at either level.',
      '1: the guest itself, at that instruction while its guest runs; 2: its guest while one runs. Breakpoints stop at that level only.',
      'While a vCPU interprets, its other level is a further thread, with its own registers and storage: `thread 2`. Both run and stop together.',
      'gdb keeps registers: `maintenance flush register-cache` makes it ask again.',
    ],
  },
  function* ({ guest: { vm } }, [chosen]): Answer {
    if (chosen !== undefined) vm.debugLevel = chosen === 'any' ? 'any' : chosen === '1' ? 1 : 2;
    yield item('level', String(vm.debugLevel));
    for (const v of vm.vcpus) {
      const { active, address } = v.interpretation;
      if (active)
        yield item(`cpu${v.id}`, BigInt(address), `interprets the state description at 0x${address.toString(16)}`);
    }
    return undefined;
  },
);
