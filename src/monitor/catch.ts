import { hex } from '../bits/hex.ts';
import { err, ok, type Result } from '../bits/result.ts';
import type { Guest } from '../machine/guest.ts';
import { type Answer, type CommandRow, command, item, mistake, oneOf, optional, word, words } from './command.ts';

/** A kind of events that a guest tells of. */
export interface CatchKind {
  readonly kind: string;
  /** Names that numbers may be given by, written as in code (`dataStorage`); a user writes `data-storage`. */
  readonly names?: Readonly<Record<string, number>>;
  /** The largest number of an event; none is larger than a doubleword. */
  readonly most?: number;
  /** An event's number as filters compare it. */
  readonly compared?: (number: bigint) => bigint;
  /** The same for a number that a user gives, where that is another one. */
  readonly wanted?: (number: bigint) => bigint;
}

const DOUBLEWORD = 0xffff_ffff_ffff_ffffn;
const same = (number: bigint): bigint => number;

/** A name in the form in which it is looked for: without case, and without what divides its words. */
function plain(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}

function numberOf({ names = {}, compared = same, wanted = compared }: CatchKind, text: string): bigint | undefined {
  if (/^(0x[\da-f_]+|\d[\d_]*)$/i.test(text)) return wanted(BigInt(text.replaceAll('_', '')));
  const named = Object.entries(names).find(([name]) => plain(name) === plain(text));
  return named && BigInt(named[1]);
}

/** Numbers, names and ranges with commas between them. */
function filterOf(one: CatchKind, text: string): Result<(number: bigint) => boolean, string> {
  const { kind, compared = same, most } = one;
  const largest = most === undefined ? DOUBLEWORD : BigInt(most);
  const ranges: (readonly [bigint, bigint])[] = [];
  for (const part of text.split(',')) {
    const single = numberOf(one, part);
    const [first, last] = single === undefined ? part.split('-').map((end) => numberOf(one, end)) : [single, single];
    if (first === undefined || last === undefined) return err(`${part} is no ${kind} number, name or range`);
    if (first > last) return err(`${part} ends before it begins`);
    if (last > largest) return err(`${part}: no ${kind} number is larger than ${hex(largest)}`);
    ranges.push([first, last]);
  }
  return ok((number) => {
    const n = compared(number);
    return ranges.some(([first, last]) => first <= n && n <= last);
  });
}

/** `catch`, which stops for events of these kinds; `details` says what they and their filters are. */
export function catchCommand<G extends Guest>(
  kinds: readonly CatchKind[],
  { summary, details }: { readonly summary: string; readonly details: readonly string[] },
): CommandRow<G> {
  return command(
    'catch',
    {
      words: words(optional(oneOf('delete', ...kinds.map(({ kind }) => kind))), optional(word('FILTER'))),
      usage: '[KIND [FILTER]] | [delete N|all]',
      summary: `stop for events: ${summary}`,
      details: [
        ...details,
        'FILTER is a number or a range such as 0x10-0x13, or several with commas between them; without it all events of the kind stop.',
        'The stop is behind what made the event: in front of the first instruction of the handler, or behind the instruction. The same',
        'places stop on the way back. Without words: the list; `delete N` takes one away, and a debugger that leaves takes all.',
      ],
    },
    function* ({ debug: { catches } }, [wanted, filter]): Answer {
      const kind = kinds.find((one) => one.kind === wanted);
      if (wanted === 'delete') {
        if (filter === undefined) return mistake('which one? a number of the list, or all');
        if (filter === 'all') catches.clear();
        else if (!catches.remove(Number(filter))) return mistake(`there is no number ${filter}`);
      } else if (kind !== undefined) {
        const counts = filter === undefined ? ok(() => true) : filterOf(kind, filter);
        if (!counts.ok) return mistake(counts.error);
        catches.add({ kind: kind.kind, filter: filter ?? '', counts: counts.value });
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
}
