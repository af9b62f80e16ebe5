import { bigEndian } from '../../../bits/hex.ts';
import {
  type Answer,
  address,
  type CommandRow,
  command,
  type Item,
  item,
  mistake,
  optional,
  value64,
  words,
} from '../../../monitor/command.ts';
import { PSW } from '../cpu/psw.ts';
import { debugRead } from '../gdb/memory.ts';
import type { S390xGuest } from '../guest.ts';
import { inDisabledWait } from '../kvm/intercept/idle.ts';
import { pswItem } from './show.ts';

const PSW_BYTES = 16;

function waitItem(disabled: boolean): Item {
  const text = disabled
    ? 'for ever: no interruption is let in; to set $pc ends it'
    : 'until an interruption comes; to set $pc ends it, too';
  return item('wait', disabled ? 'disabled' : 'enabled', text);
}

/** `psw`: a PSW in words. */
export const psw: CommandRow<S390xGuest> = command(
  'psw',
  {
    words: words(optional(address), optional({ ...value64, form: 'ADDRESS' })),
    usage: '[ADDR | MASK ADDRESS]',
    summary: 'decode the current PSW, the one stored at ADDR, or the one given',
  },
  function* ({ guest, vcpu }, [first, second]): Answer {
    const { v, cpu } = guest.looked(vcpu);
    if (first === undefined) {
      const { psw: now } = cpu;
      yield pswItem('psw', now);
      if (cpu === v.vcpu && (now.mask & PSW.wait) !== 0n) yield waitItem(inDisabledWait(v));
    } else if (second !== undefined) {
      yield pswItem('psw', { mask: first, address: second });
    } else {
      const bytes = debugRead(guest.vm, cpu, first, PSW_BYTES);
      if (bytes.length < PSW_BYTES) return mistake(`the vCPU cannot reach 16 bytes at 0x${first.toString(16)} now`);
      yield pswItem('psw', { mask: bigEndian(bytes.subarray(0, 8)), address: bigEndian(bytes.subarray(8)) });
    }
    return undefined;
  },
);
