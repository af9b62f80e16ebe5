import { err, ok, type Result } from '../../../bits/result.ts';
import {
  type Answer,
  type CommandRow,
  command,
  item,
  mistake,
  oneOf,
  optional,
  word,
  words,
} from '../../../monitor/command.ts';
import { type EventKind, eventKinds } from '../cpu/events.ts';
import { EXT, PGM } from '../cpu/interruption-codes.ts';
import { spaceOf } from '../gdb/memory.ts';
import type { S390xGuest } from '../guest.ts';

/** Names that numbers of a kind may be given by. */
const names: Partial<Record<EventKind, Readonly<Record<string, number>>>> = { pgm: PGM, ext: EXT };
/** Bits of a program-interruption code that come beside it. */
const BESIDE = BigInt(PGM.perEvent | PGM.transactional);
const PAGE_MASK = ~0xfffn;

/** An event's number as filters compare it. */
function compared(kind: EventKind, number: bigint): bigint {
  switch (kind) {
    case 'pgm':
      return number === BigInt(PGM.perEvent) ? number : number & ~BESIDE;
    case 'space':
      return spaceOf(number);
    default:
      return number;
  }
}
/** The same for a number that a user gives. */
function wanted(kind: EventKind, number: bigint): bigint {
  return kind === 'key' ? number & PAGE_MASK : compared(kind, number);
}

function numberOf(kind: EventKind, text: string): bigint | undefined {
  if (/^(0x[\da-f_]+|\d[\d_]*)$/i.test(text)) return wanted(kind, BigInt(text.replaceAll('_', '')));
  const name = text.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const named = Object.entries(names[kind] ?? {}).find(([each]) => each === name);
  return named && BigInt(named[1]);
}

/** Numbers, names and ranges with commas between them. */
function filterOf(kind: EventKind, text: string): Result<(number: bigint) => boolean, string> {
  const ranges: (readonly [bigint, bigint])[] = [];
  for (const part of text.split(',')) {
    const single = numberOf(kind, part);
    const [first, last] = single === undefined ? part.split('-').map((end) => numberOf(kind, end)) : [single, single];
    if (first === undefined || last === undefined) return err(`${part} is no ${kind} number, name or range`);
    ranges.push([first, last]);
  }
  return ok((number) => {
    const n = compared(kind, number);
    return ranges.some(([first, last]) => first <= n && n <= last);
  });
}

/** `catch`: stops for events. */
export const catchEvents: CommandRow<S390xGuest> = command(
  'catch',
  {
    words: words(optional(oneOf('delete', ...eventKinds)), optional(word('FILTER'))),
    usage: '[KIND [FILTER]] | [delete N|all]',
    summary: 'stop for events: interruptions, signals, hypervisor calls, storage keys, address spaces, SIE',
    details: [
      'KIND with what FILTER means: pgm (code or name such as page-translation), svc (number), ext (code or name such as clock-comparator),',
      'io (subchannel number), mcck, restart, sigp (order), diag (code), key (address of a block whose key is changed), space (ASCE that a',
      'control register gets, or that SAC chooses), sie (address of a state description: its guest is entered, or left).',
      'FILTER is a number or a range such as 0x10-0x13, or several with commas between them; without it all events of the kind stop.',
      'The stop is behind what made the event: in front of the first instruction of the handler, or behind the instruction. The same',
      'places stop on the way back. Without words: the list; `delete N` takes one away, and a debugger that leaves takes all.',
    ],
  },
  function* ({ debug: { catches } }, [kind, filter]): Answer {
    if (kind === 'delete') {
      if (filter === undefined) return mistake('which one? a number of the list, or all');
      if (filter === 'all') catches.clear();
      else if (!catches.remove(Number(filter))) return mistake(`there is no number ${filter}`);
    } else if (kind !== undefined) {
      const counts = filter === undefined ? ok(() => true) : filterOf(kind, filter);
      if (!counts.ok) return mistake(counts.error);
      catches.add({ kind, filter: filter ?? '', counts: counts.value });
    }
    const all = [...catches.all].map(([number, one]) => ({ number, kind: one.kind, filter: one.filter }));
    yield item(
      'catches',
      all,
      all.map((one) => `number ${one.number}: ${one.kind}${one.filter === '' ? '' : ` ${one.filter}`}`),
    );
    return undefined;
  },
);
