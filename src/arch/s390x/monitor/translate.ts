import { hex } from '../../../bits/hex.ts';
import { type Answer, address, type CommandRow, command, item, optional, words } from '../../../monitor/command.ts';
import { programInterruptionName } from '../cpu/interruption-codes.ts';
import { unprefixed } from '../dat/prefix.ts';
import { debugWalk } from '../gdb/memory.ts';
import type { S390xGuest } from '../guest.ts';
import { asceOf, space } from './space.ts';
import { cpuOf } from './vcpu-of.ts';

/** `translate`: an address in each of its spaces. */
export const translate: CommandRow<S390xGuest> = command(
  'translate',
  {
    words: words(address, optional(space)),
    usage: 'ADDR [primary|secondary|home|real|ASCE]',
    summary: 'show the real, the absolute and the host address of an address; walk shows how it gets there',
  },
  function* ({ guest, vcpu }, [given, of]): Answer {
    const { vm } = guest;
    const cpu = cpuOf(guest, vcpu);
    const at = of === undefined ? given & cpu.amask : given;
    const { code, absolute, host } = debugWalk(vm, cpu, at, asceOf(cpu, of));
    yield item('address', at);
    if (code !== 0) {
      const name = programInterruptionName(code);
      yield item('exception', { code: BigInt(code), name }, `${name} (${hex(code, 4)})`);
      return undefined;
    }
    yield item('real', BigInt(unprefixed(absolute, cpu.prefix)));
    yield item('absolute', BigInt(absolute));
    yield item('host', BigInt(host));
    const slot = vm.slots().find((s) => absolute >= s.guest && absolute < s.guest + s.bytes);
    yield item('slot', slot?.slot ?? null);
    return undefined;
  },
);
