import { hex } from '../../../bits/hex.ts';
import { type Answer, type CommandRow, command, item, words } from '../../../monitor/command.ts';
import { CR9 } from '../cpu/control-register-bits.ts';
import { lowcore } from '../cpu/lowcore.ts';
import { PSW } from '../cpu/psw.ts';
import { further, gpa } from '../dat/address.ts';
import type { S390xGuest } from '../guest.ts';
import { flagNames } from './show.ts';
import { peekAbsolute } from './storage.ts';
import { vcpuOf } from './vcpu-of.ts';

const codes = {
  branching: 0x80,
  instructionFetching: 0x40,
  storageAlteration: 0x20,
  storageKeyAlteration: 0x10,
  storeUsingRealAddress: 0x08,
  zeroAddressDetection: 0x04,
  transactionEnd: 0x02,
  nullification: 0x01,
} as const;

/** `per`: the guest's own program-event recording. */
export const per: CommandRow<S390xGuest> = command(
  'per',
  {
    words: words(),
    usage: '',
    summary:
      "show the guest's own program-event recording: what is recorded, where, and the last event that was presented",
    details: ['A debugger out here uses none of it: what is shown is what programs in the guest asked for.'],
  },
  function* ({ guest, vcpu }): Answer {
    const v = vcpuOf(guest, vcpu);
    const on = (v.vcpu.psw.mask & PSW.per) !== 0n;
    const events = flagNames(v.vcpu.crLow(9), CR9);
    yield item('recording', on, on ? 'on' : 'off, by PSW bit 1');
    yield item('events', events);
    const [first, last] = [v.vcpu.cr(10), v.vcpu.cr(11)];
    yield item('range', { first, last }, `${hex(first)} to ${hex(last)}${first > last ? ', wrapping around' : ''}`);
    const prefix = gpa(v.vcpu.prefix);
    const low = peekAbsolute(v.vm, further(prefix, lowcore.perCode[0]), 1)?.[0] ?? 0;
    const address = peekAbsolute(v.vm, further(prefix, lowcore.perAddress[0]), 8) ?? new Uint8Array(8);
    const at = new DataView(address.buffer).getBigUint64(0);
    const names = flagNames(low, codes);
    yield item('last', { code: BigInt(low), events: names, address: at }, `${names.join(' ') || 'none'} at ${hex(at)}`);
    return undefined;
  },
);
