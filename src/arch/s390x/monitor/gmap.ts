import { hex } from '../../../bits/hex.ts';
import { type Answer, type CommandRow, command, item, words } from '../../../monitor/command.ts';
import { SEGMENT_BYTES } from '../dat/translate.ts';
import type { S390xGuest } from '../guest.ts';
import { rangeText, runs } from './show.ts';

/** `gmap`: which guest addresses have storage, and which of them the machine reaches without asking. */
export const gmap: CommandRow<S390xGuest> = command(
  'gmap',
  {
    words: words(),
    usage: '',
    summary: 'show memory slots, and which segments of the guest address space are populated',
    details: [
      'A segment is 1 MiB. It is populated by its first access, which counts as a fault. Host addresses are offsets.',
    ],
  },
  function* ({ guest }): Answer {
    const { vm } = guest;
    const slots = vm.slots();
    yield item(
      'slots',
      slots.map((s) => ({
        slot: s.slot,
        guest: BigInt(s.guest),
        bytes: BigInt(s.bytes),
        host: BigInt(s.host),
        ...(s.readOnly === true ? { readOnly: true } : {}),
      })),
      slots.map(
        (s) =>
          `slot ${s.slot}, guest ${rangeText(s.guest, s.bytes)}, host ${hex(s.host)}${s.readOnly === true ? ', read-only' : ''}`,
      ),
    );
    const found = runs(
      vm.gmap.segments(),
      (a, b) => b.guest === a.guest + SEGMENT_BYTES && b.host === a.host + SEGMENT_BYTES && b.populated === a.populated,
    );
    yield item(
      'segments',
      found.map(({ first, count }) => ({
        guest: BigInt(first.guest),
        host: BigInt(first.host),
        segments: count,
        populated: first.populated,
      })),
      found.map(({ first, count }) => {
        const where = `guest ${rangeText(first.guest, count * SEGMENT_BYTES)}, host ${hex(first.host)}`;
        return `${where}, ${count} segment${count === 1 ? '' : 's'}, ${first.populated ? 'populated' : 'not populated'}`;
      }),
    );
    yield item('faults', vm.gmap.faults);
    yield item('limit', BigInt(vm.gmap.limit));
    return undefined;
  },
);
