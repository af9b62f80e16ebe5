import { bytesToHex, hex } from '../../bits/hex.ts';
import { err, ok } from '../../bits/result.ts';
import type { Past, Write } from '../../debug/target.ts';
import type { Guest } from '../../machine/guest.ts';
import {
  type Answer,
  type CommandRow,
  command,
  item,
  mistake,
  number,
  optional,
  type Parser,
  range,
  word,
  words,
} from '../command.ts';

const NONE = mistake('no history is kept: start guestscope without --history off, and with --gdb');

const whys = {
  start: 'since the guest was loaded',
  restored: 'since a saved state was put into the machine',
  budget: 'what was before made room: more is kept with --history SIZE',
};

/** `history`: what is kept of the past. */
const history: CommandRow<Guest> = command(
  'history',
  { words: words(), usage: '', summary: 'where the past begins that one can go back to, and what it costs' },
  function* ({ debug: { past } }): Answer {
    if (past === undefined) return NONE;
    const { at, why } = past.beginning;
    const { marks, inputs, bytes, budget, keptPages, markMs } = past.counts;
    yield item('begins', { at, why }, `${at}, ${whys[why]}`);
    yield item('ends', past.end, String(past.end));
    yield item('here', past.time, `${past.time}${past.isPast ? ', in the past' : ', the present'}`);
    yield item('marks', marks);
    yield item('inputs', inputs);
    yield item('bytes', { used: bytes, budget }, `${mebibytes(bytes)} of ${mebibytes(budget)} MiB`);
    yield item('pages kept so far', keptPages);
    yield item('milliseconds for marks', Math.round(markMs));
    return undefined;
  },
);

function mebibytes(bytes: number): string {
  return (bytes / (1 << 20)).toFixed(1);
}

/** `when`: the time. */
const when: CommandRow<Guest> = command(
  'when',
  { words: words(), usage: '', summary: 'the time, in instructions that have passed for the machine' },
  function* ({ debug: { past } }): Answer {
    if (past === undefined) return NONE;
    yield item('time', past.time, `${past.time}${past.isPast ? `, ${past.end - past.time} before the present` : ''}`);
    return undefined;
  },
);

/** A time: a number, a distance from here, or what `mark` has named. */
const time: Parser<
  { readonly kind: 'at' | 'from-here'; readonly n: bigint } | { readonly kind: 'name'; readonly name: string }
> = {
  form: 'TIME|-N|+N|NAME',
  parse(given) {
    const number = /^([-+]?)(\d[\d_]*|0x[\da-f]+)$/i.exec(given);
    if (number !== null) {
      const n = BigInt((number[2] ?? '').replaceAll('_', ''));
      return ok({ kind: number[1] === '' ? 'at' : 'from-here', n: number[1] === '-' ? -n : n });
    }
    return /^[A-Za-z]/.test(given) ? ok({ kind: 'name', name: given }) : err(`${given} is no time`);
  },
};

/** `seek`: goes to a time. */
const seek: CommandRow<Guest> = command(
  'seek',
  {
    words: words(time),
    usage: 'TIME|-N|+N|NAME',
    summary: 'go to a time, with the next step of gdb',
    details: [
      'TIME counts instructions as `when` does; -N and +N count from here; NAME is one that `mark` gave; `present` is the last.',
      'gdb knows registers only as of its last stop: so the guest goes there with the next stepi, which stops there.',
      'gs-seek of gdb-scripts/guestscope.py does both at once.',
    ],
  },
  function* ({ debug: { past } }, [given]): Answer {
    if (past === undefined) return NONE;
    const at = timeOf(past, given);
    if (at === undefined) return mistake('there is no such name: `marks` lists them');
    const { at: begin } = past.beginning;
    past.goal = at < begin ? begin : at > past.end ? past.end : at;
    const nearest = at < begin ? ', where the history begins' : at > past.end ? ', the present' : '';
    yield item('to', past.goal, `${past.goal}${nearest}; stepi goes there`);
    return undefined;
  },
);

function timeOf(
  past: Past,
  given: { kind: 'at' | 'from-here'; n: bigint } | { kind: 'name'; name: string },
): bigint | undefined {
  switch (given.kind) {
    case 'at':
      return given.n;
    case 'from-here':
      return past.time + given.n;
    case 'name':
      return given.name === 'present' ? past.end : past.names.get(given.name);
  }
}

/** `mark`: names a time. */
const mark: CommandRow<Guest> = command(
  'mark',
  { words: words(word('NAME')), usage: 'NAME', summary: 'give this time a name, for seek' },
  function* ({ debug: { past } }, [name]): Answer {
    if (past === undefined) return NONE;
    if (!/^[A-Za-z][\w-]*$/.test(name) || name === 'present')
      return mistake('a name begins with a letter, and is not `present`');
    past.names.set(name, past.time);
    yield item(name, past.time, String(past.time));
    return undefined;
  },
);

/** `marks`: named times. */
const marks: CommandRow<Guest> = command(
  'marks',
  { words: words(), usage: '', summary: 'the times that have names' },
  function* ({ debug: { past } }): Answer {
    if (past === undefined) return NONE;
    const all = [...past.names].sort(([, a], [, b]) => (a < b ? -1 : 1)).map(([name, at]) => ({ name, at }));
    yield item(
      'marks',
      all,
      all.map(({ name, at }) => `${name} ${at}`),
    );
    return undefined;
  },
);

const MOST_WRITERS = 1000;
const MOST_BYTES = 4096n;
const SHOWN_BYTES = 16;

/** `timeline`: what came where the past was changed. */
const timeline: CommandRow<Guest> = command(
  'timeline',
  {
    words: words(optional(word('NAME'))),
    usage: '[NAME]',
    summary: 'what came where somebody has changed the past; NAME goes to its end, with the next step of gdb',
    details: [
      'A write in the past makes what came after it a timeline of its own, named A, B and so on; the guest goes on in a new one.',
      'To go into one makes the one that is left a timeline of a new name. A function that gdb calls in the past, and that comes',
      'back without gdb having stored anything, leaves none.',
    ],
  },
  function* ({ debug: { past } }, [name]): Answer {
    if (past === undefined) return NONE;
    if (name !== undefined && !past.follow(name)) return mistake('there is no such timeline');
    const all = past.timelines.map(({ name: each, from, to }) => ({ name: each, from: String(from), to: String(to) }));
    yield item(
      'timelines',
      all,
      all.map((each) => `${each.name} from ${each.from} to ${each.to}`),
    );
    if (name !== undefined) yield item('to', name, `the end of ${name}; stepi goes there`);
    return undefined;
  },
);

/** `writers`: who stored last. */
const writers: CommandRow<Guest> = command(
  'writers',
  {
    words: words(range, optional(number('N', MOST_WRITERS))),
    usage: 'RANGE [N]',
    summary: 'who has stored there last, newest first: time, CPU, instruction, old and new bytes',
    details: [
      'RANGE is ADDR, ADDR+LENGTH or FIRST-LAST, of the space that the selected CPU sees; one address means 8 bytes. N is 4 when not given.',
      'A store that changes nothing is listed, and said to be silent. What a device stores counts for the instruction that',
      'made it; what comes from outside, between two instructions, has no CPU. `seek TIME` goes in front of a store.',
      'gs-writers of gdb-scripts/guestscope.py takes an expression of gdb and shows symbols and lines.',
    ],
  },
  function* ({ guest, debug: { past }, vcpu }, [given, most = 4]): Answer {
    if (past === undefined) return NONE;
    if (most === 0) return mistake('N is 1 at least');
    const { first, last } = given;
    const length = first === last ? 8n : last - first + 1n;
    if (length > MOST_BYTES) return mistake(`more than ${MOST_BYTES} bytes`);
    if (guest.storageBehind(vcpu, first, Number(length)).pieces.length === 0)
      return mistake(`no storage lies at ${hex(first)} now for CPU ${vcpu}; \`thread N\` of gdb selects another`);
    const found = past.writers(vcpu, first, Number(length), most);
    const shown = found.writes.map((write) => ({
      at: String(write.at),
      cpu: write.vcpu ?? 'outside',
      instruction: write.instruction ?? null,
      address: write.address,
      before: bytesToHex(write.before.subarray(0, SHOWN_BYTES)),
      after: bytesToHex(write.after.subarray(0, SHOWN_BYTES)),
      silent: isSilent(write),
    }));
    yield item('writers', shown, found.writes.map(textOf));
    if (found.writes.length < most) yield item('searched from', String(found.searchedFrom));
    return undefined;
  },
);

const MOST_BRANCHES = 10_000;

/** `branches`: how the guest came here. */
const branches: CommandRow<Guest> = command(
  'branches',
  {
    words: words(optional(number('N', MOST_BRANCHES))),
    usage: '[N]',
    summary: 'where the selected CPU has branched or was interrupted last, newest first',
    details: [
      'Each with its time, for seek, the instruction that did not go on behind itself, and where it went. N is 16 when not given.',
      'gs-branches of gdb-scripts/guestscope.py shows symbols and lines; `record btrace` lists functions and instructions.',
    ],
  },
  function* ({ guest, debug: { past }, vcpu: selected }, [most = 16]): Answer {
    const vcpu = selected % guest.vcpus.length;
    if (past === undefined) return NONE;
    const here = guest.vcpus[vcpu]?.pc() ?? 0n;
    const runs = past.straightRuns(vcpu, most + 1);
    const all = runs.map(({ last, at }, i) => ({ at: String(at), from: last, to: runs[i - 1]?.first ?? here }));
    // What the newest run goes on with is no branch unless it leads elsewhere.
    const [newest] = all;
    const length = newest === undefined ? 0 : (guest.instructionLength?.(vcpu, newest.from) ?? 4);
    const goesOn = newest !== undefined && newest.from + BigInt(length) === here;
    const found = all.slice(goesOn ? 1 : 0).slice(0, most);
    yield item(
      'branches',
      found,
      found.map(({ at, from, to }) => `time ${at}: ${hex(from)} -> ${hex(to)}`),
    );
    return undefined;
  },
);

/** `retrace`: tracepoints, over the past. */
const retrace: CommandRow<Guest> = command(
  'retrace',
  {
    words: words(optional(time)),
    usage: '[TIME|-N|NAME]',
    summary: 'let the tracepoints of a run collect what they would have collected in the past, up to here',
    details: [
      'After tstart: from TIME on, or from where the history begins, the guest runs again, and frames go to the buffer as they do',
      'while it runs for the first time. Then tstop, tfind, tdump. The guest is where it was.',
    ],
  },
  function* ({ debug: { past, traces } }, [from]): Answer {
    if (past === undefined) return NONE;
    if (traces?.status.running !== true) return mistake('no trace runs: tstart begins one');
    const at = from === undefined ? past.beginning.at : timeOf(past, from);
    if (at === undefined) return mistake('there is no such name: `marks` lists them');
    const whole = past.retrace(at < past.beginning.at ? past.beginning.at : at);
    yield item('frames', traces.status.frames);
    if (!whole) yield item('given up', true, 'it took too long');
    return undefined;
  },
);

function isSilent({ before, after }: Write): boolean {
  return before.every((byte, i) => byte === after[i]);
}
function textOf(write: Write): string {
  const who = write.vcpu === undefined ? 'from outside' : `CPU ${write.vcpu} at ${hex(write.instruction ?? 0n)}`;
  const shown = (bytes: Uint8Array): string =>
    `${bytesToHex(bytes.subarray(0, SHOWN_BYTES))}${bytes.length > SHOWN_BYTES ? '...' : ''}`;
  const what = isSilent(write)
    ? `${shown(write.after)} again, silent`
    : `${shown(write.before)} -> ${shown(write.after)}`;
  return `time ${write.at}: ${who}: ${what}`;
}

/** The commands about a guest's past, of every architecture. */
export const pastCommands: readonly CommandRow<Guest>[] = [
  branches,
  history,
  mark,
  marks,
  retrace,
  seek,
  timeline,
  when,
  writers,
];
